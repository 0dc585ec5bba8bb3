"""Files are written whole or not at all, never through a stranger's link, never over an input."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Command, Result
from test_cli import start

from cnncalc import files

SPEC = "input: 8x8x1\nlayers: [conv: 4@3x3]\n"
VICTIM = "what the owner of the machine wrote"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, with one folder deeper as the current one."""
    (tmp_path / "tree/.git").mkdir(parents=True)
    (tmp_path / "tree/sub").mkdir()
    (tmp_path / "tree/sub/net.yaml").write_text(SPEC)
    (tmp_path / "victim").write_text(VICTIM)
    monkeypatch.chdir(tmp_path / "tree/sub")
    return tmp_path / "tree"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


Save = Callable[[object], Result]


@pytest.fixture(params=["describe", "check"])
def save(request: pytest.FixtureRequest, run: Command) -> Save:
    """A command that writes a file."""
    if request.param == "describe":
        return lambda path: run("describe", "net.yaml", "--format", "json", "-o", path)
    return lambda path: run("check", "net.yaml", "-q", "--report", f"json={path}")


# Links.


@pytest.mark.parametrize(
    ("link", "target", "output"),
    [
        ("sub/out.json", "../../victim", "out.json"),
        ("out.json", "../victim", "../out.json"),
        ("sub/out.json", "../../new", "out.json"),
        ("sub/folder", "../..", "folder/victim"),
        ("sub/out.json", "net.yaml", "out.json"),
        ("sub/one", "two", "one"),
    ],
    ids=["a file", "above", "nothing yet", "a folder", "inside", "nowhere"],
)
def test_a_link_in_the_tree_is_not_followed(
    link: str, target: str, output: str, tree: Path, save: Save
) -> None:
    (tree / link).symlink_to(target)
    before = names(tree.parent)
    code, out, errors = save(output)
    assert (code, out) == (2, "")
    shown = os.path.relpath(tree / link)
    assert f"cannot write {output}: {shown} is a link in the working tree" in errors
    assert (tree / link).is_symlink()
    assert (tree.parent / "victim").read_text() == VICTIM
    assert (tree / "sub/net.yaml").read_text() == SPEC
    assert names(tree.parent) == before


def test_links_from_elsewhere_into_the_tree_and_out_again(tree: Path, save: Save) -> None:
    (tree / "sub/out.json").symlink_to("../../victim")
    (tree.parent / "mine").symlink_to("tree/sub/out.json")
    (tree.parent / "checkout").symlink_to("tree")
    for output in (tree.parent / "mine", tree.parent / "checkout/sub/out.json"):
        assert save(output).code == 2
    assert (tree.parent / "victim").read_text() == VICTIM


def test_without_a_repository_the_tree_is_the_current_folder(tree: Path, save: Save) -> None:
    (tree / ".git").rmdir()
    (tree / "sub/out.json").symlink_to("../../victim")
    (tree / "outside.json").symlink_to("../victim")
    assert save("out.json").code == 2
    assert (tree.parent / "victim").read_text() == VICTIM
    assert save("../outside.json").code == 0
    assert (tree.parent / "victim").read_text().startswith("{")


def test_a_link_outside_the_tree_stays_and_leads_to_the_new_file(tree: Path, save: Save) -> None:
    link = tree.parent / "link.json"
    link.symlink_to("victim")
    assert save(link).code == 0
    assert link.is_symlink()
    assert (tree.parent / "victim").read_text().startswith("{")


def test_the_summary_of_a_step_is_not_written_through_a_link(
    tree: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "sub/summary.md").symlink_to("../../victim")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    code, _, errors = run("check", "net.yaml", "--format", "github")
    assert code == 0
    assert errors.startswith(
        "no summary of the step: cannot write summary.md: summary.md is a link"
    )
    assert (tree.parent / "victim").read_text() == VICTIM


# One file under two names.


@pytest.mark.parametrize("output", ["net.yaml", "./net.yaml", "../sub/net.yaml", "hard.json"])
def test_an_input_is_not_overwritten(output: str, tree: Path, save: Save) -> None:
    os.link("net.yaml", "hard.json")
    code, out, errors = save(output)
    assert (code, out) == (2, "")
    assert f"cannot write {output}: " in errors
    assert "net.yaml is the same file, and is read too" in errors
    assert Path("net.yaml").read_text() == SPEC


