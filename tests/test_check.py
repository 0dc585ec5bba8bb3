"""cnncalc check: what it finds, what it prints and writes, and how it ends.

cases/check/PROJECT is a folder of specs with a session.txt: commands that are run in a copy of the
folder, with what they print. `pytest --update` writes the answers anew, to be read.
"""

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing import active_children, get_all_start_methods
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from running import Command, Compare, Result
from systems import needs_full_device, needs_named_pipes, needs_names_of_bytes
from test_imports import after

import cnncalc
from cnncalc.checks.rules import all_codes
from cnncalc.commands import progress
from cnncalc.commands.check import command
from cnncalc.commands.check import run as run_module
from cnncalc.commands.check.discovery import Target, discover
from cnncalc.commands.check.run import check_all, check_target
from cnncalc.commands.check.settings import Settings
from cnncalc.language import bundled
from cnncalc.quantities import QUANTITIES
from cnncalc.render.formats import formats_of

CASES = Path(__file__).parent / "cases" / "check"
PROJECTS = sorted(path.parent.name for path in CASES.glob("*/session.txt"))
SCHEMA = json.loads((Path(cnncalc.__file__).parent / "schemas" / "check.json").read_text("utf-8"))

GOOD = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"
BAD = "input: 8x8x1\nlayers:\n  - covn: {filters: 2, kernel: 3}\n"
WARNING = "input: 8x8x1\nvars: {unused: 1}\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


# Sessions.


@pytest.mark.parametrize("project", PROJECTS)
def test_session(
    project: str, run: Command, compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = CASES / project / "session.txt"
    shutil.copytree(CASES / project, tmp_path / project)
    (tmp_path / project / "session.txt").unlink()
    monkeypatch.chdir(tmp_path / project)
    lines = golden.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("$ cnncalc ")]
    text = "".join(transcript(line, run(*shlex.split(line)[2:])) for line in commands)
    compare(golden, text)


def transcript(line: str, result: Result) -> str:
    """A command, what it prints, what it prints on stderr, and its exit code."""
    errors = "".join(f"stderr: {error}\n" for error in result.own_words().splitlines())
    return f"{line}\n{result.out}{errors}exit {result.code}\n\n"


# Exit codes.


def test_exit_codes(here: Path, run: Command) -> None:
    write(here, good=GOOD, bad=BAD)
    assert run("check", "good.yaml").code == 0
    assert run("check", "bad.yaml").code == 1
    assert run("check", "good.yaml", "gone.yaml").code == 2
    assert run("check", "bad.yaml", "gone.yaml").code == 2
    assert run("check", "good.yaml", "--fromat", "text").code == 2


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_fail_on(fail_on: str, code: int, here: Path, run: Command) -> None:
    write(here, net=WARNING)
    assert run("check", "--fail-on", fail_on).code == code


