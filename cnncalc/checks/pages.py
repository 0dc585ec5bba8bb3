"""The page of every code: cnncalc/rules/CODE.md, which `cnncalc rules` and the documentation read.

Below its title a page says what is wrong and, where the code has a choice, why it has the severity
that it has; then it shows a spec with the problem and the same spec without it. Tests run both.
"""

import os
import re
from typing import NamedTuple

from cnncalc.api import read_text
from cnncalc.checks.verdict import check
from cnncalc.problems import Problem

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules")
_SEVERITY = r"An? (error|warning|note)[:,]"
_EXAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page(NamedTuple):
    """What a page says, as plain text."""

    title: str  # CNN304 skipped-pixels: a stride larger than its kernel
    why: tuple[str, ...]  # paragraphs
    severity: str  # "A warning: ..."; nothing where no network can be built
    fires: str  # a spec with it; nothing where it is not in the spec
    passes: str  # the same spec without it


def page_of(code: str) -> Page:
    """The page of CNN304."""
    with open(os.path.join(_FOLDER, f"{code}.md"), encoding="utf-8") as file:
        text = file.read()
    prose, _, examples = text.partition("\n## ")
    title, *paragraphs = (_plain(part) for part in prose.strip().split("\n\n"))
    severity = paragraphs.pop() if re.match(_SEVERITY, paragraphs[-1]) else ""
    fires, passes = _EXAMPLE.findall(examples) or ("", "")
    return Page(title.removeprefix("# "), tuple(paragraphs), severity, fires, passes)


def _plain(paragraph: str) -> str:
    """Markdown as text: in one line, and without the signs around code."""
    return " ".join(paragraph.split()).replace("`", "")


def findings(text: str, name: str = "net.yaml") -> list[Problem]:
    """Everything that there is to say of a text, as `cnncalc check` says it."""
    return check(read_text(text, name))