def test_what_standard_input_reads_is_not_overwritten(tree: Path) -> None:
    with open("net.yaml", "rb") as stdin:
        process = start(
            "describe", "-", "--format", "json", "-o", "net.yaml",
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        _, errors = process.communicate()
    assert process.returncode == 2
    assert errors.endswith(b"cannot write net.yaml: - is the same file, and is read too\n")
    assert Path("net.yaml").read_text() == SPEC


def test_a_bundled_network_and_the_settings_are_inputs(
    tree: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text("[tool.cnncalc]\n")
    assert run("check", "net.yaml", "--report", "json=./pyproject.toml").code == 2
    assert Path("pyproject.toml").read_text() == "[tool.cnncalc]\n"
    monkeypatch.setattr("cnncalc.language.bundled.folder", lambda: str(tree))
    (tree / "lenet.yaml").write_text(SPEC)
    assert run("describe", "lenet").code == 0
    errors = run.refusal("describe", "lenet", "--format", "json", "-o", "../lenet.yaml")
    assert "lenet.yaml is the same file, and is read too" in errors


@pytest.mark.parametrize("second", ["./r", "../sub/r", "hard", "R"])
def test_two_reports_in_one_file(second: str, tree: Path, run: Command) -> None:
    if second == "hard":
        Path("r").write_text("old")
        os.link("r", "hard")
    errors = run.refusal("check", "net.yaml", "--report", "json=r", "--report", f"sarif={second}")
    assert errors.endswith(
        f"Error: --report: cannot write {second}: r is the same file, and is written too\n"
    )


def test_names_that_differ_in_case_alone_are_two_files_where_they_are(
    tree: Path, run: Command
) -> None:
    Path("r").write_text("one")
    Path("R").write_text("two")
    if len(names(tree / "sub")) == 3:  # the file system tells them apart
        assert run("check", "net.yaml", "--report", "json=r", "--report", "sarif=R").code == 0


# What is no regular file.


def test_a_pipe_in_the_tree_is_refused(tree: Path, save: Save) -> None:
    os.mkfifo("pipe")
    code, _, errors = save("pipe")
    assert code == 2
    assert "cannot write pipe: it lies in the working tree and is no regular file" in errors


def test_a_pipe_that_nobody_reads_is_refused(tree: Path, save: Save) -> None:
    os.mkfifo("../../pipe")
    code, _, errors = save("../../pipe")
    assert code == 2
    assert errors.endswith("cannot write ../../pipe: nobody reads this pipe\n")


def test_a_pipe_with_a_reader(tree: Path, save: Save) -> None:
    os.mkfifo("../../pipe")
    reader = os.open("../../pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert save("../../pipe").code == 0
    assert os.read(reader, 1) == b"{"
    os.close(reader)
    assert names(tree.parent) == ["pipe", "tree", "victim"]


def test_standard_output_by_its_path(tree: Path) -> None:
    words = ("describe", "net.yaml", "--format", "csv", "-o", "/dev/stdout")
    process = start(*words, stdout=subprocess.PIPE)
    piped, _ = process.communicate()
    assert process.returncode == 0
    assert piped.startswith(b"layer,")
    with open("log", "ab") as log:  # as `>> log`
        log.write(b"before\n")
        log.flush()
        assert start(*words, stdout=log).wait() == 0
        log.write(b"after\n")
    assert Path("log").read_bytes() == b"before\n" + piped + b"after\n"


def test_at_the_top_of_the_file_system(tree: Path) -> None:
    words = ("describe", "lenet", "--format", "csv", "-o", "/dev/stdout")
    process = start(*words, stdout=subprocess.PIPE, cwd="/")
    assert process.communicate()[0].startswith(b"layer,")


@pytest.mark.parametrize("output", [".", "net.yaml/out.json", "a\0b", 256 * "x"])
def test_places_where_no_file_can_be(output: str, tree: Path, save: Save) -> None:
    before = names(tree / "sub")
    code, out, errors = save(output)
    assert (code, out) == (2, "")
    assert "cannot write " in errors
    assert names(tree / "sub") == before


def test_a_current_folder_that_is_gone(tree: Path, run: Command) -> None:
    (tree / "gone").mkdir()
    os.chdir(tree / "gone")
    (tree / "gone").rmdir()
    errors = run.refusal("describe", "lenet", "-o", tree / "out.json")
    assert errors.endswith(f"cannot write {tree}/out.json: the current folder does not exist\n")


# Whole or not at all.


def test_permissions_are_kept_and_new_files_have_the_usual_ones(tree: Path, save: Save) -> None:
    Path("old.json").write_text("old")
    Path("old.json").chmod(0o640)
    usual = os.umask(0o027)
    try:
        assert save("old.json").code == save("new.json").code == 0
    finally:
        os.umask(usual)
    assert Path("old.json").stat().st_mode & 0o777 == 0o640
    assert Path("new.json").stat().st_mode & 0o777 == 0o640
    Path("old.json").chmod(0o444)
    assert "the file is read-only" in save("old.json").err


def test_a_hard_link_keeps_the_old_text(tree: Path, save: Save) -> None:
    Path("out.json").write_text("old")
    os.link("out.json", "other.json")
    assert save("out.json").code == 0
    assert Path("other.json").read_text() == "old"


def test_a_name_as_long_as_can_be(tree: Path, save: Save) -> None:
    name = 250 * "x" + ".json"
    assert save(name).code == save(name).code == 0
    assert names(tree / "sub") == ["net.yaml", name]


def test_a_disk_that_is_full(tree: Path) -> None:
    Path("out.json").write_text("old")

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    process = start(
        "describe", "net.yaml", "-o", "out.json", stderr=subprocess.PIPE, preexec_fn=small_files
    )
    assert process.communicate()[1] == b"Error: cannot write out.json: File too large\n"
    assert process.returncode == 2
    assert Path("out.json").read_text() == "old"
    assert names(tree / "sub") == ["net.yaml", "out.json"]


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(errno.ENOSPC, "No space left"), 2), (KeyboardInterrupt(), 130)]
)
def test_nothing_is_left_beside_a_file_that_could_not_be_replaced(
    error: BaseException, code: int, tree: Path, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(old: str, new: str) -> None:
        assert len(names(tree / "sub")) == 3
        raise error

    Path("out.json").write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    assert save("out.json").code == code
    assert Path("out.json").read_text() == "old"
    assert names(tree / "sub") == ["net.yaml", "out.json"]


def test_only_what_was_read_is_replaced(tree: Path) -> None:
    files.write("net.yaml", b"new", old=SPEC.encode())
    with pytest.raises(files.CannotWrite, match=r"net\.yaml: it was changed by another program"):
        files.write("net.yaml", b"newer", old=SPEC.encode())
    assert Path("net.yaml").read_bytes() == b"new"
    assert names(tree / "sub") == ["net.yaml"]
