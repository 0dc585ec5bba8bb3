"""The difference between two networks as text, Markdown and JSON."""

from __future__ import annotations

from typing import Any

from cnncalc.compare import ADDED, REMOVED, Change, Total
from cnncalc.network.network import Group, Leaf, Network
from cnncalc.quantities import QUANTITIES
from cnncalc.reports.machine import json_text
from cnncalc.volume import Volume
from cnncalc.wording import line_start, minus, show_bytes, visible

_SIGNS = {ADDED: "+", REMOVED: "-"}
_TOTALS_HEAD = ("", "Before", "After", "Difference", "")
_COLORS = {"+": "green", "-": "red", "~": "yellow"}


def render_text(
    before: str, after: str, changes: list[Change], totals: list[Total], style: Any
) -> str:
    """Changes line by line, then the totals that differ; the sides by the names they were given."""
    lines = [line_start(f"{visible(before)} → {visible(after)}"), ""]
    if changes:
        rows = [(sign(change), change.path, what(change), *_deltas(change)) for change in changes]
        lines += _table([("", "Layer", "Change", "Parameters", "MACs"), *rows], style)
        lines.append("")
    differing = [total for total in totals if total.difference]
    if differing:
        lines += _table([_TOTALS_HEAD, *map(_total_row, differing)], style)
    elif not changes:
        lines.append("  no difference")
    else:
        lines.append("  the totals are the same")
    return "\n".join(lines) + "\n"


def sign(change: Change) -> str:
    """+ added, - removed, ~ changed."""
    return _SIGNS.get(change.kind, "~")


def what(change: Change) -> str:
    """What changed, in a few words."""
    before, after = change.before, change.after
    if before is None or after is None:
        element = after or before
        assert element is not None
        return f"{element.label} → {_volume(element.output)}"
    parts = []
    if before.label != after.label:
        parts.append(f"{before.label} → {after.label}")
    parts += [
        f"{name} {_value(old)} → {_value(new)}"
        for name, (old, new) in change.arguments().items()
        if not _in_label(name, before.label, after.label)
    ]
    if before.output != after.output:
        parts.append(f"output {_volume(before.output)} → {_volume(after.output)}")
    elif before.inputs != after.inputs:
        old_input, new_input = (", ".join(map(_volume, e.inputs)) for e in (before, after))
        parts.append(f"input {old_input} → {new_input}")
    if before.path != after.path and not parts:
        parts.append(f"was {before.path}")
    if not parts and isinstance(before, Group) and before.copies:
        return f"{after.label}, each as the first below"
    return ", ".join(parts) or "counts differ"


def _in_label(argument: str, old: str, new: str) -> bool:
    """Kernel and stride are part of a label; what is said there is not said twice."""
    return old != new and argument in ("kernel", "stride", "dilation", "groups", "size", "function")


def _volume(volume: Volume | None) -> str:
    return volume.text() if volume else "?"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else visible(str(value))


def _deltas(change: Change) -> tuple[str, str]:
    return _signed(change.difference("parameters")), _signed(change.difference("macs"))


def _signed(number: int) -> str:
    return minus(f"{number:+,}") if number else ""


def _total_row(total: Total) -> tuple[str, str, str, str, str]:
    quantity = QUANTITIES.get(total.name)
    name = quantity.header if quantity else total.name.replace("_", " ").capitalize()
    if quantity and quantity.unit == "bytes":
        size = show_bytes(abs(total.difference))
        difference = f"{'+' if total.difference > 0 else '−'}{size}"
        return name, show_bytes(total.before), show_bytes(total.after), difference, percent(total)
    return (
        name,
        f"{total.before:,}",
        f"{total.after:,}",
        _signed(total.difference),
        percent(total),
    )


def percent(total: Total) -> str:
    """+74.3%, from whole numbers, rounded half away from zero; what would round to 0 is < 0.1%."""
    if not total.before or not total.difference:
        return ""
    thousandths = (abs(total.difference) * 2000 + total.before) // (2 * total.before)
    if thousandths == 0:
        return "< 0.1%"
    return f"{'+' if total.difference > 0 else '−'}{thousandths // 10:,}.{thousandths % 10}%"


def _table(rows: list[tuple[str, ...]], style: Any) -> list[str]:
    """Aligned columns: texts to the left, the last two and all of the totals to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    is_totals = rows[0] == _TOTALS_HEAD
    lines = []
    for number, row in enumerate(rows):
        cells = [
            text.rjust(size) if place > 2 or (is_totals and place) else text.ljust(size)
            for place, (text, size) in enumerate(zip(row, widths, strict=True))
        ]
        text = "  " + "   ".join(cells).rstrip()
        color = _COLORS.get(row[0])
        lines.append(style(text, bold=True) if number == 0 else style(text, fg=color))
    return lines


def render_markdown(before: str, after: str, changes: list[Change], totals: list[Total]) -> str:
    """For the comment on a pull request: the totals first, the layers folded below."""
    from cnncalc.render.markdown import escape

    old, new = escape(visible(before)), escape(visible(after))
    lines = [f"### {old} → {new}", ""]
    differing = [total for total in totals if total.difference]
    if differing:
        lines += [f"| | {old} | {new} | Difference | |", "|---|---:|---:|---:|---:|"]
        lines += [f"| {' | '.join(map(escape, _total_row(total)))} |" for total in differing]
    else:
        lines.append("The totals are the same.")
    if changes:
        lines += ["", f"<details><summary>{len(changes):,} changes</summary>", ""]
        lines += ["| | Layer | Change | Parameters | MACs |", "|---|---|---|---:|---:|"]
        for change in changes:
            cells = (sign(change), change.path, what(change), *_deltas(change))
            lines.append(f"| {' | '.join(map(escape, cells))} |")
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def render_json(before: Network, after: Network, changes: list[Change], totals: list[Total]) -> str:
    """All of it for programs."""
    import cnncalc

    document = {
        "schema_version": 1,
        "tool": {"name": "cnncalc", "version": cnncalc.__version__},
        "before": _side(before),
        "after": _side(after),
        "changes": list(map(_change, changes)),
        "totals": {
            total.name: {
                "before": total.before, "after": total.after, "difference": total.difference,
            }
            for total in totals
        },
    }  # fmt: skip
    return json_text(document, indent=2) + "\n"


def _side(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "variant": network.variant,
        "inputs": {name: list(volume.shape) for name, volume in network.inputs.items()},
        "outputs": {name: list(volume.shape) for name, volume in network.outputs.items()},
    }


def _change(change: Change) -> dict[str, Any]:
    def side(element: Any) -> dict[str, Any] | None:
        if element is None:
            return None
        return {
            "path": element.path,
            "kind": element.kind,
            "label": element.label,
            "group": not isinstance(element, Leaf),
            "line": element.line,
            "input": [list(volume.shape) for volume in element.inputs],
            "output": list(element.output.shape) if element.output else None,
            "parameters": element.parameters,
            "macs": element.macs,
        }

    return {
        "change": change.kind,
        "before": side(change.before),
        "after": side(change.after),
        "detail": change.detail,
        "arguments": {name: list(pair) for name, pair in change.arguments().items()},
    }
