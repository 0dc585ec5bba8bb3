"""cases/ok/NAME.yaml and the table that `describe --expand all` prints of it, NAME.txt.

A new case needs only a spec; `pytest --update` writes its table, to be read before it is committed.
The specs carry `expect:` blocks worked out by hand, which --update leaves alone.
"""

import re
from pathlib import Path

import pytest
from running import Command, Compare

import cnncalc
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers import KINDS
from cnncalc.network.model import Layer

SPECS = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))
NAMES = [path.stem for path in SPECS]
TEXT_COLUMNS = ("Layer", "Kind", "Output")


@pytest.mark.parametrize("path", SPECS, ids=NAMES)
def test_table(path: Path, run: Command, compare: Compare) -> None:
    table = run.output("describe", path, "--expand", "all")
    compare(path.with_suffix(".txt"), table)


def test_no_table_is_left_over() -> None:
    tables = sorted((Path(__file__).parent / "cases" / "ok").glob("*.txt"))
    assert [path.stem for path in tables] == NAMES


# Columns of the golden text, added up by a reader who knows nothing of the program.


def number_at(line: str, end: int) -> str:
    """The text of a column whose cells end at `end`; nothing where the cell is empty."""
    return line[:end].split()[-1] if len(line) >= end and line[end - 1] != " " else ""


def number_columns(header: str) -> dict[str, int]:
    """The columns of numbers, and where their cells end."""
    found = re.finditer(r"\S+(?: \S+)*", header)
    return {match[0]: match.end() for match in found if match[0] not in TEXT_COLUMNS}


def value(text: str) -> int:
    return 0 if text in ("–", "") else int(text.replace(",", ""))


@pytest.mark.parametrize("path", SPECS, ids=NAMES)
def test_columns_add_up(path: Path) -> None:
    header, _, *body = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()[2:]
    last = next(number for number, line in enumerate(body) if line.startswith("  Total"))
    columns = number_columns(header)
    assert {"Weights", "Biases", "Parameters", "Connections"} <= set(columns)
    for end in columns.values():
        assert sum(value(number_at(line, end)) for line in body[:last]) == value(
            number_at(body[last], end)
        )


# The cases together use the whole language.


@pytest.fixture(scope="module")
def leaves() -> list[Layer]:
    return [leaf for path in SPECS for leaf in cnncalc.load(path)]


@pytest.fixture(scope="module")
def text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SPECS)


def test_every_kind_has_a_case(leaves: list[Layer]) -> None:
    assert {leaf.kind for leaf in leaves} == set(KINDS)


def test_every_argument_has_a_case(leaves: list[Layer]) -> None:
    def changed(leaf: Layer, name: str) -> bool:
        declared = leaf.operation.arguments[name]
        axes = len(leaf.operation.input.sizes)
        if declared.required or declared.default is None:
            return getattr(leaf.operation, name) is not None
        return bool(getattr(leaf.operation, name) != declared.bind(declared.default, axes))

    seen = {name for leaf in leaves for name in leaf.operation.arguments if changed(leaf, name)}
    assert {name for cls in KINDS.values() for name in cls.arguments} - seen == set()


KEYS = (
    "version", "name", "source", "note", "input", "vars", "rounding", "defaults", "blocks",
    "layers", "outputs", "expect", "variants", "from", "repeat", "each", "when", "trainable",
    "shortcut", "merge", "args", "shape", "values",
)  # fmt: skip
WORDS = (
    "same", "valid", "full", "causal", "floor", "ceil", "exact", "divisible", "min", "max",
    "round", "and", "or", "not", "activation", "crop", "prev",
)  # fmt: skip


@pytest.mark.parametrize("word", [*KEYS, *COMPOSITES])
def test_every_key_has_a_case(word: str, text: str) -> None:
    assert re.search(rf"^[ -]*{word}:", text, re.MULTILINE)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_a_case(word: str, text: str) -> None:
    assert re.search(rf"\b{word}\b", text)
