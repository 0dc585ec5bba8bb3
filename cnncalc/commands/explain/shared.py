"""Explanations: what is common to the ways to write one.

explain_text, explain_markdown, explain_latex and explain_json visit an explanation part by part;
they differ in how a heading, a sentence, a derivation and a list of steps are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from cnncalc.commands.explain.explanation import Explanation, Overview
from cnncalc.layers.derivation import Derivation, Section
from cnncalc.render.titles import title_of
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.network.model import Network
    from cnncalc.volume import Volume

Sections = tuple[Section, ...]
Lines = TypeVar("Lines")


def once(work: Callable[[Sections], Lines]) -> Callable[[Sections], Lines]:
    """`work`, done once for the sections that equal layers share."""
    done: dict[int, Lines] = {}

    def look_up(sections: Sections) -> Lines:
        if id(sections) not in done:
            done[id(sections)] = work(sections)
        return done[id(sections)]

    return look_up


def volumes_text(inputs: tuple[Volume, ...], output: Volume | None) -> str:
    """32×32×1 → 28×28×6"""
    before = ", ".join(volume.text() for volume in inputs)
    return " → ".join(filter(None, (before, output.text() if output else "")))


def title_text(network: Network, found: Explanation | Overview) -> str:
    """The name of the network, and of the group in it."""
    name = visible(title_of(network))
    group = found.title if isinstance(found, Overview) else ""
    return f"{name}: {group}" if group and group != network.name else name


def place_text(network: Network, found: Explanation) -> str:
    """Where the layer is written."""
    line = f", on line {found.line}" if found.line is not None else ""
    return f"in {title_text(network, found)}{line}" if network.name else ""


def derivations_in(sections: Sections) -> Iterator[Derivation]:
    """The derivations of all sections, without the sentences between them."""
    for section in sections:
        yield from (entry for entry in section.entries if isinstance(entry, Derivation))


def worked_text(derivation: Derivation) -> str:
    """The numbers and the result, without letters and steps between."""
    return " = ".join(dict.fromkeys((derivation.numbers(), derivation.result_text())))
