"""Options and fixtures of the test suite."""

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from running import Command, Compare

# Every run draws the same examples, so that a failure can be seen again; the random profile
# (`pytest --hypothesis-profile random`) draws others each time and says how to repeat a failure.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "random",
    settings.get_profile("repeatable"),
    derandomize=False,
    max_examples=300,
    print_blob=True,
)
settings.load_profile("repeatable")

# What terminals, runners and pytest-xdist say of themselves, and commands listen to.
SURROUNDINGS = (
    "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden files anew, to be read")


def pytest_collection_finish() -> None:
    """Garbage is not looked for among the many thousand tests that were found."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def same_surroundings_everywhere() -> Iterator[None]:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as behind & in a script
        signal.signal(signal.SIGINT, signal.default_int_handler)  # processes that tests start too
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in SURROUNDINGS:
            monkeypatch.delenv(name, raising=False)
        yield


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    """`run("describe", "lenet")`: a command on a pipe."""
    return Command(capsys)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder outside of any repository, made the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compare a text with its golden file, or write it there under --update."""

    def compare(golden: Path, text: str) -> None:
        if request.config.getoption("--update"):
            golden.write_text(text, encoding="utf-8", newline="\n")
        assert text == golden.read_text(encoding="utf-8")

    return compare
