"""A small part of the fuzzing: the first 500 mutants; and that a fault would be seen."""

from __future__ import annotations

import re

import pytest
from fuzz import Outcome, faults, judge, lines_of, manners, positions, shape, shrink
from mutate import DAMAGES, GENTLE, HARSH, corpus, mutant
from test_parsers import PYTHON, differing

MUTANTS = 500
PART = 50

SEEDS = corpus()


pytestmark = pytest.mark.usefixtures("here")  # no project around the commands


@pytest.mark.parametrize("first", range(0, MUTANTS, PART))
def test_whatever_the_spec_commands_keep_their_manners(first: int) -> None:
    for number in range(first, first + PART):
        damaged = mutant(number, SEEDS)
        for words, fault in judge(damaged, twice=number % 20 == 0).faults():
            again = f"python tests/fuzz/fuzz.py --start {number} --count 1"
            pytest.fail(f"cnncalc {' '.join(words)}: {fault.kind}\n{again}\n\n{fault.detail}")


# What parsers read differently, see cases/dialects.json.
DIALECT = re.compile(r"[?!]|[>|][+-]?#|^[ -]*\t", re.MULTILINE)


def test_mutants_are_read_alike_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    data = {str(number): mutant(number, SEEDS).data for number in range(300)}
    texts = {name: data.decode("utf-8", "replace") for name, data in data.items()}
    plain = {name: text for name, text in texts.items() if not DIALECT.search(text)}
    assert len(plain) > 150
    assert not differing(plain, monkeypatch, _FAST=PYTHON)


def test_a_number_makes_one_mutant() -> None:
    again = corpus()
    for number in range(100):
        assert mutant(number, SEEDS) == mutant(number, again)


def test_mutants_differ_from_one_another_and_from_their_origin() -> None:
    found = [mutant(number, SEEDS) for number in range(200)]
    assert len({one.data for one in found}) > 190
    assert sum(one.data != one.origin.read_bytes() for one in found) > 190


def test_every_mutator_is_used() -> None:
    used = {name for number in range(2000) for name in mutant(number, SEEDS).recipe}
    assert {edit.__name__ for edit in (*GENTLE, *HARSH, *DAMAGES)} <= used


# What the fuzzing looks for.

DESCRIBE = ("describe", "-", "--format", "csv")
GITHUB = ("check", "-", "--format", "github")
ANNOTATION = "::error title=cnncalc (CNN101),file=a.yaml,line=1,endLine=1::a.yaml:1:1: CNN101 x\n"


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome(2, "", "Usage"), "exit 2"),
        (Outcome(3, "", "a bug"), "exit 3"),
        (Outcome(1, "", ""), "exit 1 without a word"),
        (Outcome(0, "Traceback (most recent call last):\n", ""), "traceback"),
        (Outcome(0, "a\x1b[31mb\n", ""), "unprintable"),
        (Outcome(0, "a\u202eb\n", ""), "unprintable"),
        (Outcome(1, "", "a\n  ::error::owned\n"), "a line begins with ::"),
        (Outcome(0, ANNOTATION, ""), "a line begins with ::"),
        (Outcome(0, "a ##[error]owned\n", ""), "##[ in a line"),
    ],
)
def test_bad_manners_are_seen(outcome: Outcome, kind: str) -> None:
    assert kind in [fault.kind for fault in manners(DESCRIBE, outcome)]


def test_good_manners_are_no_fault() -> None:
    assert not list(manners(DESCRIBE, Outcome(0, "Layer, ×::\n", "")))
    assert not list(manners(GITHUB, Outcome(1, ANNOTATION, "")))


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        *(("1:1", True), ("2:3", True), ("2:4", True), ("3:1", True)),
        *(("0:1", False), ("1:0", False), ("2:5", False), ("3:2", False), ("4:1", False)),
    ],
)
def test_places_outside_the_file_are_seen(place: str, inside: bool) -> None:
    outcome = Outcome(1, "", f"error[CNN101]: x\n --> <stdin>:{place}\n")
    assert bool(list(positions(DESCRIBE, outcome, lines_of(b"a\nbcd\n")))) is not inside


@pytest.mark.parametrize(
    ("format_", "text"),
    [("json", "{"), ("sarif", "x"), ("junit", "<a>"), ("csv", "a,b\nc\n"), ("gitlab", "[")],
)
def test_what_programs_cannot_read_is_seen(format_: str, text: str) -> None:
    assert list(shape(("check", "-", "--format", format_), Outcome(0, text, "")))


def test_exceptions_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("cnncalc.api.read_bytes", broken)
    outcome, (fault,) = faults(DESCRIBE, b"input: 1\n")
    assert outcome is None
    assert fault.kind.startswith("KeyError in ")


def test_a_failure_is_shrunk_to_what_it_takes() -> None:
    data = b"".join(b"line %d\n" % number for number in range(100))
    assert shrink(data, lambda part: b"7" in part and b"42" in part) == b"742"
