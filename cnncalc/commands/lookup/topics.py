"""What a word means, whichever registry knows it: a code, a kind, a quantity, a bundled network."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.ignores import UnknownCode, find_codes
from cnncalc.checks.rules import all_codes
from cnncalc.commands.lookup.rulebook import explain_code, list_codes
from cnncalc.commands.lookup.vocabulary import describe_kind, describe_quantity, kind_names
from cnncalc.language.bundled import Entry, all_names, catalogue
from cnncalc.quantities import QUANTITIES
from cnncalc.render.stream import Style, unstyled
from cnncalc.render.text import hanging, paragraph


def term_text(word: str, width: int | None = None, style: Style = unstyled) -> str:
    """The pages of the kind, quantity and code of that name; nothing where it names none."""
    pages = describe_kind(word), describe_quantity(word), _code_text(word, width, style)
    return "\n".join(filter(None, pages))


def _code_text(word: str, width: int | None, style: Style) -> str:
    try:
        found = find_codes(word)
    except UnknownCode:
        return ""
    return explain_code(found[0], width, style) if len(found) == 1 else list_codes(found, width)


def network_text(word: str, width: int | None = None) -> str:
    """What is known of a bundled network without building it; nothing where none has the name."""
    entries = (one for one in catalogue() if word in (one.name, *one.variants))
    entry = next(entries, None)
    return "" if entry is None else "\n".join(_entry_lines(entry, word, width or 80)) + "\n"


def _entry_lines(entry: Entry, word: str, width: int) -> Iterator[str]:
    yield entry.title
    yield ""
    if entry.source:
        yield from paragraph(entry.source, width, "  ")
        yield ""
    if entry.variants:
        yield from hanging("  variants  ", ", ".join(entry.variants), width)
        yield ""
    for command in ("describe", "explain", "init --from"):
        yield f"  cnncalc {command} {word}"


def topics() -> list[str]:
    """Every word that has a page, but for commands."""
    codes = all_codes()
    return [
        *codes,
        *(code.name for code in codes.values()),
        *kind_names(),
        *QUANTITIES,
        *all_names(),
    ]
