"""The difference between two networks as text and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.commands.diff.compare import ADDED, REMOVED, Change, Comparison, Element, Total
from cnncalc.network.model import Group, Layer
from cnncalc.quantities import QUANTITIES
from cnncalc.render.markdown import escape, table_lines
from cnncalc.render.stream import Paper, encodable
from cnncalc.render.table import Column, aligned, folded_lines
from cnncalc.volume import Volume
from cnncalc.wording import line_start, minus, show_bytes, visible

_SIGNS = {ADDED: "+", REMOVED: "-"}
_COLORS = {"+": "green", "-": "red", "~": "yellow"}
# Arguments that are part of a label.
_SAID = (
    "kernel", "stride", "padding", "dilation", "groups", "size", "function", "rounding"
)  # fmt: skip
CHANGES = (
    Column(""),
    Column("Layer", tree=True),
    Column("Change", wraps=True),
    Column("Parameters", right=True),
    Column("MACs", right=True),
)


def totals_columns(before: str, after: str) -> tuple[Column, ...]:
    """The columns of a table of totals."""
    names = (before, after, "Difference", "")
    return (Column(""), *(Column(name, right=True) for name in names))


def render_text(found: Comparison, paper: Paper) -> str:
    """Changes line by line, then the totals that differ."""
    before, after = map(visible, found.names)
    lines = [line_start(f"{before} → {after}"), ""]
    if found.changes:
        lines += [*lines_of(CHANGES, list(map(change_row, found.changes)), paper), ""]
    if found.differing:
        rows = list(map(total_row, found.differing))
        lines += lines_of(totals_columns("Before", "After"), rows, paper)
    elif found.changes:
        lines.append("  the totals are the same")
    else:
        lines.append("  no difference")
    return "\n".join(lines) + "\n"


def sign(change: Change) -> str:
    """+ added, - removed, ~ changed."""
    return _SIGNS.get(change.kind, "~")


def what(change: Change) -> str:
    """What changed, in a few words, and in which copies."""
    return ", ".join(filter(None, (_what(change), change.remark)))


def _what(change: Change) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        element = after or before
        assert element is not None
        return f"{element.marked_label} → {_volume(element.output)}"
    parts = []
    if before.label != after.label:
        parts.append(f"{before.label} → {after.label}")
    parts += [
        f"{name} {_value(old)} → {_value(new)}"
        for name, (old, new) in change.arguments().items()
        if before.label == after.label or name not in _SAID  # by the label
    ]
    if before.output != after.output:
        parts.append(f"output {_volume(before.output)} → {_volume(after.output)}")
    elif before.inputs != after.inputs:
        old_input, new_input = (", ".join(map(_volume, e.inputs)) for e in (before, after))
        parts.append(f"input {old_input} → {new_input}")
    if change.reads_other:
        parts.append(f"reads {_sources(before)} → {_sources(after)}")
    if before.path != after.path and not parts:
        parts.append(f"was {before.path}")
    if not parts and isinstance(after, Group) and after.copies:
        parts.append(after.label)
    return ", ".join(parts) or "counts differ"


def _sources(element: Element) -> str:
    sources = element.sources if isinstance(element, Layer) else ()
    return " and ".join(source.path for source in sources)


def _volume(volume: Volume | None) -> str:
    return volume.text() if volume else "?"


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else visible(str(value))


def change_row(change: Change) -> tuple[str, ...]:
    """The cells of CHANGES."""
    differences = map(change.difference, ("parameters", "macs"))
    signed = (minus(f"{number:+,}") if number else "" for number in differences)
    return sign(change), change.path, what(change), *signed


def total_row(total: Total) -> tuple[str, ...]:
    """The cells of totals_columns."""
    quantity = QUANTITIES.get(total.name)
    name = quantity.header if quantity else total.name.replace("_", " ").capitalize()
    show = show_bytes if quantity and quantity.unit == "bytes" else "{:,}".format
    mark = "+" if total.difference > 0 else "−"
    difference = f"{mark}{show(abs(total.difference))}"
    return name, show(total.before), show(total.after), difference, percent(total)


def percent(total: Total) -> str:
    """+74.3%, from whole numbers, rounded half away from zero; what would round to 0 is < 0.1%."""
    if not total.before or not total.difference:
        return ""
    thousandths = (abs(total.difference) * 2000 + total.before) // (2 * total.before)
    if thousandths == 0:
        return "< 0.1%"
    return f"{'+' if total.difference > 0 else '−'}{thousandths // 10:,}.{thousandths % 10}%"


def lines_of(columns: Sequence[Column], rows: list[tuple[str, ...]], paper: Paper) -> list[str]:
    """The head in bold, and changes in the colour of their sign; on narrow paper in more lines."""
    lines = [[encodable(text, paper.encoding) for text in row] for row in (_heads(columns), *rows)]
    folded = folded_lines(columns, lines, paper.width, encodable("…", paper.encoding))
    signs = [line[0] for line, parts in zip(lines, folded, strict=True) for _ in parts]
    flat = [line for parts in folded for line in parts]
    head, *others = aligned(flat, [column.right for column in columns])
    colored = (
        paper.style(text, fg=_COLORS.get(sign))
        for text, sign in zip(others, signs[1:], strict=True)
    )
    return [paper.style(head, bold=True), *colored]


def _heads(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.heading for column in columns)


def render_markdown(found: Comparison, paper: Paper) -> str:
    """For the comment on a pull request: the totals first, the layers folded below."""
    before, after = map(visible, found.names)
    lines = [f"### {escape(before)} → {escape(after)}", ""]
    if found.differing:
        rows = map(total_row, found.differing)
        lines += table_lines(
            totals_columns(before, after), [list(map(escape, row)) for row in rows]
        )
    else:
        lines.append("The totals are the same.")
    if found.changes:
        rows = map(change_row, found.changes)
        lines += ["", f"<details><summary>{len(found.changes):,} changes</summary>", ""]
        lines += table_lines(CHANGES, [list(map(escape, row)) for row in rows])
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"
