"""Sheet: the rows and columns of `describe`, before any format.

A cell holds the value; sheet_texts.py has how it is written, for people and for machines. All
tabular formats are made from sheets, so that they agree on columns, order and totals.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.commands.describe.sorting import ordered
from cnncalc.network.model import Group, Layer, Network
from cnncalc.quantities import NONE, QUANTITIES, find_quantity
from cnncalc.render.table import AFTER_NAMES, ALWAYS, Remark
from cnncalc.render.titles import title_of
from cnncalc.volume import Volume
from cnncalc.wording import count, padding_text, times

Element = Layer | Group


class Column(NamedTuple):
    """A column of the table."""

    name: str
    header: str
    meaning: str
    of: Callable[[Element], object]
    total: Callable[[Network], object]
    number: bool = False  # aligned to the right, a zero is a dash
    unit: str = ""
    keep: int = 0  # on a narrow terminal columns with a lower number go first, see _KEEP


class Sorting(NamedTuple):
    """The column that the rows of a table are sorted by."""

    column: Column
    direction: str = ""  # asc or desc, where it is said


# Which columns of numbers make room first; Connections only after the names of layers.
_KEEP = {
    "biases": 0, "weights": 1, "trainable": 2, "connections": AFTER_NAMES, "parameters": ALWAYS,
}  # fmt: skip


def _nothing(network: Network) -> None:
    return None


def _text(name: str, header: str, meaning: str, of: Callable[[Any], object], keep: int) -> Column:
    return Column(name, header, meaning, of, _nothing, keep=keep)


def _of_layer(attribute: str) -> Callable[[Element], Any]:
    """An attribute of the layer; nothing for groups."""

    def of(element: Element) -> object:
        return getattr(element.operation, attribute, None) if isinstance(element, Layer) else None

    return of


def _sizes(values: tuple[int, ...] | None) -> str:
    return times(values) if values else ""


def _kernel(element: Element) -> str:
    return _sizes(_of_layer("kernel")(element))


def _stride(element: Element) -> str:
    return _sizes(_of_layer("stride")(element))


def _padding(element: Element) -> str:
    """The padding in rows, with what `same` came to."""
    pads = _of_layer("pads")(element)
    if not pads:
        return ""
    padding = getattr(element.operation, "padding", "") if isinstance(element, Layer) else ""
    rows = padding_text(pads)
    return f"{padding} {rows}" if isinstance(padding, str) else rows


def _filter(element: Element) -> str:
    return _sizes(element.operation.filter_shape) if isinstance(element, Layer) else ""


def _formula(element: Element) -> str:
    return element.operation.formula() if isinstance(element, Layer) else ""


def _percent(element: Element) -> float | None:
    """The part of the network's parameters, in percent."""
    whole = element.network.parameters
    return 100 * element.parameters / whole if whole else None


def _quantity_column(name: str) -> Column:
    quantity = QUANTITIES[name]
    return Column(
        name,
        quantity.header,
        quantity.meaning,
        lambda element: element.quantity(name),
        lambda network: None if quantity.adds == NONE else network.quantity(name),
        number=True,
        unit=quantity.unit,
        keep=_KEEP.get(name, 4),
    )


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _text("layer", "Layer", "the name", lambda element: element.path, ALWAYS),
        _text("kind", "Kind", "the kind with the sizes of its window", lambda e: e.label, ALWAYS),
        _text("input", "Input", "the input volume", lambda e: e.inputs or None, 5),
        _text("output", "Output", "the output volume", lambda e: e.output, ALWAYS),
        _text("kernel", "Kernel", "F along each axis", _kernel, 4),
        _text("stride", "Stride", "S along each axis", _stride, 4),
        _text("padding", "Padding", "P in rows, also what `same` came to", _padding, 4),
        _text("filter", "Filter", "the shape of one filter", _filter, 4),
        Column(
            "percent",
            "Percent",
            "the part of the parameters",
            _percent,
            lambda network: 100.0 if network.parameters else None,
            number=True,
            unit="percent",
            keep=3,
        ),
        _text("formula", "Formula", "the arithmetic of the output size", _formula, 3),
        *map(_quantity_column, QUANTITIES),
    )
}

