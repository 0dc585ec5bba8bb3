"""Traces as documents: Markdown, LaTeX and HTML are written from the same blocks."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.commands.trace.grids import NARROW
from cnncalc.commands.trace.showing import Traces, every_step
from cnncalc.commands.trace.text import traces
from cnncalc.render.blocks import Block, Heading, Listing
from cnncalc.render.stream import Paper


def render_markdown(found: Traces, paper: Paper) -> str:
    from cnncalc.render.markdown import render_blocks  # one format at a time

    return render_blocks(list(blocks(found, paper)))


def render_latex(found: Traces, paper: Paper) -> str:
    from cnncalc.render.latex import render_blocks  # one format at a time

    return render_blocks(list(blocks(found, paper)), paper.handout)


def render_html(found: Traces, paper: Paper) -> str:
    from cnncalc.render.html import render_blocks  # one format at a time

    return render_blocks(list(blocks(found, paper)))


def blocks(found: Traces, paper: Paper) -> Iterator[Block]:
    """A heading for each trace, and below it for each volume or step with its grids."""
    paper.width = paper.width or NARROW
    for title, parts in traces(found, paper):
        yield Heading(_heading(title))
        for part in parts:
            if part.title:
                yield Heading(_heading(part.title), 2)
            yield Listing(_without_margin(part.lines))


def _heading(title: str) -> str:
    """What stands apart in a line of text, in a heading with commas."""
    return ", ".join(part for part in title.split("   ") if part.strip())


def key(found: Traces) -> list[Block]:
    """Every volume, and how each number of it was worked out, as far as that is not too long."""
    shown = [
        one if one.steps else one._replace(steps=every_step(one.trace, one.volumes))
        for one in found.shown
    ]
    return list(blocks(found._replace(shown=shown), Paper(NARROW)))


def _without_margin(lines: list[str]) -> list[str]:
    """Without empty lines at the start, and the blanks that all lines begin with."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[indent:] for line in lines]
