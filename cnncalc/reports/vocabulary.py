"""The kinds of layers and the quantities as text, out of the registries."""

from __future__ import annotations

from inspect import getdoc

from cnncalc.layers import KINDS, Layer, find_kind
from cnncalc.layers.activation import Activation
from cnncalc.layers.arguments import OTHER_NAMES, Argument
from cnncalc.layers.composite import COMPOSITES, Composite
from cnncalc.quantities import QUANTITIES
from cnncalc.spec.items import META
from cnncalc.wording import fold, show

_FAMILIES = {
    "conv": "Convolutions",
    "pool": "Pooling",
    "dense": "Fully connected layers and embeddings",
    "norm": "Normalisation",
    "activation": "Activations and dropout",
    "shape": "Moving values about",
    "merge": "Merging several volumes",
}


def kind_names() -> list[str]:
    """The names of kinds and composites."""
    return [*KINDS, *COMPOSITES]


def _summary(cls: type) -> str:
    """The first sentence of a class's documentation."""
    return (getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")


def list_kinds() -> str:
    """All kinds by family, a line each."""
    size = max(map(len, kind_names())) + 2
    lines = []
    for module, title in _FAMILIES.items():
        lines.append(f"{title}")
        lines += [
            f"  {cls.kind:<{size}}{_summary(cls)}"
            for cls in KINDS.values()
            if cls.__module__.endswith(f".{module}")
        ]
        lines.append("")
    lines.append("Items that hold items")
    lines += [f"  {cls.kind:<{size}}{_summary(cls)}" for cls in COMPOSITES.values()]
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
    lines = [cls.kind, "", *_indented(getdoc(cls) or ""), ""]
    if cls.beside:
        lines += [f"  beside it: {', '.join(cls.beside)}", ""]
    lines += [f"  beside any item: {', '.join(META)}", "", f"  - {cls.example}", ""]
    return "\n".join(lines)


def _describe_layer(cls: type[Layer]) -> str:
    lines = [cls.kind, "", *_indented(getdoc(cls) or ""), ""]
    if cls.aliases:
        lines += [f"  also called {', '.join(cls.aliases)}", ""]
    if issubclass(cls, Activation):
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
    default = "" if argument.required else f" [{_default(argument)}]"
    lines = [
        f"    {name:<{size}}{argument.meaning}{default if argument.default is not None else ''}"
    ]
    lines.append(f"    {'':<{size}}{argument.type.expects}")
    others = OTHER_NAMES.get(name, ())
    if others:
        lines.append(f"    {'':<{size}}or {', '.join(others)}")
    if primary:
        lines.append(f"    {'':<{size}}may stand alone")
    return lines


def _default(argument: Argument) -> str:
    if argument.default is None:
        return ""
    value = argument.type.show(argument.default)
    if value == [[0, 0]] or value == [0, 0]:
        return "0"
    return str(value) if isinstance(value, float) else show(value).strip('"')


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.splitlines()]


def list_quantities() -> str:
    """All quantities, with what they mean and how they add up."""
    size = max(map(len, QUANTITIES)) + 2
    adds = {
        "sum": "every layer counts",
        "once": "shared weights count once",
        "last": "that of the last layer",
        "none": "of single layers only",
    }
    lines = []
    for quantity in QUANTITIES.values():
        lines.append(f"{quantity.name:<{size}}{quantity.meaning}")
        more = [adds[quantity.adds]]
        if quantity.aliases:
            more.append(f"also called {', '.join(quantity.aliases)}")
        lines.append(f"{'':<{size}}({'; '.join(more)})")
    return "\n".join(lines) + "\n"
