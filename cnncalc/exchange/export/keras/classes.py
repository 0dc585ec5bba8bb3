"""Classes of layers that Keras has not, as they stand in a file that uses them (local.txt)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path


@cache
def definitions() -> dict[str, str]:
    """The functions and classes of local.txt by name, each before those that use it."""
    text = Path(__file__).with_name("local.txt").read_text("utf-8")
    found = [node for node in ast.parse(text).body
             if isinstance(node, (ast.FunctionDef, ast.ClassDef))]  # fmt: skip
    return {node.name: ast.get_source_segment(text, node) or "" for node in found}


def needed(texts: Iterable[str]) -> Iterator[str]:
    """The functions that texts call, each before those that call it."""
    whole = "\n".join(texts)
    for name, text in definitions().items():
        if text.startswith("def ") and re.search(rf"\b{name}\(", whole):
            yield text
