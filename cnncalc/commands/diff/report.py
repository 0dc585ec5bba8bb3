"""What differs as text, Markdown and HTML: of two networks, or of all specs since a revision."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as html_escape

from cnncalc.commands.diff import text
from cnncalc.commands.diff.compare import ADDED, CHANGED, REMOVED, Comparison
from cnncalc.commands.diff.specs import RENAMED, SpecChange, SpecChanges
from cnncalc.commands.diff.text import CHANGES, change_row, lines_of, total_row, totals_columns
from cnncalc.render.html import page, table_part
from cnncalc.render.markdown import escape, table_lines
from cnncalc.render.stream import Paper
from cnncalc.render.table import Column, Remark, Row, Table
from cnncalc.wording import count, line_start, visible

Found = Comparison | SpecChanges

_KINDS = (ADDED, REMOVED, RENAMED, CHANGED)
MAX_ROWS = 300  # changes of layers in Markdown: a comment on GitHub has 65,536 characters
_TOLD = ("parameters", "macs")  # in the overview
_OVERVIEW = (
    Column("Spec", tree=True), Column("Change", wraps=True),
    Column("Parameters", True), Column("", True), Column("MACs", True), Column("", True),
)  # fmt: skip


def render_text(found: Found, paper: Paper) -> str:
    """The overview, then of each network the changes and totals."""
    if isinstance(found, Comparison):
        return text.render_text(found, paper)
    lines = [line_start(_headline(found))]
    if found.specs:
        lines += ["", *lines_of(_OVERVIEW, list(_overview(found)), paper)]
        lines += [line_start(f"  {visible(remark)}") for remark in _remarks(found)]
    parts = (text.render_text(network, paper) for _, network in _details(found))
    return "\n".join(("\n".join(lines) + "\n", *parts))


def render_markdown(found: Found, paper: Paper) -> str:
    """For the comment on a pull request: the overview, then each network folded."""
    if isinstance(found, Comparison):
        return text.render_markdown(found, paper)
    lines = [f"### {escape(_headline(found))}"]
    if found.specs:
        rows = [list(map(escape, row)) for row in _overview(found)]
        lines += ["", *table_lines(_OVERVIEW, rows)]
        remarks = [f"- {escape(visible(remark))}" for remark in _remarks(found)]
        lines += ["", *remarks] if remarks else []
    left = MAX_ROWS
    for _, network in _details(found):
        shown = network.changes[:left]
        left -= len(shown)
        rest = len(network.changes) - len(shown)
        names = escape(" → ".join(map(visible, network.names)))
        lines += ["", f"<details><summary>{names}</summary>", ""]
        lines += table_lines(CHANGES, [list(map(escape, change_row(c))) for c in shown])
        lines += ["", f"{count(rest, 'more change')} not listed."] if rest else []
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def render_html(found: Found, paper: Paper) -> str:
    """A page with the overview, and the changes and totals of each network."""
    if isinstance(found, Comparison):
        title = " → ".join(
            map(visible, found.names)
        )  # which the page has, so that no table needs it
        return _page(title, [table._replace(title="") for table in _tables(found)])
    remarks = [Remark(visible(remark)) for remark in _remarks(found)]
    rows = [Row(row) for row in _overview(found)]
    tables = [Table(_OVERVIEW, rows, remarks=remarks)] if rows else []
    for _, network in _details(found):
        tables += _tables(network)
    return _page(_headline(found), tables)


def _page(title: str, tables: list[Table]) -> str:
    return page(title, (f"<h1>{html_escape(title)}</h1>", *map(table_part, tables)))


def _tables(network: Comparison) -> Iterator[Table]:
    title = " → ".join(map(visible, network.names))
    if network.changes:
        yield Table(CHANGES, [Row(change_row(change)) for change in network.changes], title=title)
    if network.differing:
        rows = [Row(total_row(total)) for total in network.differing]
        yield Table(totals_columns("Before", "After"), rows)


def _headline(found: SpecChanges) -> str:
    """`2 specs changed, 1 added since main`."""
    kinds = [spec.kind for spec in found.specs]
    counts = [(kind, kinds.count(kind)) for kind in _KINDS if kind in kinds]
    parts = [f"{count(number, 'spec')} {kind}" for kind, number in counts] or ["no spec differs"]
    left = f"; {count(found.left, 'file')} more not compared" if found.left else ""
    return f"{', '.join(parts)} since {visible(found.revision)}{left}"


def _overview(found: SpecChanges) -> Iterator[tuple[str, ...]]:
    """A row for each network that differs, or for a spec of which none does."""
    for spec in found.specs:
        for network in spec.networks:
            yield *_named(spec, network), *_counts(network)
        if not spec.networks:
            path, change = _named(spec, None)
            said = "not compared" if spec.trouble else "the same numbers"
            yield path, f"{change}, {said}", "", "", "", ""


def _remarks(found: SpecChanges) -> Iterator[str]:
    """Why specs are not compared."""
    return (f"{spec.path} {spec.trouble}" for spec in found.specs if spec.trouble)


def _named(spec: SpecChange, network: Comparison | None) -> tuple[str, str]:
    path, change = visible(spec.path), spec.kind
    if network is not None and (variant := _variant(network)):
        path += f" ({visible(variant)})"
        if spec.kind == CHANGED and None in (network.before, network.after):
            change = ADDED if network.before is None else REMOVED
    if spec.was != spec.path:
        change += f", was {visible(spec.was)}"
    return path, change


def _variant(network: Comparison) -> str | None:
    side = network.after or network.before
    return side.variant if side else None


def _counts(network: Comparison) -> Iterator[str]:
    """Each quantity as it is now, and the difference; of what is gone, only the difference."""
    for total in network.totals:
        if total.name in _TOLD:
            *_, difference, share = total_row(total)
            changed = f"{difference} ({share})" if share else difference
            yield f"{total.after:,}" if network.after is not None else "–"
            yield changed if total.difference else ""


def _details(found: SpecChanges) -> Iterator[tuple[SpecChange, Comparison]]:
    """The networks that are there on both sides."""
    for spec in found.specs:
        for network in spec.networks:
            if network.before is not None and network.after is not None:
                yield spec, network
