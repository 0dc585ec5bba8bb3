"""The kinds of layers and the quantities as text, out of the registries."""

from __future__ import annotations

from inspect import getdoc

from cnncalc.language import networks  # noqa: F401 the composite `network`
from cnncalc.language.composites import COMPOSITES
from cnncalc.language.composites import WrittenComposite as Composite
from cnncalc.language.kinds import META
from cnncalc.layers import KINDS, Operation, find_kind
from cnncalc.layers.activation import Activation
from cnncalc.layers.arguments import OTHER_NAMES, Argument
from cnncalc.quantities import (
    LAST,
    MOST,
    NONE,
    ONCE,
    PATH,
    QUANTITIES,
    RATIO,
    SUM,
    TRAINING,
    find_quantity,
)
from cnncalc.render.text import hanging, paragraph
from cnncalc.wording import fold, show, summary_of

_WIDTH = 80

FAMILIES = {
    "conv": "Convolutions",
    "pool": "Pooling",
    "dense": "Fully connected layers and embeddings",
    "norm": "Normalisation",
    "activation": "Activations and dropout",
    "attention": "Attention and what belongs to it",
    "resize": "Resizing",
    "shape": "Moving values about",
    "merge": "Merging several volumes",
    "custom": "What no kind describes",
}


def kind_names() -> list[str]:
    """The names of kinds and composites."""
    return [*KINDS, *COMPOSITES]


def _entry(name: str, text: str, size: int, indent: int = 0) -> list[str]:
    """A name in a column of `size` and a text beside it."""
    return hanging(f"{' ' * indent}{name:<{size}}", text, _WIDTH)


def _paragraphs(text: str) -> list[str]:
    return [line for part in text.split("\n\n") for line in (*paragraph(part, _WIDTH, "  "), "")]


def list_kinds() -> str:
    """All kinds by family."""
    size = max(map(len, kind_names())) + 2
    lines = []
    for family, title in FAMILIES.items():
        lines.append(title)
        for cls in KINDS.values():
            if cls.family == family:
                lines += _entry(cls.kind, summary_of(cls), size, 2)
        lines.append("")
    lines.append("Items that hold items")
    for composite in COMPOSITES.values():
        lines += _entry(composite.kind, summary_of(composite), size, 2)
    lines += ["", "cnncalc layers KIND shows the arguments of one.", ""]
    return "\n".join(lines)


def describe_kind(name: str) -> str | None:
    """One kind: what it is, how it is written, its arguments and their other names."""
    composite = COMPOSITES.get(fold(name))
    if composite is not None:
        return _describe_composite(composite)
    found = find_kind(name)
    return _describe_layer(found[0]) if found else None


def _describe_composite(cls: type[Composite]) -> str:
    lines = [cls.kind, "", *_paragraphs(getdoc(cls) or "")]
    if cls.beside:
        lines += [f"  beside it: {', '.join(cls.beside)}", ""]
    lines += [f"  beside any item: {', '.join(META)}", "", f"  - {cls.example}", ""]
    return "\n".join(lines)


def _describe_layer(cls: type[Operation]) -> str:
    lines = [cls.kind, "", *_paragraphs(getdoc(cls) or "")]
    if cls.aliases:
        lines += [*_entry("also called ", ", ".join(cls.aliases), 0, 2), ""]
    if issubclass(cls, Activation) and not cls.arguments:
        lines += [f"  also as an argument: conv: {{..., activation: {cls.kind}}}", ""]
    if cls.arguments:
        lines.append("  arguments")
        size = max(map(len, cls.arguments)) + 2
        for name, argument in sorted(
            cls.arguments.items(), key=lambda pair: pair[0] != cls.primary
        ):
            lines += _describe_argument(name, argument, size, name == cls.primary)
        lines.append("")
    lines += [f"  example, on {cls.example_input}", f"    - {cls.example}", ""]
    return "\n".join(lines)


def _describe_argument(name: str, argument: Argument, size: int, primary: bool) -> list[str]:
    default = (
        "" if argument.required or argument.default is None else f" [{default_text(argument)}]"
    )
    lines = _entry(name, argument.meaning + default, size, 4)
    lines += _entry("", argument.type.expects, size, 4)
    if others := OTHER_NAMES.get(name, ()):
        lines += _entry("", f"or {', '.join(others)}", size, 4)
    if primary:
        lines += _entry("", "may stand alone", size, 4)
    return lines


def default_text(argument: Argument) -> str:
    """The default of an argument as a spec would say it."""
    value = argument.type.show(argument.default)
    if value in ([[0, 0]], [0, 0]):
        return "0"
    return str(value) if isinstance(value, float) else show(value).strip('"')


ADDS = {
    SUM: "",
    ONCE: "layers that share weights count once",
    LAST: "of a network, that of its last layer",
    NONE: "of single layers only",
    RATIO: "of several layers, the ratio of their totals",
    MOST: "of several layers, the largest",
    PATH: "of several layers, as many as lie behind one another",
    TRAINING: "layers that run in training only count too",
}


def list_quantities() -> str:
    """All quantities, with what they mean and how they add up."""
    size = max(map(len, QUANTITIES)) + 2
    lines = []
    for quantity in QUANTITIES.values():
        also = f"also called {', '.join(quantity.aliases)}" if quantity.aliases else ""
        text = "; ".join(filter(None, (quantity.meaning, ADDS[quantity.adds], also)))
        lines += _entry(quantity.name, text, size)
    return "\n".join(lines) + "\n"


def describe_quantity(name: str) -> str | None:
    """One quantity: what it is, how it adds up, and where to ask for it."""
    quantity = find_quantity(name)
    if quantity is None:
        return None
    others = ", ".join(quantity.aliases)
    adds = ADDS[quantity.adds] or (
        "of a network, that of all layers and inputs"
        if quantity.of_inputs
        else "of several layers, the sum over them"
    )
    lines = [quantity.name, "", *_paragraphs(f"{quantity.meaning}; {adds}")]
    lines += [f"  also called {others}", ""] if others else []
    for words in (
        f"cnncalc explain SPEC LAYER {quantity.name}",
        f"cnncalc describe SPEC --columns layer,kind,{quantity.name}",
        f"cnncalc describe SPEC --sort {quantity.name}",
    ):
        lines.append(f"  {words}")
    return "\n".join(lines) + "\n"
