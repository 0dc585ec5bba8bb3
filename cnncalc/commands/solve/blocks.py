"""What solve has found as a page."""

from __future__ import annotations

from cnncalc.commands.solve.model import InputAnswers, LayerAnswers, WindowAnswers
from cnncalc.commands.solve.text import render_text
from cnncalc.render.blocks import Heading, Listing
from cnncalc.render.html import render_blocks
from cnncalc.render.stream import Paper


def render_html(
    found: WindowAnswers | LayerAnswers | InputAnswers, paper: Paper, show_all: bool = False
) -> str:
    """The answers as they stand on a terminal."""
    lines = render_text(found, paper, show_all).splitlines()
    return render_blocks([Heading("What fits"), Listing(lines)])
