"""Explanations: everything there is to say of a layer, a group or a network, as data.

A layer's own class derives its counts and tells of its kind; here is added what depends on its
place in the network: frozen and shared weights, memory, the receptive field, and the sums.
"""

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.commands.explain.field_steps import field_sections
from cnncalc.commands.explain.stories import tell_sharing, tell_sparseness
from cnncalc.layers.base import Layer
from cnncalc.layers.derivation import Derivation, Letter, Page, Section, words_of
from cnncalc.layers.term import total
from cnncalc.network.model import Group, Leaf, Network
from cnncalc.quantities import NONE, ONCE, QUANTITIES
from cnncalc.volume import Volume
from cnncalc.wording import show_bytes, summary_of

# The counts of one layer in the order in which each can be followed from those before.
COUNTS = (
    "positions", "fan_in", "neurons", "weights", "biases", "parameters", "trainable", "statistics",
    "connections", "macs", "flops", "memory", "parameter_memory",
)  # fmt: skip
BRIEF = ("parameters", "connections")
TOTALS = (
    "weights", "biases", "parameters", "trainable", "statistics", "neurons", "connections", "macs",
    "memory",
)  # fmt: skip
# What a quantity is for one layer, where that can be said more simply than for all.
_WORDS = {
    "flops": "a multiplication and an addition each, 2 · macs",
    "memory": "bytes of the output",
    "neurons": "units with weights, one for each value of the output",
    "parameters": "weights and biases",
    "trainable": "parameters that are not frozen",
}
OUTPUT = "output"
FIELD = "receptive_field"


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


class Overview(NamedTuple):
    """What is said of several layers: each in short, and their sums."""

    title: str
    inputs: tuple[Volume, ...]
    output: Volume | None
    layers: tuple[Explanation, ...]
    sections: tuple[Section, ...]


def explain(
    element: Leaf | Group | Network, quantity: str | None = None, *, every_step: bool = False
) -> Explanation | Overview:
    """The explanation of a layer, of a group of layers or of a whole network.

    `quantity` is the name of a quantity, or output: then only that is explained.
    """
    if isinstance(element, Leaf):
        return explain_layer(element, quantity, every_step=every_step)
    return explain_all(element, quantity)


# One layer.


def explain_layer(leaf: Leaf, quantity: str | None, *, every_step: bool) -> Explanation:
    page = Page(leaf.layer)
    if quantity in (None, OUTPUT):
        page.section("Output")
        page.layer.explain_output(page)
        if not page.sections[0].entries:
            same = "the same volume as the input has"
            page.say(f"It is {same if leaf.output == leaf.inputs[0] else leaf.output.text()}.")
    if quantity == OUTPUT:
        del page.sections[1:]
    counts = Counts(leaf, page)
    if quantity is None:
        page.section("Counts")
        counts.all()
        page.layer.explain(page)
        tell_sharing(page)
        tell_sparseness(page)
        _tell_equivalent(page)
    elif quantity not in (OUTPUT, FIELD):
        page.section("")
        counts.one(quantity)
    sections = [section for section in page.sections if section.entries]
    if quantity in (None, FIELD):
        every_step = every_step or quantity == FIELD
        sections += field_sections(leaf.network, leaf, every_step=every_step)
    return _of(leaf, page, tuple(sections))


def _of(leaf: Leaf, page: Page, sections: tuple[Section, ...]) -> Explanation:
    return Explanation(
        leaf.path,
        leaf.kind,
        leaf.label,
        leaf.line,
        leaf.inputs,
        leaf.output,
        summary_of(type(leaf.layer)),
        tuple(page.used_letters()),
        page.shared_letter(),
        sections,
    )


def _tell_equivalent(page: Page) -> None:
    found = page.plain.equivalent()
    if found is not None:
        page.section("The same in other words")
        page.say(f"The same as {found.words}:")
        page.show(found.items)


class Lettered(NamedTuple):
    """A layer made of letters, in the place of a layer of a network."""

    layer: Layer
    frozen: bool
    value_bytes: int
    batch: int