_BASIC = ("layer", "kind", "output", "weights", "biases", "parameters", "connections")
SETS: dict[str, tuple[str, ...]] = {
    "basic": _BASIC,
    "counts": (
        "layer", "kind", "output", "neurons", "fan_in", "positions", "weights", "biases",
        "parameters", "connections", "without_sharing",
    ),
    "cost": (
        "layer", "kind", "output", "parameters", "percent", "macs", "flops",
        "macs_per_parameter", "memory", "parameter_memory", "receptive_field",
    ),
    "all": tuple(COLUMNS),
}  # fmt: skip


def choose_columns(words: Iterable[str]) -> list[Column]:
    """Columns by the names of columns, quantities and sets; raises KeyError with the bad word.

    What is asked for by its own name is never left out.
    """
    chosen: dict[str, Column] = {}
    for word in words:
        name = word.strip().lower().replace("-", "_")
        if name in SETS:
            for member in SETS[name]:
                chosen.setdefault(member, COLUMNS[member])
            continue
        quantity = find_quantity(name)
        if quantity is None and name not in COLUMNS:
            raise KeyError(word)
        name = quantity.name if quantity else name
        chosen[name] = COLUMNS[name]._replace(keep=ALWAYS)
    return list(chosen.values())


class Row:
    """A line of the table; an opened group has a name and a kind, and its counts are below it.

    In a tree a row is called by its own name, indented by its depth; elsewhere by its path, which
    is what its cell always says.
    """

    def __init__(self, cells: list[Any]) -> None:
        self.cells = cells
        self.name = ""
        self.depth = 0
        self.family = ""  # of its kind: layers of one family have one colour
        self.opened = False
        self.is_input = False
        self.mark = False  # has a note
        self.training_only = False


class Sheet:
    """A table ready to be written in any format."""

    def __init__(self, columns: list[Column], rows: list[Row], total: list[object] | None) -> None:
        self.columns = columns
        self.rows = rows
        self.total = total
        self.title = ""
        self.inputs: dict[str, Volume] = {}
        self.footer: list[Remark] = []


def network_sheet(
    network: Network, columns: list[Column] | None, expand: int, sort: Sorting | None = None
) -> Sheet:
    """The sheet of one network, opened `expand` levels deep; 1 is a row for each line written."""
    if columns is None:
        columns = default_columns([network])
    elements = list(_visible_elements(network, expand))
    if sort is not None:
        # Groups that are opened into the rows that count are left out.
        counted = [pair for pair in elements if not pair[1]]
        values = [sort.column.of(element) for element, _ in counted]
        elements = ordered(counted, values, sort.direction)
    rows = [_row(element, opened, columns, sort is not None) for element, opened in elements]
    names = {column.name for column in columns}
    if sort is None and names & {"memory", "training_memory"}:
        rows[:0] = _input_rows(network, columns, training="training_memory" in names)
    sheet = Sheet(columns, rows, [column.total(network) for column in columns])
    sheet.title, sheet.inputs = title_of(network), network.inputs
    sheet.footer = _footer(network, elements)
    if "receptive_field" in names:
        sheet.footer += _remarks_on_fields(network)
    if "training_memory" in names:
        sheet.footer.append(Remark("training memory is a lower bound, without workspace"))
    return sheet


def _remarks_on_fields(network: Network) -> list[Remark]:
    if any(field.gated for field in network.receptive_fields.values()):
        return [Remark("gates see the whole input, which receptive fields leave out")]
    return []


def default_columns(networks: list[Network]) -> list[Column]:
    """The basic columns, with Trainable where it says something else than Parameters."""
    names = list(_BASIC)
    if any(network.trainable != network.parameters for network in networks):
        names.insert(names.index("parameters") + 1, "trainable")
    return [COLUMNS[name] for name in names]


