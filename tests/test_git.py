"""git is asked for files of a revision, and can run nothing, fetch nothing and fill no memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running import Command, git

SPEC = "input: 8x8x1\nlayers: [conv: 4@3x3]\n"


def repository(folder: Path, file: str = "net.yaml") -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(SPEC)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "a net")


def promise_a_missing_file(folder: Path, mark: Path) -> None:
    """Whoever reads the file would have to fetch it, with a command of the configuration."""
    blob = git(folder, "rev-parse", "HEAD:net.yaml")
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": "elsewhere",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": f"touch '{mark}'; git-upload-pack",
        "protocol.file.allow": "always",
    }.items():
        git(folder, "config", name, value)


def test_nothing_is_fetched(run: Command, here: Path) -> None:
    repository(here)
    promise_a_missing_file(here, here / "ran")
    assert "Error: HEAD:net.yaml: " in run.refusal("diff", "HEAD:net.yaml", "net.yaml")
    assert not (here / "ran").exists()


def test_a_folder_that_looks_like_a_bare_repository_is_none(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path)
    promise_a_missing_file(tmp_path, tmp_path / "ran")
    git(tmp_path, "config", "core.worktree", ".")
    (tmp_path / ".git").rename(tmp_path / "specs")
    (tmp_path / "net.yaml").rename(tmp_path / "specs/net.yaml")
    monkeypatch.chdir(tmp_path / "specs")
    assert "safe.bareRepository" in run.refusal("diff", "HEAD:net.yaml", "net.yaml")
    assert not (tmp_path / "ran").exists()


def test_no_more_is_read_than_the_limit(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = tmp_path / "bin/git"
    endless.parent.mkdir()
    endless.write_text("#!/bin/sh\nexec yes\n")
    endless.chmod(0o755)
    monkeypatch.setenv("PATH", f"{endless.parent}{os.pathsep}{os.environ['PATH']}")
    errors = run.refusal("diff", "HEAD:net.yaml", "lenet", "--limit", "size=1000", code=1)
    assert errors.startswith("error[CNN100]: the file is larger than 1,000 bytes\n")


def test_a_path_is_seen_from_the_current_folder_or_else_from_the_top(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path, "models/net.yaml")
    monkeypatch.chdir(tmp_path / "models")
    for name in ("HEAD:net.yaml", "HEAD:./net.yaml", "HEAD:models/net.yaml", ":net.yaml"):
        code, out, _ = run("diff", name, "net.yaml")
        assert (code, out.splitlines()[0]) == (0, f"{name} → net.yaml")
        assert "no difference" in out


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("HEAD:models", "bad file"),
        ("HEAD..HEAD:models/net.yaml", "invalid object name 'HEAD..HEAD'"),
    ],
)
def test_what_is_no_file_of_a_revision(
    name: str, message: str, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path, "models/net.yaml")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.chdir(tmp_path)
    errors = run.refusal("diff", name, "models/net.yaml")
    assert errors.splitlines()[-1].startswith(f"Error: {name}: ")
    assert message in errors


def test_a_shallow_clone_says_so(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path / "whole")
    git(tmp_path / "whole", "commit", "-q", "--allow-empty", "-m", "more")
    git(tmp_path, "clone", "-q", "--depth=1", (tmp_path / "whole").as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert "git fetch --unshallow" in run.refusal("diff", "HEAD~1:net.yaml", "net.yaml")


def test_without_git(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    errors = run.refusal("diff", "HEAD:net.yaml", "lenet")
    assert errors.endswith("Error: HEAD:net.yaml: git is not installed\n")