class Counts:
    """Derives the quantities of a layer from the letters of its page."""

    def __init__(self, leaf: Leaf, page: Page) -> None:
        self.leaf = leaf
        self.page = page
        name, network = page.letters.name, leaf.network
        value_bytes = name("B", network.value_bytes, f"bytes of one value, {network.dtype}")
        batch = name("batch", network.batch, "examples at a time") if network.batch > 1 else 1
        self.lettered = Lettered(page.layer, leaf.frozen, value_bytes, batch)

    def all(self) -> None:
        """Every count that says something of this layer."""
        for name in COUNTS:
            value = self.leaf.quantity(name)
            is_news = name != "trainable" or value != self.leaf.parameters
            is_news &= name != "positions" or value != 1
            if not (value and is_news) and not self.says_why_nothing(name):
                continue
            self.page.sections[-1].entries.append(self.derivation(name))
            if name == "connections" and self.leaf.layer.biases:
                links = self.page.layer.links
                self.page.derive("connections without biases", links, "links to inputs alone")
        if not self.leaf.layer.weights and not self.leaf.layer.connections:
            self.page.say("It has no weights, and makes no connections.")

    def says_why_nothing(self, name: str) -> bool:
        """Whether a count of nothing is a surprise: frozen or shared weights."""
        if name == "trainable":
            return self.leaf.frozen and bool(self.leaf.parameters)
        return name == "parameters" and self.leaf.shares is not None

    def one(self, name: str) -> None:
        self.page.sections[-1].entries.append(self.derivation(name))

    def derivation(self, name: str) -> Derivation:
        leaf, quantity = self.leaf, QUANTITIES[name]
        words = words_of(leaf.layer, name) or _WORDS.get(name, quantity.meaning)
        words = words[:1].lower() + words[1:]
        if leaf.quantity(name) is None:
            return Derivation(name, 0, words, remarks=("This kind has no such single number.",))
        if leaf.shares is not None and quantity.adds == ONCE:
            shared = f"The weights are those of {leaf.shares.path}, and count there."
            return Derivation(name, 0, words, remarks=(shared,))
        remarks = tuple(self.remarks(name))
        return Derivation(name, quantity.of(self.lettered), words, remarks=remarks)

    def remarks(self, name: str) -> Iterator[str]:
        leaf = self.leaf
        if name == "trainable" and leaf.frozen:
            yield "The layer is frozen by trainable: false."
        elif not leaf.quantity(name) and not (name == "memory" and leaf.layer.in_place):
            yield f"{leaf.kind} has none."
        if name == "memory" and leaf.layer.in_place:
            yield "It overwrites its input, and needs no memory of its own."
        if QUANTITIES[name].unit == "bytes" and leaf.quantity(name) >= 1024:
            yield f"That is {show_bytes(leaf.quantity(name))}, in 1024s."


# Several layers.


def explain_all(element: Group | Network, quantity: str | None) -> Overview:
    root = element.root if isinstance(element, Network) else element
    title = element.name if isinstance(element, Network) else element.path
    inputs = tuple(element.inputs.values()) if isinstance(element, Network) else element.inputs
    if quantity == FIELD:
        return Overview(title, inputs, element.output, (), tuple(_fields(element)))
    layers = list(_briefs(root, quantity))
    if quantity is not None:
        layers = [layer for layer in layers if layer.sections[0].entries]
    names = TOTALS if quantity is None else (quantity,)
    totals = Section("Totals", [found for name in names for found in sums(element, name)])
    if not layers:
        totals = Section("", [f"No layer has {quantity}."])
    sections = (totals,) if totals.entries else ()
    return Overview(title, inputs, element.output, tuple(layers), sections)


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
    for leaf in root.leaves():
        key = (leaf.layer, leaf.frozen, leaf.shares and leaf.shares.path)
        if key not in known:
            known[key] = _brief(leaf, quantity)
        yield known[key]._replace(path=leaf.path, label=leaf.label, line=leaf.line)


def _brief(leaf: Leaf, quantity: str | None) -> Explanation:
    page = Page(leaf.layer)
    counts = Counts(leaf, page)
    page.section("")
    if quantity in (None, OUTPUT):
        page.sizes()
        page.channels()
    for name in BRIEF if quantity is None else (quantity,):
        if name in QUANTITIES and leaf.quantity(name):
            counts.one(name)
    return _of(leaf, page, tuple(page.sections))


def sums(element: Group | Network, name: str) -> Iterator[Derivation]:
    """The total of a quantity, added up over what the author wrote one below the other."""
    if name not in QUANTITIES or QUANTITIES[name].adds == NONE:
        return
    value = element.quantity(name)
    if value and (name != "trainable" or value != element.quantity("parameters")):
        words = QUANTITIES[name].meaning.partition(";")[0]
        yield Derivation(name, total(tuple(_parts(element, name))), words)


def _parts(element: Group | Network, name: str) -> list[int]:
    """What a total is the sum of; a group that is all there is gives its own parts."""
    if isinstance(element, Network):
        inputs = map(element.bytes_of, element.inputs.values()) if name == "memory" else ()
        return [*inputs, *_parts(element.root, name)]
    parts = [(child, value) for child in element.children if (value := child.quantity(name))]
    if len(parts) == 1 and isinstance(parts[0][0], Group):
        return _parts(parts[0][0], name)
    return [value for _, value in parts]
