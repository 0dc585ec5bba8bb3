"""Fuzzing: damaged specs through the commands, in process; run by hand for many of them.

    python tests/fuzz/fuzz.py --count 20000

Whatever the spec, a command leaves with 0 or 1, soon, without an exception; its problems lie inside
the file, its output has no control characters and no commands of CI runners, and is always the
same. A failure is shrunk and written to the temporary folder with the command that shows it.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import gc
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from mutate import ROOT, Mutant, corpus, mutant, settings

from cnncalc.language import bundled
from cnncalc.render.formats import formats_of

DESCRIBE, CHECK, DIFF, EXPLAIN, TRACE = (
    tuple(formats_of(command)) for command in ("describe", "check", "diff", "explain", "trace")
)
OPTIONS = (
    (),
    ("--expand", "all"),
    ("--expand", "0"),
    ("--columns", "all"),
    ("--notes",),
    ("--strict",),
)
NAMES: list[str] = json.loads((ROOT / "tests/cases/machine/hostile.json").read_text("utf-8"))

BUNDLED = {str(path) for path in bundled.files()}  # which `network:` takes in
REPORT = "report.json"  # in the current folder
SETTINGS = "settings.toml"  # there too
HANGS_AFTER = 30  # seconds
SLOW = 1.0  # seconds of processor time for one command
# A damaged number may ask for layers without end; more than these are refused, not worked out.
LIMIT = ("--limit", "layers=10_000")
MEMORY = 4 * 2**30


Words = tuple[str, ...]  # of a command line


class Outcome(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str
    seconds: float = 0.0


class Fault(NamedTuple):
    """Something that must not be; `kind` is the same for all specs that show the same fault."""

    kind: str
    detail: str


class Failure(NamedTuple):
    """A fault of a command on some data."""

    fault: Fault
    words: Words
    mutant: Mutant


class Verdict(NamedTuple):
    """What came out for one mutant."""

    failures: list[Failure]
    outcomes: dict[Words, Outcome]

    def faults(self) -> list[tuple[Words, Fault]]:
        return [(failure.words, failure.fault) for failure in self.failures]


class Hang(BaseException):
    """Raised in what takes too long; nothing catches it on the way."""


# Running a command.


@contextmanager
def hang_guard(seconds: int = HANGS_AFTER) -> Iterator[None]:
    """Raise Hang after so long, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(words: Words, data: bytes) -> Outcome:
    """A command in this process, on pipes that speak UTF-8; an exception comes through."""
    from cnncalc.commands.main import main

    out = TextIOWrapper(BytesIO(), "utf-8", newline="")
    err = TextIOWrapper(BytesIO(), "utf-8", "backslashreplace", newline="")
    old, sys.stdin = sys.stdin, TextIOWrapper(BytesIO(data), "utf-8")
    gc.disable()  # as in a process of its own
    start = time.process_time()
    try:
        with redirect_stdout(out), redirect_stderr(err), hang_guard():
            main(["--debug", *words])
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        seconds = time.process_time() - start
        sys.stdin = old
        if gc.get_count()[0] > 50_000:  # so that the next one does not pay for this one
            gc.collect()
        gc.enable()
    return Outcome(code, _written(out), _written(err), seconds)


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, BytesIO)
    return buffer.getvalue().decode("utf-8")


def run_apart(words: Words, data: bytes, hash_seed: int) -> Outcome:
    """The same in a process of its own, where sets and dicts of texts have another order."""
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *words],
        input=data,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
        timeout=HANGS_AFTER,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


# What to run.


