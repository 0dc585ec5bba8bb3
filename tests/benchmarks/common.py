"""What the benchmarks share: medians of interleaved runs, quoted as ratios.

Machines are noisy, so that a time alone says little: what is compared is run in turn, and the
ratio of the medians is printed.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

_LEAST = 0.005  # seconds that are measured
# As the installed command starts.
CNNCALC = ["-c", "from cnncalc.__main__ import run; run()"]


def process_ratio(
    command: list[str], floor: list[str], runs: int = 21, folder: str | None = None
) -> float:
    """How many times as long a Python command takes as another one."""
    taken, bare = process_seconds(command, floor, runs, folder)
    return taken / bare


def process_seconds(
    command: list[str], floor: list[str], runs: int = 21, folder: str | None = None
) -> tuple[float, float]:
    """The median times of two Python commands that are run in turn."""
    # As after an installation: the modules' bytecode is there.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    same: Any = {"stdout": subprocess.DEVNULL, "cwd": folder, "env": environment, "check": True}
    subprocess.run([sys.executable, *command], **same)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(runs):
        for is_floor, arguments in ((True, floor), (False, command)):
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], **same)
            times[is_floor].append(time.perf_counter() - start)
    return statistics.median(times[False]), statistics.median(times[True])


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """The median time of a call in this process.

    Short work is done again and again for some milliseconds: what stands in the processor's caches
    after a collection of garbage would be measured otherwise.
    """
    times: list[float] = []
    for _ in range(runs + 1):
        calls = max(1, int(_LEAST / times[-1])) if times else 1
        gc.collect()
        start = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - start) / calls)
    return statistics.median(times[1:])


def verdict(what: str, found: float, aim: float, unit: str = "×") -> None:
    """A line with the figure, the aim and whether it is met."""
    print(
        f"{what:<58} {found:8.2f}{unit}   aim {aim:g}{unit}   {'ok' if found <= aim else 'MISSED'}"
    )
