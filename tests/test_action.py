"""The GitHub action and the pre-commit hook: their own lines, run as a runner runs them.

Needs no network: the action installs a package that points to this checkout and to what is
installed beside the tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from systems import needs_bash

import cnncalc

ROOT = Path(__file__).parent.parent
STEP = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"][0]

GOOD = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"
BAD = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 9}\n"

# The build backend of the package that the action installs in place of the repository.
BACKEND = """\
import zipfile

def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/here-1-py3-none-any.whl", "w") as wheel:
        wheel.write("here.pth")
        for name, text in {
            "METADATA": "Metadata-Version: 2.1\\nName: here\\nVersion: 1\\n",
            "WHEEL": "Wheel-Version: 1.0\\nTag: py3-none-any\\n",
            "RECORD": "",
        }.items():
            wheel.writestr(f"here-1.dist-info/{name}", text)
    return "here-1-py3-none-any.whl"
"""
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

pytestmark = needs_bash  # the workflow runs the action on Windows


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A folder with the action, a checkout, a place for temporary files, and a python3."""
    action = tmp_path / "action"
    for folder in ("action", "checkout", "temporary", "bin"):
        (tmp_path / folder).mkdir()
    packages = {str(Path(module.__file__).parents[1]) for module in (cnncalc, click, yaml)}
    (action / "here.pth").write_text("".join(f"{path}\n" for path in sorted(packages)))
    (action / "backend.py").write_text(BACKEND)
    (action / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    return tmp_path


def act(runner: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run the step as GitHub's runner does."""
    given = {f"INPUT_{name}": inputs.get(name, "") for name in ("PATHS", "ARGS", "SARIF", "JUNIT")}
    assert given.keys() == STEP["env"].keys()
    environment = {
        "PATH": f"{runner / 'bin'}:{os.environ['PATH']}",
        "HOME": str(runner),
        "RUNNER_TEMP": str(runner / "temporary"),
        "GITHUB_ACTION_PATH": str(runner / "action"),
        "GITHUB_ACTIONS": "true",
        "PIP_NO_INDEX": "1",
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=runner / "checkout",
        env=environment | given,
        capture_output=True,
        text=True,
    )


HOSTILE = ("venv", "logging", "yaml", "click", "sitecustomize", "pip/__main__", "cnncalc/__main__")


def test_nothing_of_the_checkout_is_run(runner: Path) -> None:
    checkout = runner / "checkout"
    for module in HOSTILE:
        path = checkout / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(runner / 'was run')!r}, 'a').write({module!r})\n")
    (checkout / "bad net.yaml").write_text(BAD)
    (checkout / "--help").write_text(GOOD)
    done = act(
        runner,
        PATHS="  bad net.yaml \r\n\r\n\t--help\r\n",
        ARGS=" --max parameters=5M\r\n--min=layers=1  \n-v\n",
        SARIF=" report.sarif \r\n",
        JUNIT="report.xml",
    )
    assert not (runner / "was run").exists()
    assert "::error title=cnncalc (CNN201)" in done.stdout
    assert (done.returncode, done.stderr) == (1, "2 files, 1 layer: 1 error, 1 note\n")
    assert json.loads((checkout / "report.sarif").read_text())["runs"]
    assert (checkout / "report.xml").read_text().startswith("<?xml")


def test_a_good_spec_passes(runner: Path) -> None:
    (runner / "checkout" / "good.cnn.yaml").write_text(GOOD)
    done = act(runner)
    assert (done.returncode, done.stderr) == (
        0,
        "1 file, 1 layer: no problems; 1 note, shown with -v\n",
    )


@pytest.mark.parametrize("version", ["Python 3.10.13", ""])
def test_an_old_python_is_told_what_to_do(runner: Path, version: str) -> None:
    """No python3 passes the test of the version: one is too old, or there is none."""
    for name in ("python3", "python"):
        path = runner / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n[ \"$2\" = -V ] && echo '{version}' || exit 1\n")
        path.chmod(0o755)
    done = act(runner)
    assert done.returncode == 2
    assert done.stdout == (
        "::error title=cnncalc::cnncalc needs Python 3.11 or later, but python3 is "
        f"{version}; put actions/setup-python before this step\n"
    )


def test_the_hook_is_a_command() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"] == "cnncalc check"


@pytest.mark.parametrize(("tag", "code"), [(f"v{cnncalc.__version__}", 0), ("v0.0.0", 1)])
def test_a_release_has_the_version_as_its_tag(tag: str, code: int) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    (step,) = (s for s in workflow["jobs"]["build"]["steps"] if "tag" in s.get("name", ""))
    compared, _ = step["run"].splitlines()  # the second line asks for addresses with an owner
    words = ["bash", "-c", compared]
    assert subprocess.run(words, cwd=ROOT, env=os.environ | {"TAG": tag}).returncode == code
