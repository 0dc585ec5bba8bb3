"""check: one file against bare imports; 1,000 files of ResNet-50's size, in one and two processes;
memory, which is not to grow with the number of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import CNNCALC, process_ratio, verdict

from cnncalc.language.bundled import locate

FLOOR = ["-c", "import click, yaml"]
ROOT = str(Path(__file__).resolve().parents[2])


def check(folder: str, *options: str) -> tuple[float, int]:
    """Seconds and peak memory (KiB) of a check of a folder."""
    command = [sys.executable, "-m", "cnncalc", "check", folder, "-q", *options]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return time.perf_counter() - start, usage.ru_maxrss


def one_file(name: str) -> None:
    """The check of one file, where no pyproject.toml has settings, and where one has."""
    found = locate(name)
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(found[0], f"{folder}/net.yaml")
        command = [*CNNCALC, "check", "net.yaml"]
        verdict(f"check {name}", process_ratio(command, FLOOR, folder=folder), 1.3)
        Path(folder, "pyproject.toml").write_text('[tool.cnncalc]\nspecs = ["."]\n')
        ratio = process_ratio(command, FLOOR, folder=folder)
        verdict(f"check {name}, with [tool.cnncalc] settings", ratio, 1.3)


def main() -> None:
    os.environ["PYTHONPATH"] = ROOT
    for name in ("lenet", "alexnet", "vgg16", "resnet50"):
        one_file(name)
    found = locate("resnet50")
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1_000):
            shutil.copy(found[0], f"{folder}/net{number:04}.yaml")
        alone, most = check(folder, "--jobs", "1")
        verdict("1,000 files of ResNet-50's size, one core, a file", alone, 12, " ms")
        verdict(
            "the same in two processes, of the time in one",
            check(folder, "--jobs", "2")[0] / alone,
            0.65,
        )
        with tempfile.TemporaryDirectory() as few:
            for number in range(20):
                shutil.copy(found[0], f"{few}/net{number:04}.yaml")
            least = check(few, "--jobs", "1")[1]
        verdict("memory with 1,000 files, of that with 20", most / least, 1.2)


if __name__ == "__main__":
    main()
