"""[tool.cnncalc] in pyproject.toml: what it may say, where it is looked for, what it is refused."""

from pathlib import Path

import pytest
from running import Command

from cnncalc.checks.budgets import LEAST, MOST, for_file
from cnncalc.config import Config, ConfigError, load_config

GOOD = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"

FULL = """\
[tool.cnncalc]
specs = ["specs", "models/*.cnn.yaml"]
select = ["CNN3", "CNN4"]
ignore = "uneven-window, CNN308"
fail-on = "warning"
strict = true
max = {parameters = "5M", memory = "40MiB", layers = 60}
min = {macs = 1_000}

[tool.cnncalc.budgets."specs/mobile/*"]
max = {params = "2M"}

[tool.cnncalc.budgets."specs/*"]
max = {parameters = "9M"}
"""


def load(folder: Path, text: str) -> Config:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(str(folder), str(folder))


def test_everything_it_may_say(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    assert (config.file, config.folder) == ("pyproject.toml", str(tmp_path))
    assert config.specs == ("specs", "models/*.cnn.yaml")
    assert config.select == ("CNN3", "CNN4")
    assert config.ignore == ("uneven-window, CNN308",)
    assert (config.fail_on, config.strict) == ("warning", True)
    assert [budget[:3] + budget[4:] for budget in config.budgets] == [
        ("parameters", MOST, "5M", ""),
        ("memory", MOST, "40MiB", ""),
        ("layers", MOST, "60", ""),
        ("macs", LEAST, "1000", ""),
        ("parameters", MOST, "2M", "specs/mobile/*"),
        ("parameters", MOST, "9M", "specs/*"),
    ]
    assert config.budgets[4].origin == ('pyproject.toml, budgets."specs/mobile/*".max.params = 2M')


@pytest.mark.parametrize(
    ("path", "expected"),
    [("net.yaml", "5M"), ("specs/net.yaml", "9M"), ("specs/mobile/net.yaml", "9M")],
)
def test_the_last_budget_that_matches_counts(path: str, expected: str, tmp_path: Path) -> None:
    budgets = for_file(load(tmp_path, FULL).budgets, path)
    assert [budget.written for budget in budgets] == [expected, "40MiB", "60", "1000"]


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\nspecs = 3\n"])
def test_nothing_for_cnncalc(text: str, tmp_path: Path) -> None:
    assert load(tmp_path, text) == Config()


# Where it is looked for.


def test_the_nearest_that_has_settings(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.cnncalc]\nspecs = ['outer']\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    config = load_config(str(inner), str(tmp_path))
    assert (config.file, config.folder) == ("../../pyproject.toml", str(tmp_path))
    assert config.specs == ("outer",)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.cnncalc]\nspecs = ['inner']\n")
    assert load_config(str(inner), None).specs == ("inner",)


def test_not_outside_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.cnncalc]\nspecs = ['outer']\n")
    assert load_config(str(inner), str(tmp_path / "a")) == Config()


