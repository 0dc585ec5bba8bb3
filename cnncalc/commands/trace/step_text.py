"""A step of a trace as text: a window on its input, the products, and what they come to."""

from itertools import product
from math import prod
from typing import Any, NamedTuple

from cnncalc.commands.trace.formula_text import formula_lines
from cnncalc.commands.trace.grids import (
    EMPTY,
    NARROW,
    TERMS,
    Block,
    factor,
    fits,
    flow,
    grid,
    joined,
    show_number,
    slices,
    terms,
    texts,
    wrapped,
)
from cnncalc.commands.trace.steps import MEAN, PRODUCTS, SUM, Part, Step
from cnncalc.layers.conv import Conv
from cnncalc.layers.pool import AdaptivePool
from cnncalc.layers.transposed import TransposedConv
from cnncalc.layers.window import ROW, Window

_OVERLAY = 16  # rows and columns up to which a window is shown on its whole input


def render_step(step: Step, width: int | None, blank: bool = False) -> list[str]:
    """With `blank` what is worked out is left for others to fill in."""
    if step.formula is not None:
        worked = [f"  result {EMPTY}"] if blank else formula_lines(step.formula, width)
        return [step_title(step), *worked]
    lines = [step_title(step), ""]
    for index, part in enumerate(step.parts):
        lines += [""] if index else []
        lines += _part(step, part, width, blank)
    if step.padded:
        lines.append(f"  {padding_note(step)}")
    return [*lines, "", *([f"  result {EMPTY}"] if blank else result_lines(step, width))]


def step_title(step: Step) -> str:
    """`conv1 at row 1, column 3: rows 1 to 3, columns 3 to 5 of its input`"""
    place = [f"{name} {index + 1}" for name, index in zip(ROW[len(step.at)], step.at, strict=True)]
    is_conv = isinstance(step.operation, Conv)
    if step.rule == PRODUCTS and not is_conv:
        place.append(f"unit {step.channel + 1}")
    elif step.operation.output.channels > 1:
        place.append(f"{'filter' if is_conv else 'map'} {step.channel + 1}")
    path = f"{step.layer.path}, {step.part}," if step.part else step.layer.path
    title = f"{path} at {', '.join(place)}" if place else path
    if (step.rule == PRODUCTS and not is_conv) or step.formula is not None:
        return title
    names = ROW[len(step.rows)]
    parts = [_stretch(*one) for one in zip(names, step.rows, step.source.shape, strict=False)]
    return f"{title}: {', '.join(parts)} of its input"


def _stretch(name: str, along: tuple[int, ...], size: int) -> str:
    inside = sorted(row + 1 for row in along if 0 <= row < size)
    if not inside:
        return f"no {name}"
    if len(inside) == 1:
        return f"{name} {inside[0]}"
    if inside == list(range(inside[0], inside[-1] + 1)):
        return f"{name}s {inside[0]} to {inside[-1]}"
    return f"{name}s {', '.join(map(str, inside))}"


def padding_note(step: Step) -> str:
    """What the dots in a window are."""
    if isinstance(step.operation, TransposedConv):
        return "· meets no number of the input"
    return f"· is padding and {'counts as 0' if step.rule == PRODUCTS else 'does not count'}"


class _Row(NamedTuple):
    """The numbers of a window under one name: the window itself, the filter, the products."""

    name: str
    cells: list[str]


def _part(step: Step, part: Part, width: int | None, blank: bool) -> list[str]:
    """What a window does on one map: where it lies, what it reads, the products."""
    several = len(step.parts) > 1 or step.operation.input.channels > 1
    title = f"map {part.map + 1}" if several and step.source.shape[-1] > 1 else "input"
    rows = [_Row(title, texts(part.patch))]
    if part.filter is not None:
        one = "filter" if isinstance(step.operation, Conv) else "weights"
        products = [EMPTY] * len(part.terms) if blank else texts(part.terms)
        rows += [_Row(one, texts(part.filter)), _Row("products", products)]
    if len(step.sizes) == 1:
        return _line_part(step, part, rows, width)
    if len(step.sizes) == 3:
        return _volume_part(step, rows, width)
    over = _overlay(step, part)
    if over is not None:
        rows[0] = rows[0]._replace(name="window")
    before = [Block(title, over)] if over is not None else []
    return _equation(before, rows, step.sizes, width)


def _equation(
    before: list[Block], rows: list[_Row], sizes: tuple[int, ...], width: int | None
) -> list[str]:
    """window × filter = products, side by side where there is room."""
    blocks = [slices(row.cells, sizes, row.name)[0] for row in rows]
    equation = joined(blocks, ("×", "=")[: len(blocks) - 1])
    if fits([equation], width):
        return flow([*before, equation], width)
    return flow([*before, *blocks], width)


def _volume_part(step: Step, rows: list[_Row], width: int | None) -> list[str]:
    """A window in three dimensions, slice by slice."""
    size = prod(step.sizes[1:])
    lines: list[str] = []
    for number in range(step.sizes[0]):
        own = [row._replace(cells=row.cells[number * size : (number + 1) * size]) for row in rows]
        own[0] = own[0]._replace(name=f"{rows[0].name}, slice {number + 1}")
        lines += ([""] if lines else []) + _equation([], own, step.sizes[1:], width)
    return lines


