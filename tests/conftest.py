"""Options and fixtures of the test suite."""

import pytest
from running import Command


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden files anew, to be read")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`run("describe", "lenet")`: a command on a pipe."""
    return Command(capsys, monkeypatch)