def test_without_paths_the_project_says_what_is_checked(
    tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From whatever folder of it."""
    for name in ("specs", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.yaml").write_text(GOOD)
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cnncalc]\nspecs = "specs"\nbudgets."specs/*".max.parameters = 3\n'
    )
    monkeypatch.chdir(tmp_path / "other")
    assert "specs/net.yaml" in run("check").out
    assert run("check", ".").code == 0
    assert run("check", "../specs").code == 1


def test_options_go_before_settings(
    tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.yaml").write_text(GOOD)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cnncalc]\nfail-on = "note"\nignore = ["CNN4"]\nmax = {parameters = 3}\n'
    )
    monkeypatch.chdir(tmp_path)
    assert run("check").code == 1
    assert run("check", "--fail-on", "error").code == 0
    assert run("check", "--ignore", "CNN311").code == 0
    assert run("check", "--select", "CNN302").code == 0


# What is refused.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.cnncalc", "not TOML: "),
        ("cnncalc = " + "[" * 5_000, ""),  # nested too deeply, as Python says it
        ("cnncalc = " + "1" * 5_000, "not TOML: "),
        ("#" * 2_000_000, "larger than 1,048,576 bytes"),
        ("[tool]\ncnncalc = 3", "tool.cnncalc: takes a table, not 3"),
        ("[tool.cnncalc]\nspces = []", "tool.cnncalc: no key spces; did you mean specs?"),
        ("[tool.cnncalc]\nfail_on = 'note'", "tool.cnncalc: no key fail_on; did you mean fail-on?"),
        ("[tool.cnncalc]\nxyz = 1", "tool.cnncalc: no key xyz; known: specs, select, ignore, "),
        ("[tool.cnncalc]\nspecs = 3", "tool.cnncalc.specs: takes a list of texts, not 3"),
        ("[tool.cnncalc]\nspecs = [1]", "tool.cnncalc.specs: takes a list of texts, not a list"),
        ("[tool.cnncalc]\nspecs = ['']", "tool.cnncalc.specs: an empty text"),
        ("[tool.cnncalc]\nstrict = 'yes'", "tool.cnncalc.strict: takes true or false, not 'yes'"),
        (
            "[tool.cnncalc]\nfail-on = 'eror'",
            "tool.cnncalc.fail-on: takes error, warning, note, not 'eror'",
        ),
        (
            "[tool.cnncalc]\nignore = ['CNN999']",
            "tool.cnncalc.ignore: no problem has the code or name CNN999; ",
        ),
        ("[tool.cnncalc]\nignore = ['CNN101']", "tool.cnncalc.ignore: CNN101 cannot be ignored"),
        ("[tool.cnncalc]\nmax = 3", "tool.cnncalc.max: takes a table, not 3"),
        (
            "[tool.cnncalc.max]\nparamters = 3",
            "tool.cnncalc.max: no quantity paramters; did you mean parameters?",
        ),
        (
            "[tool.cnncalc.max]\nreceptive_field = 3",
            "tool.cnncalc.max: receptive_field has no total; known: weights, biases, ",
        ),
        (
            "[tool.cnncalc.max]\nparameters = 3.5",
            'tool.cnncalc.max.parameters: takes 5_000_000 or "5M", not 3.5',
        ),
        (
            "[tool.cnncalc.max]\nparameters = true",
            'tool.cnncalc.max.parameters: takes 5_000_000 or "5M", not true',
        ),
        (
            "[tool.cnncalc.min]\nparameters = '5 million'",
            "tool.cnncalc.min: parameters: 5 million is not a number; write 5000000, 5_000_000, 5M",
        ),
        (
            "[tool.cnncalc.max]\nmemory = '5M'",
            "tool.cnncalc.max: memory: memory is written in 1024s, 5M is not; write 40MiB, 1GiB",
        ),
        ("[tool.cnncalc]\nbudgets = 3", "tool.cnncalc.budgets: takes a table, not 3"),
        ("[tool.cnncalc.budgets]\na = 3", 'tool.cnncalc.budgets."a": takes a table, not 3'),
        (
            "[tool.cnncalc.budgets.a]\nmx = {}",
            'tool.cnncalc.budgets."a": no key mx; did you mean max?',
        ),
        ("[tool.cnncalc.budgets.'']\nmax = {}", "tool.cnncalc.budgets: an empty pattern"),
        (
            "[tool.cnncalc.budgets.a.max]\nparamters = 3",
            'tool.cnncalc.budgets."a".max: no quantity paramters; did you mean parameters?',
        ),
    ],
)
def test_what_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(f"pyproject.toml: {message}")


def test_a_file_that_does_not_name_cnncalc_is_not_read(tmp_path: Path) -> None:
    assert load(tmp_path, "[tool") == Config()


def test_no_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"cnncalc = '\xff'")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: not UTF-8 text: byte 0xff"):
        load_config(str(tmp_path), None)


def test_what_strangers_write_stays_on_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, '[tool.cnncalc]\n"\\n::error::x\\u202e\\u001b" = 1\n')
    assert str(refused.value).isprintable()


def test_refused_by_the_command(
    tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.yaml").write_text(GOOD)
    (tmp_path / "pyproject.toml").write_text("[tool.cnncalc]\nspces = []\n")
    monkeypatch.chdir(tmp_path)
    code, out, errors = run("check", "net.yaml")
    assert (code, out) == (2, "")
    assert errors == "Error: pyproject.toml: tool.cnncalc: no key spces; did you mean specs?\n"
