"""[tool.cnncalc] in pyproject.toml: what it may say, where it is looked for, what it is refused."""

import io
import os
import sys
from pathlib import Path

import pytest
from running import Command

import cnncalc
from cnncalc.commands.check.budgets import LEAST, MOST, for_file
from cnncalc.commands.check.config import Config, ConfigError, load_config
from cnncalc.commands.check.projects import Projects

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


pytestmark = pytest.mark.usefixtures("here")


def load(folder: Path, text: str) -> Config:
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(str(path), str(folder)) or Config()


def nearest(folder: Path) -> Config:
    return Projects(str(folder)).nearest(str(folder))


def test_everything_it_may_say(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    assert (config.file, config.folder) == ("pyproject.toml", str(tmp_path))
    assert config.specs == ("specs", "models/*.cnn.yaml")
    assert config.select == ("CNN3", "CNN4")
    assert config.ignore == ("uneven-window, CNN308",)
    assert (config.fail_on, config.strict) == ("warning", True)
    assert [budget[:3] + budget[4:5] for budget in config.budgets] == [
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
    config = nearest(inner)
    assert (config.file, config.folder) == ("pyproject.toml", str(tmp_path))
    assert config.specs == ("outer",)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.cnncalc]\nspecs = ['inner']\n")
    assert (nearest(inner).file, nearest(inner).specs) == ("a/pyproject.toml", ("inner",))


def test_not_outside_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.cnncalc]\nspecs = ['outer']\n")
    assert nearest(inner).specs == ("outer",)
    (tmp_path / "a" / ".git").mkdir()
    assert nearest(inner) == Config()


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


def test_options_go_before_settings(here: Path, run: Command) -> None:
    (here / "net.yaml").write_text(GOOD)
    (here / "pyproject.toml").write_text(
        '[tool.cnncalc]\nfail-on = "note"\nignore = ["CNN4"]\nmax = {parameters = 3}\n'
    )
    assert run("check").code == 1
    assert run("check", "--fail-on", "error").code == 0
    assert run("check", "--ignore", "CNN311").code == 0
    assert run("check", "--select", "CNN302").code == 0


# Several settings files.


def settings(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.cnncalc]\n{text}\n")


def spec(folder: Path, text: str = GOOD) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.yaml").write_text(text)