def commands(number: int, origin: Path) -> list[Words]:
    """The commands for a mutant; formats and options rotate."""
    options = OPTIONS[number // len(DESCRIBE) % len(OPTIONS)]
    describe = ("describe", "-", "--format", DESCRIBE[number % len(DESCRIBE)], *options)
    check: Words = (
        "check",
        "-",
        "--format",
        CHECK[number % len(CHECK)],
        "--report",
        f"json={REPORT}",
    )
    if number % 4 == 0:
        check += ("--stdin-filename", NAMES[number // 4 % len(NAMES)])
    if number % 3 == 0:
        check += ("-v",)
    return [words + LIMIT for words in (describe, check, *_more(number, origin))]


def _more(number: int, origin: Path) -> list[Words]:
    """The commands of which every third mutant sees one."""
    kind = number % 9
    if kind in (1, 4):
        return [("check", "-", "--json", "--report", f"json={REPORT}.2", "--config", SETTINGS)]
    if kind == 0:
        return [("diff", str(origin), "-", "--format", DIFF[number // 9 % len(DIFF)])]
    if kind == 3 and available("explain"):
        return [("explain", "-", "--format", EXPLAIN[number // 9 % len(EXPLAIN)])]
    if kind == 6 and available("trace"):
        return [("trace", "-", "--format", TRACE[number // 9 % len(TRACE)])]
    return []


_available: dict[str, bool] = {}


def available(command: str) -> bool:
    """Whether the command is there and does its work."""
    from cnncalc.commands.entries import ENTRIES

    if command not in _available:
        spec = (ROOT / "specs/worked/bump-1d.yaml").read_bytes()
        _available[command] = command in ENTRIES and run((command, "-"), spec).code == 0
    return _available[command]


# Judging.


def faults(words: Words, data: bytes) -> tuple[Outcome | None, list[Fault]]:
    """Run a command and find everything that is wrong with what it does."""
    try:
        outcome = run(words, data)
    except Hang:
        return None, [Fault("hang", f"more than {HANGS_AFTER} s")]
    except Exception as error:
        return None, [_exception(error)]
    found = [
        *manners(words, outcome),
        *positions(words, outcome, lines_of(data)),
        *shape(words, outcome),
    ]
    return outcome, found


def _exception(error: Exception) -> Fault:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "fuzz" not in f.filename]
    last = [frame for frame in frames if f"{os.sep}cnncalc{os.sep}" in frame.filename] or frames
    place = f"{Path(last[-1].filename).name}:{last[-1].name}" if last else "?"
    text = "".join(traceback.format_exception(error)[-12:])
    return Fault(f"{type(error).__name__} in {place}", text)


def manners(words: Words, outcome: Outcome) -> Iterator[Fault]:
    refused = "--config" in words and f"\nError: {SETTINGS}: " in f"\n{outcome.err}"
    if outcome.code not in (0, 1) and not (outcome.code == 2 and refused):
        yield Fault(f"exit {outcome.code}", outcome.err)
    if outcome.code == 1 and not outcome.err and words[0] != "check":
        yield Fault("exit 1 without a word", "")
    github = "github" in words
    for text in (outcome.out, outcome.err):
        if "Traceback" in text:
            yield Fault("traceback", text)
        for line in re.split("\r\n|[\r\n]", text):
            if not line.isprintable():
                yield Fault("unprintable", ascii(line))
            if github and _ANNOTATION.fullmatch(line):  # in which a runner looks for nothing else
                continue
            if line.lstrip().startswith("::"):
                yield Fault("a line begins with ::", line)
            if "##[" in line or "##vso[" in line:
                yield Fault("##[ in a line", line)


_ANNOTATION = re.compile(
    r"::(error|warning|notice) title=cnncalc \(CNN\d{3}\),file=[^:,]*,line=\d+"
    r"(,col=\d+)?,endLine=\d+(,endColumn=\d+)?::.*"
)


def lines_of(data: bytes) -> list[str]:
    """The lines as YAML counts them; a bad byte is one character."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return re.split("\r\n|[\r\n\x85\u2028\u2029]", text)


def positions(words: Words, outcome: Outcome, lines: list[str]) -> Iterator[Fault]:
    """Every place that is named lies inside the file; those in a bundled network are its own."""
    places = [
        (int(line), int(column), int(line), int(column))
        for path, line, column in re.findall(r"^ +--> (.*):(\d+):(\d+)$", outcome.err, re.MULTILINE)
        if path not in BUNDLED
    ]
    if words[0] == "diff":  # which may speak of the other side
        places = []
    if words[0] == "check" and outcome.code in (0, 1):
        report = json.loads(Path(REPORT).read_text("utf-8"))
        for problem in report["problems"]:
            if problem["path"] not in BUNDLED:
                places += (_place(where) for where in (problem, *problem["related"]))
    for line, column, end_line, end_column in places:
        if not _inside(line, column, lines):
            yield Fault("a place outside the file", f"{line}:{column}")
        # One character at the end of the file is past its last one.
        elif not _inside(end_line, end_column - 1, lines, 0) or (line, column) > (
            end_line,
            end_column,
        ):
            yield Fault("an end outside the file", f"{line}:{column} to {end_line}:{end_column}")


def _place(values: dict[str, Any]) -> tuple[int, int, int, int]:
    return values["line"], values["column"], values["end_line"], values["end_column"]


def _inside(line: int, column: int, lines: list[str], first: int = 1) -> bool:
    return 1 <= line <= len(lines) and first <= column <= len(lines[line - 1]) + 1


def shape(words: Words, outcome: Outcome) -> Iterator[Fault]:
    """What is written for programs can be read by them."""
    format_ = words[words.index("--format") + 1] if "--format" in words else ""
    if outcome.code not in (0, 1) or not outcome.out:
        return
    try:
        if format_ in ("json", "sarif", "gitlab"):
            json.loads(outcome.out)
        elif format_ == "junit":
            ElementTree.fromstring(outcome.out)
        elif format_ == "csv":
            widths = {len(row) for row in csv.reader(StringIO(outcome.out), strict=True)}
            if len(widths) > 1:
                yield Fault("rows of different length", str(widths))
    except (ValueError, ElementTree.ParseError, csv.Error) as error:
        yield Fault(f"not {format_}", str(error))


def judge(mutant: Mutant, *, twice: bool = False, timed: bool = False) -> Verdict:
    """Everything about one mutant."""
    found, outcomes = [], {}
    Path(SETTINGS).write_text(settings(mutant.number), "utf-8", "surrogatepass")
    for words in commands(mutant.number, mutant.origin):
        outcome, wrong = faults(words, mutant.data)
        if outcome is not None:
            outcomes[words] = outcome
            if timed and outcome.seconds > SLOW:
                wrong.append(Fault("slow", f"{outcome.seconds:.2f} s"))
            if twice and outcome[:3] != run(words, mutant.data)[:3]:
                wrong.append(Fault("another output the second time", ""))
        found += [Failure(fault, words, mutant) for fault in wrong]
    found += _disagreements(mutant, outcomes)
    if mutant.number % 9 == 7:
        found += _fixes(mutant)
    return Verdict(found, outcomes)


def _fixes(mutant: Mutant) -> Iterator[Failure]:
    """What --fix makes of it has fewer problems, and nothing more to fix."""
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.fix import fixed
    from cnncalc.commands.check.settings import Settings

    words = ("check", "--unsafe-fixes", "mutant.yaml")
    target, asked = Target("mutant.yaml", "mutant.yaml"), Settings(max_layers=10_000)
    try:
        with hang_guard():
            new = fixed(mutant.data, target, asked, unsafe=True)
            again = fixed(new, target, asked, unsafe=True)
    except Hang:
        yield Failure(Fault("hang", f"more than {HANGS_AFTER} s"), words, mutant)
    except Exception as error:
        yield Failure(_exception(error), words, mutant)
    else:
        if again != new and new == mutant.data:
            yield Failure(Fault("fixed at the second attempt only", ""), words, mutant)


def _disagreements(mutant: Mutant, outcomes: dict[Words, Outcome]) -> Iterator[Failure]:
    """A spec that describe refuses must not be green in check, unless settings ignore why."""
    codes = {
        words[0]: outcome.code
        for words, outcome in outcomes.items()
        if not {"--strict", "--config"} & set(words)
    }
    if codes.get("describe") == 1 and codes.get("check") == 0:
        fault = Fault("describe refuses what check passes", "")
        yield Failure(fault, commands(mutant.number, mutant.origin)[0], mutant)


# Shrinking.


def shrink(data: bytes, fails: Callable[[bytes], bool], seconds: float = 30) -> bytes:
    """The data without whatever can be left out while it still fails: lines, then bytes."""
    end = time.monotonic() + seconds
    data = b"".join(_reduce(data.splitlines(keepends=True), fails, end))
    if len(data) < 4000:
        data = b"".join(_reduce([data[i : i + 1] for i in range(len(data))], fails, end))
    return data


def _reduce(parts: list[bytes], fails: Callable[[bytes], bool], end: float) -> list[bytes]:
    size = max(1, len(parts) // 2)
    while True:
        at, smaller = 0, False
        while at < len(parts) and time.monotonic() < end:
            candidate = parts[:at] + parts[at + size :]
            if fails(b"".join(candidate)):
                parts, smaller = candidate, True
            else:
                at += size
        if time.monotonic() >= end or (size == 1 and not smaller):
            return parts
        size = max(1, size // 2)


def shrunk(failure: Failure) -> bytes:
    """The smallest data found that shows the same fault."""
    kind, words = failure.fault.kind, failure.words

    def fails(data: bytes) -> bool:
        if kind == "slow":
            return run(words, data).seconds > SLOW
        changed = failure.mutant._replace(data=data)
        if kind.startswith(("another", "describe refuses")):
            verdict = judge(changed, twice=True)
            return any(one.fault.kind == kind for one in verdict.failures)
        return any(fault.kind == kind for fault in faults(words, data)[1])

    if not fails(failure.mutant.data):  # which was a matter of the machine's mood, or of memory
        return failure.mutant.data
    return shrink(failure.mutant.data, fails)


def keep(failure: Failure, folder: Path, name: str) -> Path:
    """Write the shrunk spec and, beside it, what is wrong and the command that shows it."""
    path = folder / f"{name}.yaml"
    path.write_bytes(shrunk(failure))
    words = ["-" if word == "-" else shlex.quote(word) for word in failure.words]
    path.with_suffix(".txt").write_text(
        f"{failure.fault.kind}\n"
        f"mutant {failure.mutant.number} of {failure.mutant.origin.relative_to(ROOT)}: "
        f"{', '.join(failure.mutant.recipe)}\n"
        f"cnncalc {' '.join(words)} < {shlex.quote(str(path))}\n\n{failure.fault.detail}\n",
        "utf-8",
        "backslashreplace",
    )
    return path


# The script.


class Totals:
    """The figures of a run."""

    def __init__(self) -> None:
        self.mutants = 0
        self.failures: Counter[tuple[str, str]] = Counter()
        self.first: dict[tuple[str, str], Failure] = {}
        self.codes: Counter[tuple[str, int]] = Counter()
        self.slowest = (0.0, 0, "")

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        self.mutants += 1
        for failure in verdict.failures:
            kind = (failure.words[0], failure.fault.kind)
            self.failures[kind] += 1
            self.first.setdefault(kind, failure)
        for words, outcome in verdict.outcomes.items():
            self.codes[words[0], outcome.code] += 1
            self.slowest = max(self.slowest, (outcome.seconds, mutant.number, " ".join(words)))

    def print(self) -> None:
        codes = ", ".join(f"{c} {code}: {n:,}" for (c, code), n in sorted(self.codes.items()))
        seconds, number, command = self.slowest
        print(f"{self.mutants:,} mutants, {self.failures.total():,} failures")
        print(f"exit codes: {codes}")
        print(f"slowest: {seconds:.2f} s, mutant {number}, cnncalc {command!a}")


def main() -> int:
    options = _options()
    seeds = corpus()
    if options.show is not None:
        sys.stdout.buffer.write(mutant(options.show, seeds, options.run).data)
        return 0
    import resource  # which is not on every system; the tests do without

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    faulthandler.enable()
    gc.freeze()
    warnings.simplefilter("error")
    folder = Path(tempfile.mkdtemp(prefix="cnncalc-fuzz-"))
    _surroundings(folder)
    totals = Totals()
    try:
        for number in range(options.start, options.start + options.count):
            (folder / "number").write_text(str(number))  # should the interpreter crash
            damaged = mutant(number, seeds, options.run)
            verdict = judge(damaged, twice=number % 20 == 0, timed=True)
            if number % 500 == 0:
                verdict.failures.extend(_apart(damaged, verdict))
            totals.add(damaged, verdict)
            if number % 1000 == 999:
                print(f"{number + 1:,}: {totals.failures.total():,} failures", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    totals.print()
    for index, (kind, failure) in enumerate(sorted(totals.first.items()), 1):
        print(f"{totals.failures[kind]:6,}  {kind[0]}: {kind[1]}, mutant {failure.mutant.number}")
        print(f"        {keep(failure, folder, f'{index:02}')}", flush=True)
    return 1 if totals.failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="how many mutants [20,000]")
    parser.add_argument("--start", type=int, default=0, help="the number of the first [0]")
    parser.add_argument("--run", type=int, default=1, help="other mutants for every number [1]")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="only write this mutant")
    return parser.parse_args()


def _surroundings(folder: Path) -> None:
    """No project, terminal or runner round the commands."""
    os.chdir(folder)
    for name in (
        "COLUMNS",
        "NO_COLOR",
        "FORCE_COLOR",
        "TERM",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
    ):
        os.environ.pop(name, None)


def _apart(mutant: Mutant, verdict: Verdict) -> Iterator[Failure]:
    for words, outcome in verdict.outcomes.items():
        apart = run_apart(words, mutant.data, mutant.number)
        if apart[:3] != outcome[:3]:
            detail = f"{outcome}\n{apart}"
            yield Failure(Fault("another output in another process", detail), words, mutant)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
