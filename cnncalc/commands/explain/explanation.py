"""Explanations: everything there is to say of a layer, a group or a network, as data.

A layer's own class derives its counts and tells of its kind; here is added what depends on its
place in the network: frozen and shared weights, memory, the receptive field, and the sums.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.commands.explain.field_steps import field_sections
from cnncalc.commands.explain.stories import tell_sharing, tell_sparseness
from cnncalc.layers.base import Operation
from cnncalc.layers.derivation import Derivation, Letter, Page, Section, words_of
from cnncalc.layers.shape import Flatten
from cnncalc.layers.term import Ratio, letters_in, total
from cnncalc.network.model import Group, Layer, Network, Signal
from cnncalc.quantities import NONE, ONCE, QUANTITIES, SUM, Quantity
from cnncalc.volume import Volume
from cnncalc.wording import count, show_bytes, summary_of

# The counts of one layer in the order in which each can be followed from those before.
_FIRST = ("positions", "fan_in", "neurons")
# In stories.py and field_steps.py, or told to those who ask for them by name.
_ELSEWHERE = (
    "without_sharing", "receptive_field", "layers", "weight_layers", "traffic",
    "arithmetic_intensity", "peak_memory", "training_memory",
)  # fmt: skip
COUNTS = (*_FIRST, *(name for name in QUANTITIES if name not in (*_FIRST, *_ELSEWHERE)))
BRIEF = ("parameters", "connections")
# The totals of several layers, but for those that are a multiple of another.
_MULTIPLES = ("flops", "parameter_memory")
TOTALS = tuple(
    name
    for name, quantity in QUANTITIES.items()
    if quantity.adds != NONE and name not in (*_MULTIPLES, *_ELSEWHERE)
)
OUTPUT = "output"
FIELD = "receptive_field"
LETTERS = "Letters"  # the heading above them


class Explanation(NamedTuple):
    """What is said of one layer."""

    path: str
    kind: str
    label: str
    line: int | None
    inputs: tuple[Volume, ...]
    output: Volume | None
    summary: str
    letters: tuple[Letter, ...]
    shared: str  # what to know of a letter that several axes share
    sections: tuple[Section, ...]
    short: str = ""  # the short answer, where everything is told


class Overview(NamedTuple):
    """What is said of several layers: each in short, and their sums."""

    title: str
    inputs: tuple[Volume, ...]
    output: Volume | None
    layers: tuple[Explanation, ...]
    sections: tuple[Section, ...]
    short: str = ""


def explain(
    element: Layer | Group | Network, quantity: str | None = None, *, every_step: bool = False
) -> Explanation | Overview:
    """The explanation of a layer, of a group of layers or of a whole network.

    `quantity` is the name of a quantity, or output: then only that is explained. It may also be
    one of the explanation's own headings, or the name of a number below one: see `headings`.
    """
    if isinstance(element, Layer):
        if quantity not in (None, OUTPUT, *QUANTITIES):
            return _under(explain_layer(element, None, every_step=True), quantity)
        return explain_layer(element, quantity, every_step=every_step)
    if not isinstance(element, (Group, Network)):
        found = type(element).__name__
        raise TypeError(
            f'element is a Layer, Group or Network such as load("net.yaml"), not {found}'
        )
    return explain_all(element, quantity)


def headings(element: Layer | Group | Network) -> list[str]:
    """What an explanation answers to beside quantities: its headings, and numbers below them."""
    if not isinstance(element, Layer):
        return []
    found = [LETTERS]
    for section in explain_layer(element, None, every_step=False).sections:
        found.append(section.title)
        found += [entry.name for entry in section.entries if isinstance(entry, Derivation)]
    return list(dict.fromkeys(found))


def _under(found: Explanation, heading: str | None) -> Explanation:
    """The part of an explanation below a heading, or the number of that name."""
    sections = [section for section in found.sections if section.title == heading]
    for section in () if sections else found.sections:
        entries = [
            entry
            for entry in section.entries
            if isinstance(entry, Derivation) and entry.name == heading
        ]
        sections += [Section("", list(entries))] if entries else []
    used = {
        letter
        for section in sections
        for entry in section.entries
        if isinstance(entry, Derivation)
        for letter in letters_in(entry.value)
    }
    letters = [letter for letter in found.letters if letter.name in used or heading == LETTERS]
    return found._replace(
        sections=tuple(sections),
        letters=tuple(letters),
        shared=found.shared if len(letters) == len(found.letters) else "",
        short="",
    )


# One layer.


def explain_layer(layer: Layer, quantity: str | None, *, every_step: bool) -> Explanation:
    page = Page(layer.operation)
    if quantity in (None, OUTPUT):
        page.section("Output")
        page.layer.explain_output(page)
        if not page.sections[0].entries:
            same = "the same volume as the input has"
            page.say(f"It is {same if layer.output == layer.inputs[0] else layer.output.text()}.")
    if quantity == OUTPUT:
        del page.sections[1:]
    counts = Counts(layer, page)
    if quantity is None:
        page.section("Counts")
        if not layer.runs:
            page.say("It runs in training only; --training counts what that costs.")
        counts.all()
        page.layer.explain(page)
        tell_sharing(page)
        tell_sparseness(page)
        _tell_equivalent(page, layer)
    elif quantity not in (OUTPUT, FIELD):
        page.section("")
        counts.one(quantity)
    sections = [section for section in page.sections if section.entries]
    if quantity in (None, FIELD) and layer.runs:
        every_step = every_step or quantity == FIELD
        sections += field_sections(layer.network, layer, every_step=every_step)
    found = _of(layer, page, tuple(sections))
    return found if quantity else found._replace(short=short_answer(layer))


def _of(layer: Layer, page: Page, sections: tuple[Section, ...]) -> Explanation:
    return Explanation(
        layer.path,
        layer.kind,
        layer.marked_label,
        layer.line,
        layer.inputs,
        layer.output,
        summary_of(type(layer.operation)),
        tuple(page.used_letters()),
        page.shared_letter(),
        sections,
    )


def _tell_equivalent(page: Page, layer: Layer) -> None:
    found = layer.operation.equivalent()
    if (maps := _flattened(layer)) is not None:
        found = layer.operation.over_maps(maps) or found
    if found is not None:
        page.section("The same in other words")
        page.say(f"The same as {found.words}:")
        page.show(found.items)


def _flattened(layer: Layer) -> Volume | None:
    """The maps whose values a layer reads in a row."""
    source = layer.sources[0] if len(layer.sources) == 1 else None
    if isinstance(source, Layer) and isinstance(source.operation, Flatten):
        maps = source.operation.input
        return maps if maps.sizes else None
    return None


class Lettered(NamedTuple):
    """A layer made of letters, in the place of a layer of a network."""

    operation: Operation
    frozen: bool
    value_bytes: int
    batch: int
    bits: int  # of a weight; 0 where they are like all values
    alive: int = 0  # these three depend on its place in the network, and have no letters
    kept: int = 0
    states: int = 0

    def weight_bytes(self, weights: int) -> int:
        """The bytes of some weights; of a last byte that is not full all of it."""
        if not weights:
            return 0
        return -(-weights * self.bits // 8) if self.bits else weights * self.value_bytes


class Counts:
    """Derives the quantities of a layer from the letters of its page."""

    def __init__(self, layer: Layer, page: Page) -> None:
        self.layer = layer
        self.page = page
        name, network = page.letters.name, layer.network
        value_bytes = name("B", network.value_bytes, f"bytes of one value, {network.dtype}")
        batch = name("batch", network.batch, "examples at a time") if network.batch > 1 else 1
        other = network.weight_dtype != network.dtype
        bits = name("b", network.weight_bits, f"bits of a weight, {network.weight_dtype}")
        self.lettered = Lettered(page.layer, layer.frozen, value_bytes, batch, bits if other else 0)

    def all(self) -> None:
        """Every count that says something of this layer."""
        for name in COUNTS:
            value = self.layer.quantity(name)
            is_news = name != "trainable" or value != self.layer.parameters
            is_news &= name != "positions" or value != 1
            if not (value and is_news) and not self.says_why_nothing(name):
                continue
            self.page.sections[-1].entries.append(self.derivation(name))
            if name == "connections" and self.layer.operation.biases:
                links = self.page.layer.links
                self.page.derive("connections without biases", links, "links to inputs alone")
        operation = self.layer.operation
        if not operation.weights and (why := operation.why_nothing_learned()):
            self.page.say(why)

    def says_why_nothing(self, name: str) -> bool:
        """Whether a count of nothing is a surprise: frozen or shared weights."""
        if name == "trainable":
            return self.layer.frozen and bool(self.layer.parameters)
        return name == "parameters" and self.layer.shares is not None

    def one(self, name: str) -> None:
        self.page.sections[-1].entries.append(self.derivation(name))

    def derivation(self, name: str) -> Derivation:
        layer, quantity = self.layer, QUANTITIES[name]
        words = words_of(layer.operation, name) or quantity.of_one
        words = words[:1].lower() + words[1:]
        if quantity.parts is not None and layer.quantity(name) is not None:
            top, bottom = (QUANTITIES[part].of(self.lettered) for part in quantity.parts)
            value = Ratio(top * self.lettered.batch if quantity.by_batch else top, bottom)
            return Derivation(name, value, words, remarks=tuple(self.remarks(name)))
        if layer.quantity(name) is None:
            return Derivation(name, 0, words, remarks=(self.why_none(quantity),))
        if layer.shares is not None and quantity.adds == ONCE:
            shared = f"The weights are those of {layer.shares.path}, and count there."
            return Derivation(name, 0, words, remarks=(shared,))
        if not layer.runs and quantity.adds == SUM:
            remark = "It runs in training only; --training counts it."
            return Derivation(name, 0, words, remarks=(remark,))
        remarks = tuple(self.remarks(name))
        if quantity.placed:
            return Derivation(name, layer.quantity(name), words, remarks=remarks)
        return Derivation(name, quantity.of(self.lettered), words, remarks=remarks)

    def why_none(self, quantity: Quantity[Any]) -> str:
        """Why a layer has no such number."""
        if quantity.parts is None:
            return "This kind has no such single number."
        if self.layer.shares is not None:
            return f"The weights are those of {self.layer.shares.path}, and count there."
        return f"It has no {quantity.parts[1]} to divide by."

    def remarks(self, name: str) -> Iterator[str]:
        layer = self.layer
        if name == "trainable" and layer.frozen:
            yield "The layer is frozen by trainable: false."
        elif not layer.quantity(name) and not (name == "memory" and layer.operation.in_place):
            yield f"{layer.kind} has none."
        if name == "connections":
            yield from links_outside(layer.connections, layer.operation.links_outside)
        if name == "memory" and layer.operation.in_place:
            yield "It overwrites its input, and needs no memory of its own."
        if QUANTITIES[name].unit == "bytes" and layer.quantity(name) >= 1024:
            yield f"That is {show_bytes(layer.quantity(name))}; 1 KiB is 1,024 bytes."


def links_outside(connections: int, outside: int) -> Iterator[str]:
    """How many of the connections lead to no unit, if any; they count all the same."""
    if outside:
        yield (
            f"{outside:,} of them lead outside the volume, into padding, and count; without them "
            f"there are {connections - outside:,}."
        )


# Several layers.


def explain_all(element: Group | Network, quantity: str | None) -> Overview:
    root = element.root if isinstance(element, Network) else element
    title = element.name if isinstance(element, Network) else element.path
    inputs = tuple(element.inputs.values()) if isinstance(element, Network) else element.inputs
    if quantity == FIELD:
        return Overview(title, inputs, element.output, (), tuple(_fields(element)))
    if quantity == OUTPUT and (handed := labelled(root)):
        return Overview(title, inputs, element.output, (), (handed,))
    layers = list(_briefs(root, quantity))
    if quantity is not None:
        layers = [layer for layer in layers if layer.sections[0].entries]
    names = TOTALS if quantity is None else (quantity,)
    totals = Section("Totals", [found for name in names for found in sums(element, name)])
    if not layers:
        totals = Section("", [f"No layer has {quantity}."])
    handed = labelled(root) if quantity is None else None
    sections = tuple(part for part in (handed, totals) if part is not None and part.entries)
    short = "" if quantity else short_answer(element)
    return Overview(title, inputs, element.output, tuple(layers), sections, short)


def labelled(group: Group) -> Section | None:
    """What a block hands on by label; of copies, what the last one does."""
    name = group.path.rpartition(".")[2]
    last = group.last_copy
    if not isinstance(last, Group) or not last.labelled:
        return None
    first, *others = last.labelled.items()
    lines = [f"{first[0]}: {_volume(first[1])}, the first, which is what the call hands on"]
    for label, signal in others:
        # One of several copies has no name of its own.
        read = "" if name.isdecimal() else f", read as {name}.{label}"
        lines.append(f"{label}: {_volume(signal)}{read}")
    return Section("Outputs", [*lines])


def _volume(signal: Signal) -> str:
    assert signal.output is not None  # of a network that is whole
    return f"{signal.output.text()} of {signal.path}"


def short_answer(element: Layer | Group | Network) -> str:
    """28×28×6 = 4,704 values, 156 parameters (150 weights and 6 biases), 122,304 connections."""
    values = ""
    if element.output is not None:
        product = f"{element.output.text()} = " if element.output.sizes else ""
        values = product + count(element.output.values, "value")
    parameters = count(element.parameters, "parameter") if element.parameters else "no parameters"
    if element.weights and element.biases:
        parts = f"{count(element.weights, 'weight')} and {count(element.biases, 'bias', 'biases')}"
        parameters += f" ({parts})"
    links = count(element.connections, "connection") if element.connections else "no connections"
    return ", ".join(filter(None, (values, parameters, links))) + "."


def _fields(element: Group | Network) -> Iterator[Section]:
    """The receptive field of what a group or network hands on."""
    if isinstance(element, Group):
        if element.result is not None:
            yield from field_sections(element.network, element.result, every_step=True)
        return
    for path, signal in element.output_signals.items():
        for section in field_sections(element, signal, every_step=True):
            several = len(element.output_signals) > 1
            yield section._replace(title=f"{path}: {section.title}") if several else section


def _briefs(root: Group, quantity: str | None) -> Iterator[Explanation]:
    """Every layer in short; equal layers have the same sections, made once."""
    known: dict[object, Explanation] = {}
    for layer in root.layers:
        key = (layer.operation, layer.frozen, layer.runs, layer.shares and layer.shares.path)
        if key not in known:
            known[key] = _brief(layer, quantity)
        yield known[key]._replace(path=layer.path, label=layer.marked_label, line=layer.line)


def _brief(layer: Layer, quantity: str | None) -> Explanation:
    page = Page(layer.operation)
    counts = Counts(layer, page)
    page.section("")
    if quantity in (None, OUTPUT):
        page.sizes()
        page.channels()
    for name in BRIEF if quantity is None else (quantity,):
        if name in QUANTITIES and layer.quantity(name):
            counts.one(name)
    return _of(layer, page, tuple(page.sections))


def sums(element: Group | Network, name: str) -> Iterator[Derivation]:
    """The total of a quantity, added up over what the author wrote one below the other."""
    if name not in QUANTITIES or QUANTITIES[name].adds == NONE:
        return
    value = element.quantity(name)
    if value and (name != "trainable" or value != element.quantity("parameters")):
        words = QUANTITIES[name].meaning.partition(";")[0]
        parts = QUANTITIES[name].parts
        if parts is not None:
            yield Derivation(name, _ratio(element, QUANTITIES[name]), words)
        elif not QUANTITIES[name].adds_up:
            yield Derivation(name, value, words)
        else:
            outside = sum(layer.operation.links_outside for layer in element.running)
            remarks = tuple(links_outside(value, outside)) if name == "connections" else ()
            yield Derivation(name, total(tuple(_parts(element, name))), words, remarks=remarks)


def _ratio(element: Group | Network, known: Quantity[Any]) -> Ratio:
    """One total divided by another, of the same number of examples."""
    assert known.parts is not None
    top, bottom = map(element.quantity, known.parts)
    network = element if isinstance(element, Network) else element.network
    return Ratio(top * network.batch if known.by_batch else top, bottom)


def _parts(element: Group | Network, name: str) -> list[int]:
    """What a total is the sum of; a group that is all there is gives its own parts."""
    if isinstance(element, Network):
        of_inputs = QUANTITIES[name].of_inputs
        inputs = [*map(element.bytes_of, element.inputs.values())] if of_inputs else []
        if of_inputs and sum(inputs) != of_inputs(element):
            inputs = [of_inputs(element)]
        return [*inputs, *_parts(element.root, name)]
    parts = [(child, value) for child in element.children if (value := child.quantity(name))]
    if len(parts) == 1 and isinstance(parts[0][0], Group):
        return _parts(parts[0][0], name)
    return [value for _, value in parts]