def test_settings_are_those_of_the_file_wherever_one_stands(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec(here / "a" / "b")
    settings(here / "a", "max = {parameters = 3}")
    for folder, path in (("a", "b/net.yaml"), (".", "a"), ("/", here / "a" / "b")):
        monkeypatch.chdir(here / folder)
        code, out, errors = run("check", path, "--format", "concise")
        assert (code, errors) == (1, "")
        assert "error[CNN404]: parameters of the network is 20, over the budget of 3" in out
    monkeypatch.chdir("/")
    with pytest.raises(AssertionError, match="over the budget of 3"):
        cnncalc.assert_valid(here / "a")


def test_budgets_of_all_files_up_to_the_repository_hold_together(here: Path, run: Command) -> None:
    spec(here / "repo" / "a" / "b")
    settings(here, "max = {parameters = 1}")  # of another project
    (here / "repo" / ".git").mkdir()
    settings(here / "repo", "max = {parameters = 2, macs = 3}\nbudgets.'a/b/*'.max.layers = 0")
    settings(here / "repo" / "a", "max = {parameters = 4}\nbudgets.'b/*'.min.biases = 5")
    code, out, _ = run("check", "repo", "--format", "concise")
    assert code == 1
    for text in (
        "parameters of the network is 20, over the budget of 2 ",
        "parameters of the network is 20, over the budget of 4 ",
        "macs of the network is 648, over the budget of 3 ",
        "layers of the network is 1, over the budget of 0 ",
        "biases of the network is 2, under the minimum of 5 ",
    ):
        assert f"error[CNN404]: {text}" in out
    assert out.count("error[") == 5
    assert "= budget: repo/a/pyproject.toml, max.parameters = 4" in run("check", "repo").out


def test_the_command_line_goes_before_all_budgets(here: Path, run: Command) -> None:
    spec(here / "a")
    settings(here, "max = {parameters = 2}")
    settings(here / "a", "max = {parameters = 3}\nmin = {parameters = 1}")
    assert run("check", ".").out.count("error[CNN404]") == 2
    assert run("check", ".", "--max", "parameters=20").code == 0
    code, out, _ = run("check", ".", "--max", "parameters=19", "--format", "concise")
    assert (code, out.count("error[CNN404]"), out.count("budget of 19")) == (1, 1, 1)


def test_the_nearest_file_decides_all_but_budgets(here: Path, run: Command) -> None:
    # It has a warning, CNN304, and a note, CNN311.
    text = GOOD.replace("kernel: 3", "kernel: 2, stride: 3")
    spec(here / "a", text)
    spec(here / "b", text)
    settings(here, "fail-on = 'note'\nselect = ['CNN311']\nstrict = true")
    settings(here / "a", "fail-on = 'warning'\nignore = ['CNN311']")
    code, out, _ = run("check", ".", "--format", "concise")
    assert code == 1
    assert [line.split(": ")[:2] for line in out.splitlines()] == [
        ["a/net.yaml:3:43", "warning[CNN304]"],
        ["b/net.yaml:3:5", "note[CNN311]"],
        ["2 files, 2 layers", "1 warning, 1 note"],
    ]
    settings(here / "a", "ignore = ['CNN3']")
    assert run("check", "a").code == 0
    assert run("check", ".").code == 1
    assert run("check", ".", "--fail-on", "error").code == 0


def test_a_folder_cannot_drop_what_is_asked_above_it(here: Path, run: Command) -> None:
    spec(here / "a")
    settings(here, "max = {parameters = 3}")
    for text in ("ignore = ['CNN404']", "ignore = ['CNN4']", "select = ['CNN2']"):
        settings(here / "a", text)
        assert run("check", ".").code == 1
        assert run("check", "a", "--max", "parameters=3").code == 1
        (here / "a" / "pyproject.toml").unlink()
        settings(here, f"max = {{parameters = 3}}\n{text}")
        assert run("check", ".").code == 0
        assert run("check", ".", "--max", "parameters=3").code == 1
        settings(here, "max = {parameters = 3}")
    assert run("check", ".", "--ignore", "CNN404").code == 0
    assert run("check", ".", "--select", "CNN3", "--max", "parameters=3").code == 0


def test_bundled_networks_and_standard_input_belong_to_the_current_folder(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(here, "max = {parameters = 3}")
    settings(here / "a", "min = {macs = '1G'}")

    def failed(*words: str) -> set[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
        lines = run("check", "--format", "concise", *words).out.splitlines()
        return {line.split("error[CNN404]: ")[1].split()[0] for line in lines if "CNN404" in line}

    assert failed("lenet") == failed("-") == {"parameters"}
    assert failed("-", "--stdin-filename", "a/net.yaml") == {"parameters", "macs"}


def test_a_folder_deeper_than_any_stack(here: Path, run: Command) -> None:
    settings(here, "max = {parameters = 3}")
    for _ in range(1_200):
        os.mkdir("d")
        os.chdir("d")
    Path("net.yaml").write_text(GOOD)
    os.chdir(here)
    assert run("check", "d").code == 1
    os.unlink(f"{'d/' * 1_200}net.yaml")
    os.removedirs("d/" * 1_200)  # before pytest tries to, by recursion


@pytest.mark.parametrize("name", ["cnncalc.toml", ".cnncalc.toml"])
def test_a_file_of_settings_that_is_not_read_is_named(name: str, here: Path, run: Command) -> None:
    spec(here / "a")
    (here / "a" / name).write_text("[tool.cnncalc.max]\nparameters = 3\n")
    code, _, errors = run("check", ".")
    assert code == 0
    assert errors == f"a/{name} is not read: name it with --config, or use pyproject.toml\n"
    for words in (["--isolated"], ["-q"]):
        assert run("check", ".", *words).err == ""
    code, _, errors = run("check", ".", "--config", f"a/{name}")
    assert (code, errors) == (1, "")


# One of them, or none.


def test_isolated(here: Path, run: Command) -> None:
    spec(here / "specs")
    spec(here / "other")
    settings(here, "specs = 'specs'\nmax = {parameters = 3}\nselect = 'CNN4'")
    settings(here / "other", "max = [")
    assert run("check", "--isolated") == (
        0, "2 files, 2 layers: no problems; 2 notes, shown with -v\n", ""
    )  # fmt: skip
    assert run("check", "--isolated", "--max", "parameters=19").code == 1
    with pytest.raises(AssertionError, match="over the budget of 3"):
        cnncalc.assert_valid("specs")
    cnncalc.assert_valid("specs", isolated=True)


def test_config_is_the_only_file(
    here: Path,
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """It may lie anywhere; its paths and patterns are seen from the current folder."""
    spec(here / "specs")
    spec(here / "other")
    settings(here, "specs = 'other'\nignore = ['CNN4']\nmax = {parameters = 1}")
    settings(here / "specs", "broken")
    outside = tmp_path_factory.mktemp("trusted") / "settings"
    outside.write_text("[tool.cnncalc]\nspecs = 'specs'\nbudgets.'specs/*'.max.parameters = 19\n")
    code, out, errors = run("check", "--config", outside, "--format", "concise")
    assert (code, errors) == (1, "")
    assert out.startswith("specs/net.yaml:1:1: error[CNN404]: parameters of the network is 20, ")
    assert out.count("error[") == 1
    assert run("check", "--config", outside, "other").code == 0
    with pytest.raises(AssertionError, match="over the budget of 19"):
        cnncalc.assert_valid("specs", config=outside)
    cnncalc.assert_valid("other", config=str(outside))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--config", "gone.toml"], "cannot read gone.toml: No such file or directory"),
        (["--config", "a"], "cannot read a: Is a directory"),
        (["--config", ""], "cannot read : No such file or directory"),
        (["--config", "none.toml"], "none.toml: no [tool.cnncalc] in it"),
        (["--config", "net.yaml"], "net.yaml: no [tool.cnncalc] in it"),
        (
            ["--config", "none.toml", "--isolated"],
            "one of config and isolated: a settings file, or none",
        ),
    ],
)
def test_config_that_cannot_be_read(
    words: list[str], message: str, here: Path, run: Command
) -> None:
    spec(here)
    (here / "a").mkdir()
    (here / "none.toml").write_text("[tool.other]\ncnncalc = 3\n")
    code, out, errors = run("check", "net.yaml", *words)
    assert (code, out, errors) == (2, "", f"Error: {message}\n")


def test_library_settings_that_cannot_be_read(here: Path) -> None:
    spec(here)
    settings(here, "spces = 3")
    with pytest.raises(ValueError, match="did you mean specs"):
        cnncalc.assert_valid("net.yaml")
    with pytest.raises(ValueError, match=r"cannot read gone\.toml"):
        cnncalc.assert_valid("net.yaml", config="gone.toml")
    with pytest.raises(ValueError, match="fail_on is error, warning or note, not 'nope'"):
        cnncalc.assert_valid("net.yaml", fail_on="nope", isolated=True)


# What a project may name.


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("{outside}/secret", "{outside}/secret"),
        ("{outside}", "{outside}"),
        ("../outside/secret", "{outside}/secret"),
        ("link", "link"),
        ("folder", "folder"),
        ("folder/secret", "folder/secret"),
        ("{outside}/s*", "{outside}"),
        ("../outside/*", "{outside}"),
        ("folder/s*", "folder"),
    ],
)
def test_settings_name_only_what_lies_below_their_folder(
    path: str, named: str, here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = here / "outside"
    outside.mkdir()
    (outside / "secret").write_text("password: 12345\n")
    project = here / "project"
    settings(project, f"specs = [{path.format(outside=outside)!r}]")
    (project / "link").symlink_to(outside / "secret")
    (project / "folder").symlink_to(outside)
    monkeypatch.chdir(project)
    for format_ in ("text", "json", "sarif", "junit", "github"):
        code, out, errors = run("check", "--format", format_)
        assert code == 2
        assert "12345" not in out + errors
        assert errors.startswith(
            f"cannot check {named.format(outside=outside)}: "
            "outside of the project: settings name what lies below their folder\n"
        )


def test_settings_name_no_pipe(here: Path, run: Command) -> None:
    os.mkfifo(here / "pipe")
    settings(here, "specs = 'pipe'")
    assert run("check").err == "cannot check pipe: not a regular file\n"


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
        ("[tool.cnncalc]\nxyz = 1", "tool.cnncalc: no key xyz; known: specs, exclude, select, "),
        ("[tool.cnncalc]\nspecs = 3", "tool.cnncalc.specs: takes a list of texts, not 3"),
        ("[tool.cnncalc]\nspecs = [1]", "tool.cnncalc.specs: takes a list of texts, not a list"),
        ("[tool.cnncalc]\nspecs = ['']", "tool.cnncalc.specs: an empty text"),
        (f"[tool.cnncalc]\nspecs = {['a*'] * 201}", "tool.cnncalc.specs: 201 are more than 200"),
        (
            "[tool.cnncalc.budgets]\n" + "".join(f"a{n} = {{}}\n" for n in range(15_000)),
            "tool.cnncalc.budgets: 15,000 are more than 200",
        ),
        ("[tool.cnncalc]\n" + "a." * 200_000, "more than 200 dots in a line"),
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
            "tool.cnncalc.max: receptive_field has no total; known: layers, weight_layers, ",
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
        nearest(tmp_path)


def test_what_strangers_write_stays_on_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, '[tool.cnncalc]\n"\\n::error::x\\u202e\\u001b" = 1\n')
    assert str(refused.value).isprintable()


def test_refused_by_the_command(here: Path, run: Command) -> None:
    (here / "net.yaml").write_text(GOOD)
    (here / "pyproject.toml").write_text("[tool.cnncalc]\nspces = []\n")
    errors = run.refusal("check", "net.yaml")
    assert errors == "Error: pyproject.toml: tool.cnncalc: no key spces; did you mean specs?\n"