def _visible_elements(network: Network, expand: int) -> Iterator[tuple[Element, bool]]:
    """The elements that get a row, and whether their parts follow."""
    stack: list[Iterator[Element]] = [iter(network.root.children)]
    while stack:
        for element in stack[-1]:
            inside = element.children if isinstance(element, Group) else []
            opened = bool(inside) and element.level < expand
            yield element, opened
            if opened:
                stack.append(iter(inside))
                break
        else:
            stack.pop()


def _input_rows(network: Network, columns: list[Column], *, training: bool) -> list[Row]:
    """The inputs, which take memory too; in training where the gradients of weights need them."""
    rows = []
    for name, given in network.input_signals.items():
        memory = network.bytes_of(given.output)
        kept = memory if training and given in network.lifetimes.kept else None
        known: dict[str, object] = {"layer": name, "kind": "input", "output": given.output}
        known |= {"memory": memory, "training_memory": kept}
        rows.append(Row([known.get(column.name) for column in columns]))
        rows[-1].name, rows[-1].is_input = name, True
    return rows


def _row(element: Element, opened: bool, columns: list[Column], whole_path: bool) -> Row:
    row = Row([None if opened and column.number else column.of(element) for column in columns])
    row.opened = opened
    row.training_only = element.training_only
    if isinstance(element, Layer):
        row.family = type(element.operation).__module__.rpartition(".")[2]
    row.mark = not opened and any(layer.operation.notes for layer in element.layers)
    row.name = element.path if whole_path else element.name
    row.depth = 0 if whole_path else element.level - 1
    return row


def _footer(network: Network, elements: list[tuple[Element, bool]]) -> list[Remark]:
    remarks = []
    fixed = network.parameters - network.trainable
    if fixed:
        remarks.append(Remark(f"{network.trainable:,} trainable, {fixed:,} fixed"))
    if network.statistics:
        text = f"{network.statistics:,} running statistics, which are not parameters"
        remarks.append(Remark(text))
    rows = [
        len(element.layers)
        for element, opened in elements
        if isinstance(element, Group) and not opened
    ]
    if folded := sum(rows):
        text = f"{count(folded, 'layer')} folded into {count(len(rows), 'row')}"
        remarks.append(Remark(text, "--expand all opens them"))
    if any(element.training_only for element, _ in elements):
        text = "(training) runs in training only"
        without = "" if network.training else "--training counts what it costs"
        remarks.append(Remark(text, without))
    uneven = sum(1 for layer in network if layer.operation.notes)
    if uneven:
        which = "window does" if uneven == 1 else "windows do"
        remarks.append(Remark(f"* {uneven:,} {which} not fit evenly"))
    return remarks


def totals_sheet(
    networks: list[Network],
    settings: list[dict[str, str]],
    columns: list[Column] | None,
    sort: Sorting | None = None,
) -> Sheet:
    """One row of totals for each network, with a column for each setting that varies."""
    if columns is None:
        columns = default_columns(networks)
    if sort is not None:
        both = list(zip(networks, settings, strict=True))
        pairs = ordered(both, list(map(sort.column.total, networks)), sort.direction)
        networks, settings = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    numbers = [column for column in columns if column.number]
    names = list(dict.fromkeys(name for setting in settings for name in setting))
    heads = [
        _text("network", "Network", "", _nothing, ALWAYS),
        *(_text(name, name, "", _nothing, ALWAYS) for name in names),
        _text("input", "Input", "", _nothing, 5),
        _text("output", "Output", "", _nothing, ALWAYS),
    ]
    rows = [
        Row(
            [
                title_of(network),
                *(setting.get(name, "") for name in names),
                tuple(network.inputs.values()),
                tuple(network.outputs.values()),
                *(column.total(network) for column in numbers),
            ]
        )
        for network, setting in zip(networks, settings, strict=True)
    ]
    return Sheet([*heads, *numbers], rows, None)