def test_what_fails_is_shown(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    code, out, _ = run("check", "--fail-on", "note", "--format", "concise")
    assert code == 1
    assert "net.yaml:3:5: note[CNN311]" in out
    assert out.endswith("1 file, 1 layer: 1 note\n")


def test_nothing_matched(here: Path, run: Command) -> None:
    (here / "data.yaml").write_text("a: 1\n")
    code, out, errors = run("check")
    assert code == 2
    assert out == "0 files: no problems; 1 other YAML file passed over\n"
    assert errors == (
        "Error: no specs in the current folder (1 other YAML file passed over); a spec is called "
        "*.cnn.yaml or has input: and layers: at its top (--allow-empty)\n"
    )
    assert run("check", "--allow-empty").code == 0


def test_nothing_matched_is_said_to_machines_too(here: Path, run: Command) -> None:
    code, out, _ = run("check", "--format", "json")
    assert code == json.loads(out)["summary"]["exit_code"] == 2


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError("oh\n::error::no")


def test_a_bug_names_the_file(here: Path, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncalc.commands.check.family.build", fail)
    write(here, net=GOOD)
    code, out, errors = run("check")
    assert (code, out) == (3, "")
    assert "ZeroDivisionError: oh\\n::error::no, while checking net.yaml\n" in errors


@needs_named_pipes
def test_interrupted(here: Path) -> None:
    os.mkfifo(here / "pipe")
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", "check", "pipe"],
        env=os.environ | {"PYTHONPATH": str(Path(cnncalc.__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell starts what runs in the background with the signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with open(here / "pipe", "w"):  # returns when the command has opened the other end
        while process.poll() is None:  # Python loses a signal that comes just before a read
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        out, errors = process.communicate()
    assert (process.returncode, out, errors.strip()) == (130, b"", b"")


# A program that checks in several processes, which start in a given way, by a given function.
PROGRAM = """\
import os, sys, time
from cnncalc.commands.check import parallel, run

check_one = run._check_one

def wait(part):
    print(file=open("pipe", "w"), flush=True)
    time.sleep(1_000)

def leave(part):
    os._exit(9)

def fail(part):
    import cnncalc.commands.check.family
    cnncalc.commands.check.family.build = refuse
    return check_one(part)

def refuse(*_, **__):
    raise ZeroDivisionError("oh\\n::error::no")

if __name__ == "__main__":
    from cnncalc.commands.main import main
    work, parallel.START, *words = sys.argv[1:]
    run._check_one = globals()[work]
    sys.argv[1:] = ["check", "--jobs", "2", *words]
    main()
"""
every_start = pytest.mark.parametrize("start", get_all_start_methods())


def in_processes(folder: Path, start: str, work: str, *words: str) -> "subprocess.Popen[str]":
    """Two processes check the specs of a folder; the program stands in another one."""
    program = folder / "elsewhere" / "program.py"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    return subprocess.Popen(
        [sys.executable, program, work, start, *words],
        env=os.environ | {"PYTHONPATH": str(Path(cnncalc.__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ended(process: "subprocess.Popen[str]") -> Result:
    out, errors = process.communicate()
    return Result(process.returncode, out, errors)


@every_start
@needs_named_pipes
def test_several_processes_are_interrupted(here: Path, start: str) -> None:
    """However often the key is hit, and however long a file would take."""
    os.mkfifo(here / "pipe")
    write(here, a=GOOD, b=GOOD)
    process = in_processes(here, start, "wait")
    (here / "pipe").read_text()  # ends when a worker has begun
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    code, out, errors = ended(process)
    assert (code, out, errors.strip()) == (130, "", "")


@pytest.mark.skipif("fork" not in get_all_start_methods(), reason="processes are not forked here")
@needs_named_pipes
def test_processes_end_with_a_parent_that_is_killed(here: Path) -> None:
    """They hold its output open, which is read to the end here."""
    os.mkfifo(here / "pipe")
    write(here, a=GOOD, b=GOOD)
    process = in_processes(here, "fork", "wait")
    (here / "pipe").read_text()  # ends when a worker has begun
    process.kill()
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL


def test_a_reader_who_has_seen_enough_changes_nothing(here: Path) -> None:
    write(here, **{f"net{number}": BAD for number in range(60)})
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "cnncalc", "check", "--jobs", "1", "--report", "json=out.json"],
        env=os.environ | {"PYTHONPATH": str(Path(cnncalc.__file__).parent.parent)},
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")
    assert json.loads((here / "out.json").read_text())["summary"]["files"] == 60


# What is checked.


def test_bundled_specs_have_no_problems(run: Command) -> None:
    out = run.output("check", bundled.folder(), "--fail-on", "warning")
    assert f"{len(bundled.files())} files, " in out
    assert ": no problems" in out


def test_bundled_names(here: Path, run: Command) -> None:
    code, out, _ = run("check", "lenet", "resnet50", "--format", "json")
    assert code == 0
    assert [file["name"] for file in json.loads(out)["files"]] == ["LeNet-5", "ResNet-50"]


def test_the_name_of_a_variant_means_that_one(here: Path, run: Command) -> None:
    code, out, _ = run("check", "resnet101", "--format", "json")
    layers = len(cnncalc.load("resnet101"))
    assert code == 0
    assert json.loads(out)["files"][0]["layers"] == layers
    assert (
        json.loads(run("check", "resnet101", "resnet", "--format", "json").out)["summary"]["files"]
        == 1
    )


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["-"], "<stdin>:3:5"),
        (["-", "--stdin-filename", "nets/a.yaml"], "nets/a.yaml:3:5"),
        (["--stdin-filename", "nets/a.yaml"], "nets/a.yaml:3:5"),
        (["-", "-"], "<stdin>:3:5"),
    ],
)
def test_standard_input(
    words: list[str], place: str, here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    code, out, _ = run("check", "--format", "concise", *words)
    assert code == 1
    assert out.splitlines() == [
        f"{place}: error[CNN113]: covn is neither a kind of layer nor a block",
        "1 file: 1 error; 1 fixable with --fix",
    ]


def test_a_name_for_standard_input_that_is_not_read(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    errors = run.refusal("check", "net.yaml", "--stdin-filename", "a.yaml")
    assert "--stdin-filename names the spec of -" in errors


def test_budgets_by_pattern_know_the_name_of_standard_input(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "pyproject.toml").write_text(
        '[tool.cnncalc.budgets."small/*"]\nmax = {parameters = 1}\n'
    )
    for name, expected in (("small/a.yaml", 1), ("large/a.yaml", 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
        assert run("check", "--stdin-filename", name).code == expected


def test_paths_are_those_of_the_repository(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".git").write_text("gitdir: elsewhere")  # as in a worktree
    (here / "a" / "b").mkdir(parents=True)
    write(here / "a", net=BAD)
    monkeypatch.chdir(here / "a" / "b")
    assert run("check", "..", "--format", "concise").out.startswith("a/net.yaml:3:5: ")


def test_order_is_by_path_however_they_are_named(here: Path, run: Command) -> None:
    write(here, a=BAD, b=BAD, c=BAD)
    first = run("check", "--format", "concise")
    assert first == run("check", "c.yaml", "a.yaml", "./b.yaml", "a.yaml", "--format", "concise")
    assert [line[:6] for line in first.out.splitlines()[:3]] == ["a.yaml", "b.yaml", "c.yaml"]


@every_start
@pytest.mark.parametrize("format_", ["text", "json"])
def test_several_processes_say_the_same(here: Path, start: str, format_: str, run: Command) -> None:
    for number in range(12):
        write(here, **{f"net{number:02}": BAD if number % 3 else WARNING})
    words = ("-v", "--max", "parameters=5", "--format", format_)
    alone = run("check", *words, "--jobs", 1)
    assert ended(in_processes(here, start, "check_one", *words)) == alone


@every_start
def test_a_lost_process_is_no_bug(here: Path, start: str) -> None:
    write(here, a=GOOD, b=GOOD)
    code, _, errors = ended(in_processes(here, start, "leave"))
    assert code == 2
    assert errors == (
        "Error: one of several processes died, for want of memory perhaps; try --jobs 1\n"
    )


@every_start
def test_a_bug_in_one_of_several_processes(here: Path, start: str) -> None:
    write(here, a=GOOD, b=GOOD)
    code, out, errors = ended(in_processes(here, start, "fail"))
    assert (code, out) == (3, "")
    assert "ZeroDivisionError: oh\\n::error::no, while checking a.yaml\n" in errors


@every_start
def test_processes_import_nothing_from_the_current_folder(here: Path, start: str) -> None:
    """Which is a stranger's when a pull request is checked."""
    for module in ("multiprocessing", "signal", "struct", "pickle", "yaml", "sitecustomize"):
        (here / f"{module}.py").write_text(f"open('{module} was run', 'w')\n")
    write(here, a=GOOD, b=GOOD)
    code, _, errors = ended(in_processes(here, start, "check_one"))
    assert (code, errors) == (0, "")
    assert not list(here.glob("*was run"))


def test_no_process_is_left_over(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cnncalc.commands.check.parallel.START", "spawn"
    )  # pytest-xdist has threads
    write(here, net=GOOD)
    reports = check_all([(Target("net.yaml", "net.yaml"), Settings())] * 5_000, jobs=3)
    assert next(reports).path == "net.yaml"
    workers = active_children()
    assert len(workers) == 3
    reports.close()
    for worker in workers:
        worker.join()
        assert worker.exitcode == -signal.SIGTERM


def test_one_file_loads_little(here: Path) -> None:
    write(here, net=GOOD.replace("kernel: 3", "kernel: 8"))
    loaded = after("check", "net.yaml")
    assert "cnncalc.commands.check.run" in loaded
    assert loaded.isdisjoint({
        "cnncalc.commands.check.as_json", "concurrent.futures", "difflib", "fnmatch", "json",
        "multiprocessing", "rich", "tomllib",
    })  # fmt: skip


# Families.


def test_variants_that_expand_to_too_much_together(here: Path) -> None:
    lines = "".join(f"  v{number}: {{vars: {{n: {number}}}}}\n" for number in range(30))
    text = f"input: 8x8x1\nvars: {{n: 1}}\nlayers:\n  - relu:\n    repeat: $n\nvariants:\n{lines}"
    write(here, net=text)
    target = Target("net.yaml", "net.yaml")
    assert check_target(target, Settings()).layers == 1 + sum(range(30))
    finding = check_target(target, Settings(max_layers=200)).findings[-1]
    assert (finding.code, finding.place.line) == ("CNN104", 13)
    assert finding.message == (
        "the variants expand to more than 200 items together, 24 of them are not checked"
    )


# What a spec can silence.


IGNORING = """\
input: 8x8x1 # cnncalc: ignore[CNN404] because
layers:
  - conv: {filters: 2, kernel: 2, stride: 3} # cnncalc: ignore[CNN304, CNN401]
    expect: {output: 3x3x2} # cnncalc: ignore[CNN311]
"""


@pytest.mark.parametrize("word", ["CNN404", "budget", "CNN304, Budget"])
def test_no_comment_ignores_a_budget(word: str, here: Path, run: Command) -> None:
    write(here, net=GOOD.replace("\n", f" # cnncalc: ignore[{word}]\n", 1))
    found = json.loads(run("check", "--max", "parameters=19", "--format", "json").out)
    assert {"CNN122", "CNN404"} <= {problem["code"] for problem in found["problems"]}
    assert found["summary"]["exit_code"] == 1
    (here / "pyproject.toml").write_text("[tool.cnncalc.max]\nparameters = 19\n")
    out = run("check", "--format", "concise").out
    assert "error[CNN404]: parameters of the network is 20, over the budget of 19 [1 over]" in out
    with pytest.raises(AssertionError, match="over the budget of 19"):
        cnncalc.assert_valid("net.yaml", max={"parameters": 19})


def test_the_refusal_says_where_a_budget_is_set(here: Path, run: Command) -> None:
    write(here, net=IGNORING)
    assert run("check", "--max", "parameters=9").out.startswith(
        "error[CNN404]: parameters of the network is 10, over the budget of 9\n"
        " --> net.yaml:1:1\n"
        "  |\n"
        "1 | input: 8x8x1 # cnncalc: ignore[CNN404] because\n"
        "  | ^^^^^ 1 over\n"
        "  |\n"
        "  = budget: --max parameters=9\n"
        "\n"
        "error[CNN122]: a spec cannot ignore CNN404: its budgets are set by the project\n"
        " --> net.yaml:1:32\n"
        "  |\n"
        "1 | input: 8x8x1 # cnncalc: ignore[CNN404] because\n"
        "  |                                ^^^^^^\n"
        "  |\n"
        "  = help: delete this, and raise the budget where it is set\n"
    )


def test_who_runs_the_check_may_ignore_a_budget(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    assert run("check", "--max", "parameters=19", "--ignore", "CNN404").code == 0


def test_what_is_ignored_is_counted(here: Path, run: Command) -> None:
    good = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 2, stride: 3}"
    write(here, a=f"{good} # cnncalc: ignore[CNN304, CNN311]\n", b=f"{good}\n")
    line = "2 files, 2 layers: 1 warning (2 ignored); 1 note, shown with -v\n"
    assert run("check").out.endswith(f"\n{line}")
    assert run("check", "--format", "concise").out.endswith(f"\n{line}")
    assert run("check", "--format", "github").err == line
    assert run("check", "a.yaml").out == "1 file, 1 layer: no problems (2 ignored)\n"
    found = json.loads(run("check", "--format", "json").out)
    assert found["summary"]["ignored"] == 2
    assert problems(SCHEMA, found) == []
    # Not those that nobody would have heard of anyway.
    assert run("check", "a.yaml", "--select", "CNN304").out.endswith("no problems (1 ignored)\n")
    assert run("check", "a.yaml", "--ignore", "CNN3").out.endswith(": no problems\n")


def test_skipped_folders_are_counted(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    (here / "env" / "lib" / "site-packages").mkdir(parents=True)
    line = "1 file, 1 layer: no problems; 1 folder of packages skipped; 1 note, shown with -v\n"
    assert run("check") == (0, line, "")
    assert run("check", "-v").err == (
        "skipped env/lib/site-packages: installed packages; name it to check it\n"
    )
    assert json.loads(run("check", "--format", "json").out)["summary"]["skipped"] == 1


# Reports.


def test_reports_beside_the_log(here: Path, run: Command) -> None:
    write(here, good=GOOD, bad=BAD)
    files = {kind: here / f"out.{kind}" for kind in ("json", "sarif", "junit", "gitlab", "text")}
    options = [word for kind, file in files.items() for word in ("--report", f"{kind}={file}")]
    plain, beside = run("check"), run("check", *options, "--color", "always")
    assert beside.code == plain.code == 1
    assert "\x1b[" in beside.out
    for kind, file in files.items():
        alone = run("check", "--format", kind).out
        assert file.read_text(encoding="utf-8") == alone
        assert "\x1b" not in alone


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ("json", "--report takes FORMAT=FILE, not 'json'"),
        ("jsn=a.json", "--report: no format 'jsn'; did you mean json?"),
        ("json=nowhere/a.json", "--report: cannot write nowhere/a.json: no folder nowhere"),
        ("json=.", "--report: cannot write .: not a file"),
        ("json=-", "--report: cannot write -: not a file"),
    ],
)
def test_reports_that_cannot_be_written(
    report: str, message: str, here: Path, run: Command
) -> None:
    write(here, net=BAD)
    assert run.refusal("check", "--report", report).endswith(f"Error: {message}\n")


def test_one_file_for_two_reports(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    errors = run.refusal("check", "--report", "json=a", "--report", "sarif=a")
    assert "a would be written twice" in errors


@needs_full_device
def test_a_full_disk(here: Path, run: Command) -> None:
    write(here, net=GOOD)
    code, out, errors = run("check", "--report", "json=/dev/full")
    assert code == 2
    assert "1 file, 1 layer" in out
    assert errors == "Error: cannot write /dev/full: No space left on device\n"


def test_github_by_itself(here: Path, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, net=BAD)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    code, out, errors = run("check")
    assert (code, errors) == (1, "1 file: 1 error; 1 fixable with --fix\n")
    assert out.startswith("::error title=cnncalc (CNN113),file=net.yaml,line=3,col=5,")
    assert "covn is neither a kind" in (here / "summary.md").read_text(encoding="utf-8")
    assert run("check", "--format", "text").out.startswith("error[CNN113]: ")


@needs_named_pipes
def test_quiet(here: Path, run: Command) -> None:
    write(here, good="input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 8}\n")
    os.mkfifo(here / "pipe.yaml")
    assert run("check").err == "skipped pipe.yaml: not a regular file; name it to read it\n"
    for format_ in ("text", "concise", "github"):
        assert run("check", "-q", "--format", format_) == (0, "", "")


def test_progress_on_a_terminal(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, a=GOOD, b=BAD, c=GOOD)
    monkeypatch.setattr(progress, "AFTER", -1)
    monkeypatch.setattr(progress, "EVERY", -1)
    assert run("check", "--color", "never").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    errors = run("check", "--color", "never").err
    steps = [f"checked {number} of 3 files" for number in (1, 2, 3)]
    wiped = "\r" + " " * len(steps[0]) + "\r"
    assert errors == "".join(step + wiped for step in steps)
    assert run("check", "-q").err == ""


def test_colours(here: Path, run: Command) -> None:
    write(here, net=BAD)
    colored = run("check", "--color", "always").out
    plain = run("check").out
    assert "\x1b[31m\x1b[1merror[CNN113]" in colored
    assert command.click.unstyle(colored) == plain


# JSON.


def problems(schema: dict[str, Any], value: object) -> list[str]:
    return [error.message for error in Draft7Validator(schema).iter_errors(value)]


def test_json_of_everything(here: Path, run: Command) -> None:
    for project in PROJECTS:
        shutil.copytree(CASES / project, here / project)
    code, out, _ = run("check", ".", "gone.yaml", "--format", "json")
    found = json.loads(out)
    assert out.isascii()
    assert problems(SCHEMA, found) == []
    assert code == found["summary"]["exit_code"] == 2
    assert found["summary"]["files"] == len(found["files"]) - 1
    by_severity = [problem["severity"] for problem in found["problems"]]
    for severity in ("error", "warning", "note"):
        assert found["summary"][f"{severity}s"] == by_severity.count(severity) > 0
    assert found["summary"]["layers"] == sum(file["layers"] for file in found["files"])
    paths = [file["path"] for file in found["files"]]
    assert paths == sorted(paths)
    assert {file["path"]: file["status"] for file in found["files"]}["gone.yaml"] == "unreadable"
    for problem in found["problems"]:
        assert problem["name"] == all_codes()[problem["code"]].name
        assert problem["path"] in paths


def test_json_of_one_problem(here: Path, run: Command) -> None:
    write(here, net=GOOD + "    expect: {parameters: 21}\n")
    found = json.loads(run("check", "--format", "json", "--ignore", "CNN3").out)
    assert found["files"] == [
        {
            "path": "net.yaml",
            "status": "problems",
            "name": "",
            "layers": 1,
            "totals": totals(cnncalc.load("net.yaml")),
        }
    ]
    assert found["problems"] == [
        {
            "code": "CNN401",
            "name": "expectation",
            "severity": "error",
            "message": "parameters of conv1 is 20, expected 21",
            "detail": "−1",
            "help": "",
            "path": "net.yaml",
            "line": 4,
            "column": 26,
            "end_line": 4,
            "end_column": 28,
            "layer": "conv1",
            "expected": "21",
            "actual": "20",
            "fix": None,
            "related": [],
        }
    ]


def totals(network: cnncalc.Network) -> dict[str, int]:
    """What budgets can hold."""
    return {name: network.quantity(name) for name, each in QUANTITIES.items() if each.is_bounded}


# What strangers put into a folder.

NAMES = [
    "::error::x.yaml",
    "a\n::error::b.yaml",
    "escape\x1b[31m.yaml",
    "bidi\u202e.yaml",
    "##[error]x.yaml",
    "-x.yaml",
    "a,b:c%.yaml",
    "<b>&\"'.yaml",
    " spaces .yaml",
]
CONTENTS = [
    "input: 8x8x1\nlayers:\n  - '::error::x'\n  - '##[error]y'\n  - x##[add-mask]z: 3\n",
    'input: 8x8x1\nlayers:\n  - "\\e"\n',
    "input: 8x8x1\nlayers:\n  - \"a\\n::error::b\"\n  - '##vso[task.logissue]'\n  - \u202ex\n",
    "input: 8x8x1\nlayers:\n  - conv: {filters: '#' #[error]\n",
    "input: 8x8x1\nlayers: ['\x1b[31m']\n",
]


@pytest.fixture
def hostile(here: Path) -> Path:
    for number, name in enumerate(NAMES):
        (here / name).write_text(CONTENTS[number % len(CONTENTS)], encoding="utf-8")
    (here / os.fsdecode(b"bytes\xff\xfe.yaml")).write_text(BAD)
    (here / "binary.cnn.yaml").write_bytes(bytes(range(256)))
    (here / "utf16.yaml").write_text(GOOD, encoding="utf-16")
    with open(here / "large.yaml", "wb") as file:
        file.write(GOOD.encode())
        file.truncate(100 * 2**20)
    os.mkfifo(here / "pipe.cnn.yaml")
    (here / "loop").mkdir()
    (here / "loop" / "again").symlink_to(here)
    (here / "self.cnn.yaml").symlink_to("self.cnn.yaml")
    (here / "leak.cnn.yaml").symlink_to("/etc/passwd")
    return here


@pytest.mark.parametrize("format_", formats_of("check"))
@needs_names_of_bytes
def test_no_command_is_smuggled_into_a_log(format_: str, hostile: Path, run: Command) -> None:
    code, out, errors = run("check", "-v", "--format", format_)
    assert code == 2
    assert "Traceback" not in out + errors
    for line in (out + errors).splitlines():
        assert line.isprintable(), line
        ours = format_ == "github" and line.startswith(("::error title=", "::notice title="))
        if not ours:
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
            assert "##vso[" not in line


@needs_names_of_bytes
def test_hostile_reports_are_valid_json(hostile: Path, run: Command) -> None:
    found = json.loads(run("check", "--format", "json").out)
    assert problems(SCHEMA, found) == []
    json.dumps(found, ensure_ascii=False).encode("utf-8")  # no lone surrogates
    statuses = {file["path"]: file["status"] for file in found["files"]}
    assert set(NAMES) < set(statuses)
    assert {path for path, status in statuses.items() if status == "unreadable"} == {
        "leak.cnn.yaml", "self.cnn.yaml",
    }  # fmt: skip
    assert "root:" not in json.dumps(found)
    assert set(statuses.values()) == {"problems", "unreadable"}


def test_many_findings_in_one_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "MAX_FINDINGS", 10)
    write(here, net="input: 8x8x1\nlayers:\n" + "  - covn: 2\n" * 50)
    report = check_target(Target("net.yaml", "net.yaml"), Settings())
    assert len(report.findings) == 11
    assert report.findings[-1].message == "40 more problems in this file not listed"
    assert report.findings[-1].severity == "error"


def test_networks_do_not_pile_up(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is garbage when its file is done, and is collected although nothing else collects."""
    import gc
    import weakref

    alive: list[weakref.ref[cnncalc.Network]] = []
    real = cnncalc.build

    def build(*words: Any, **options: Any) -> cnncalc.Build:
        built = real(*words, **options)
        alive.append(weakref.ref(built.network))
        return built

    monkeypatch.setattr("cnncalc.commands.check.family.build", build)
    write(here, net="input: 8x8x1\nlayers:\n" + "  - relu\n" * 5_000)
    targets = discover(["net.yaml"], str(here)).targets * 12
    gc.disable()
    try:
        most = max(
            sum(network() is not None for network in alive)
            for _ in check_all([(target, Settings()) for target in targets], jobs=1)
        )
    finally:
        gc.enable()
    assert len(alive) == 12
    assert most <= 6  # of 12: they are collected by the number of objects


# assert_valid.


def test_assert_valid(here: Path) -> None:
    write(here, net=GOOD)
    cnncalc.assert_valid("net.yaml")
    cnncalc.assert_valid(here, max={"parameters": "1k", "layers": 1}, min={"parameters": 20})
    cnncalc.assert_valid("resnet", variant="resnet101", min={"parameters": "40M"})


def test_assert_valid_says_what_is_wrong_and_where(here: Path) -> None:
    write(here, net=GOOD)
    with pytest.raises(AssertionError) as failed:
        cnncalc.assert_valid("net.yaml", max={"parameters": 19})
    assert str(failed.value) == (
        "1 file, 1 layer: 1 error\n"
        "\n"
        "error[CNN404]: parameters of the network is 20, over the budget of 19\n"
        " --> net.yaml:1:1\n"
        "  |\n"
        "1 | input: 8x8x1\n"
        "  | ^^^^^ 1 over\n"
        "  |\n"
        "  = budget: max={'parameters': 19}"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fail_on": "warning"}, "CNN314"),
        ({"fail_on": "note", "ignore": ["CNN314"]}, "CNN311"),
        ({"variant": "large"}, "the spec has no variant large"),
    ],
)
def test_assert_valid_options(options: dict[str, Any], message: str, here: Path) -> None:
    write(here, net=WARNING)
    cnncalc.assert_valid("net.yaml")
    cnncalc.assert_valid("net.yaml", fail_on="note", ignore=["CNN3"])
    with pytest.raises(AssertionError, match=message):
        cnncalc.assert_valid("net.yaml", **options)


def test_assert_valid_without_a_spec(here: Path) -> None:
    with pytest.raises(OSError, match=r"cannot check net\.yaml: no such file or folder"):
        cnncalc.assert_valid("net.yaml")
    with pytest.raises(OSError, match=r"no specs in \."):
        cnncalc.assert_valid(".")
    with pytest.raises(ValueError, match="did you mean parameters"):
        cnncalc.assert_valid("lenet", max={"paramters": 1})
