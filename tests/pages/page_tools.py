"""What the generators of the pages have in common: data, the neighbouring tests, Markdown."""

from __future__ import annotations

import importlib.util
import json
import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TESTS = HERE.parent
SPECS = TESTS.parent / "specs"


def data(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def neighbour(path: str) -> Any:
    """The module of other tests, whose data and reading of numbers hold here too."""
    spec = importlib.util.spec_from_file_location(f"neighbour_{Path(path).stem}", TESTS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def facts() -> Any:
    return neighbour("facts/test_facts.py")


def oracles() -> Any:
    return neighbour("oracle/test_networks.py")


def folded(text: str, indent: str = "") -> str:
    """A paragraph, or after the mark of a list its indented continuation."""
    return textwrap.fill(
        text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def table(heads: list[str], rows: Iterable[list[str]], right: Iterable[int] = ()) -> str:
    """A table that is one in plain text too: cells are filled up to the width of their column.

    The last column is left as it is, since it may be long.
    """
    lines = [heads, *rows]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    widths[-1] = max(3, len(heads[-1]))
    marks = [":" if index in right else "-" for index in range(len(heads))]
    rule = ["-" * (width - 1) + mark for width, mark in zip(widths, marks, strict=True)]
    return "\n".join(
        "| "
        + " | ".join(
            cell.rjust(width) if mark == ":" else cell.ljust(width)
            for cell, width, mark in zip(line, widths, marks, strict=True)
        )
        + " |"
        for line in [heads, rule, *lines[1:]]
    )