def _line_part(step: Step, part: Part, rows: list[_Row], width: int | None) -> list[str]:
    """A window in one dimension: the filter below the stretch of the input that it reads."""
    whole = surroundings(step)
    if whole is not None:
        (places,), (read,) = whole, step.rows
        cells = texts(step.source.number(place, part.map) for place in places)
        below = [dict(zip(read, row.cells, strict=True)) for row in rows[1:]]
        cell = max(len(text) for text in (*cells, *(t for row in below for t in row.values())))
        label = max(len(row.name) for row in rows) + 2
        lines = [rows[0].name.ljust(label) + _marked(cells, [p in read for p in places], cell)]
        lines += [
            row.name.ljust(label) + _marked([own.get(p, "") for p in places], [], cell)
            for row, own in zip(rows[1:], below, strict=True)
        ]
        if max(map(len, lines)) + 2 <= (width or NARROW):
            return [f"  {line}".rstrip() for line in lines]
    names = [row.name for row in rows]
    blocks = grid(
        "", [row.cells for row in rows], labels=names, columns="numbers", width=width or NARROW
    )
    return flow(blocks, width)


def _overlay(step: Step, part: Part) -> list[str] | None:
    """The whole input with the window in brackets, where it is small enough."""
    whole = surroundings(step)
    if whole is None:
        return None
    rows, columns = whole
    cells = texts(step.source.number(*place, part.map) for place in product(rows, columns))
    cell = max(map(len, cells))
    lines = []
    for index, row in enumerate(rows):
        own = cells[index * len(columns) : (index + 1) * len(columns)]
        lines.append(
            _marked(own, [row in step.rows[0] and c in step.rows[1] for c in columns], cell)
        )
    return lines


def _marked(cells: list[str], marks: list[bool], cell: int) -> str:
    """A row of cells, those that are marked in brackets."""
    marks = [False, *(marks or [False] * len(cells)), False]
    line = ""
    for index, text in enumerate(cells):
        before, here = marks[index], marks[index + 1]
        close = "]" if before and not here else " " if index else ""
        line += close + ("[" if here and not before else " ") + text.rjust(cell)
    return line + ("]" if marks[-2] else " ")


def surroundings(step: Step) -> list[range] | None:
    """The places of the input and its padding along each axis; None where they are too many."""
    layer = step.operation
    if not isinstance(layer, Window | AdaptivePool) or isinstance(layer, TransposedConv):
        return None
    found = []
    for axis, size in enumerate(layer.input.sizes):
        before, after = layer.pads[axis] if isinstance(layer, Window) else (0, 0)
        found.append(range(-before, max(size + after, step.rows[axis][-1] + 1)))
    few = _OVERLAY if len(found) > 1 else 2 * _OVERLAY
    return found if len(found) < 3 and max(map(len, found)) <= few else None


# What a step comes to.


def result_lines(step: Step, width: int | None) -> list[str]:
    """The products added up, and what follows, each line indented."""
    if step.formula is not None:
        return formula_lines(step.formula, width)
    lines = _added_up(step, width) if step.rule in (PRODUCTS, SUM) else [_reduced(step, width)]
    if step.activation is not None:
        lines.append([f"  {_activated(step)}"])
    return [line for part in lines for line in part]


def _reduced(step: Step, width: int | None) -> list[str]:
    """The largest of the numbers, or their mean."""
    numbers, result = step.parts[0].terms, show_number(step.before)
    is_mean = step.rule == MEAN
    if len(numbers) == 1:
        return [f"  {result} is the only number"]
    if len(numbers) > TERMS:
        end = f"numbers = {result}" if is_mean else f"numbers is {result}"
        return [f"  the {step.rule} of {len(numbers):,} {end}"]
    if is_mean:
        first, *others, last = terms(numbers)
        return wrapped([f"({first}", *others, f"{last})/{len(numbers)}", f"= {result}"], width)
    listed = ", ".join(map(show_number, numbers)).split(" ")
    return wrapped(["the largest of", *listed, f"is {result}"], width)


def _added_up(step: Step, width: int | None) -> list[list[str]]:
    """The products map by map, then the maps, the coefficient and the bias."""
    several = len(step.parts) > 1
    sums = [sum(part.terms) for part in step.parts]
    lines = []
    for part, total in zip(step.parts, sums, strict=True):
        products, end = part.terms, f"= {show_number(total)}"
        name = [f"map {part.map + 1}:"] if several else []
        if len(products) > TERMS:
            what = "products" if step.rule == PRODUCTS else "numbers"
            lines.append(wrapped([*name, f"the sum of {len(products):,} {what} {end}"], width))
        elif len(products) > 1:
            lines.append(wrapped([*name, *terms(products), end], width))
        elif not several and step.bias is None:
            lines.append(wrapped(terms(products), width))
    whole: Any = sum(sums)
    if several:
        lines.append(wrapped([*terms(sums), f"= {show_number(whole)}"], width))
    if step.coefficient is not None:
        times = f"{show_number(whole)} · {factor(step.coefficient)} (coefficient)"
        whole = whole * step.coefficient
        lines.append([f"  {times} = {show_number(whole)}"])
    if step.bias is not None:
        both = " ".join(terms([whole, step.bias]))
        lines.append([f"  {both} (bias) = {show_number(step.before)}"])
    return lines


def _activated(step: Step) -> str:
    result = show_number(step.result)
    if step.activation in ("softmax", "log_softmax"):
        return f"{step.activation}, over all channels: {show_number(step.before)} becomes {result}"
    return f"{step.activation}({show_number(step.before)}) = {result}"
