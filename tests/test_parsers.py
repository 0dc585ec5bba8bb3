"""The same trees and messages whichever parser PyYAML brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from test_mistakes import BAD

from cnncalc.problems import Problem, Problems
from cnncalc.spec import syntax
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source

SLIPS = sorted(BAD.glob("yaml-*.yaml"))


# What a text is read as.


def tree(node: Node | None) -> Any:
    """Everything about a node and those in it."""
    if node is None:
        return None
    values: Any = ()
    if isinstance(node, Scalar):
        values = node.text, node.quoted
    elif isinstance(node, Sequence):
        values = list(map(tree, node.items))
    elif isinstance(node, Mapping):
        values = node.incomplete, [(tree(key), tree(value)) for key, value in node.pairs]
    return type(node), node.start, node.end, values


def read(text: str) -> tuple[Node | None, list[Problem]]:
    problems = Problems(stops=True)
    return syntax.parse(Source("net.yaml", text), problems), problems.sorted()


def everything(text: str) -> Any:
    """All that the rest of the program is told of a text."""
    node, problems = read(text)
    return tree(node), [(*problem[:2], problem.span[1:], *problem[3:6]) for problem in problems]


def differing(texts: dict[str, str], monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str]:
    """The names of the texts that are read differently after a change of the module."""
    before = {name: everything(text) for name, text in texts.items()}
    for name, value in changes.items():
        monkeypatch.setattr(syntax, name, value)
    return [name for name, text in texts.items() if everything(text) != before[name]]


def contents(paths: list[Path]) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in paths}


class OtherWords(yaml.SafeLoader):
    """Words its errors as no parser does."""

    def check_event(self, *choices: Any) -> bool:
        try:
            return bool(super().check_event(*choices))
        except yaml.MarkedYAMLError as error:
            raise type(error)("x", error.context_mark, "y", error.problem_mark) from None


def test_the_words_of_the_parser_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_LOADER", yaml.SafeLoader)
    assert not differing(contents(SLIPS), monkeypatch, _LOADER=OtherWords)
