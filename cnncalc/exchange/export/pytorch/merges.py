"""Merges of volumes as expressions of PyTorch."""

from __future__ import annotations

from cnncalc.exchange.export.layout import Brackets, Code, call, listing
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.spots import Spot, comes_to


def merged(spot: Spot, codes: list[Code]) -> Code:
    """The expression of a merge."""
    kind = spot.same(lambda operation: operation.kind)
    volumes = spot.same(lambda operation: tuple(len(v.sizes) for v in operation.inputs))
    axes = max(volumes)
    codes = [
        code if own == axes or kind != "multiply" else call("stretched", code, str(axes))
        for code, own in zip(codes, volumes, strict=True)
    ]
    if spot.same(lambda operation: bool(operation.crop)):
        codes = [Brackets("cropped", tuple(("", code) for code in codes))]
        return _cropped(kind, codes[0], len(volumes))
    if kind == "concat":
        return call("torch.cat", listing(codes), "1")
    if kind == "maximum":
        return _nested("torch.maximum", codes)
    sign = {"add": " + ", "subtract": " - ", "multiply": " * ", "average": " + "}[kind]
    joined = sign.join(bracketed(code, kind) for code in codes)
    return f"({joined}) / {len(codes)}" if kind == "average" else joined


def bracketed(code: Code, kind: str) -> str:
    """A summand or factor, in brackets where it has a sign itself."""
    text = str(code)
    return f"({text})" if isinstance(code, str) and " " in text else text


def _nested(function: str, codes: list[Code]) -> Code:
    first, *rest = codes
    for code in rest:
        first = call(function, first, code)
    return first


def _cropped(kind: str, volumes: Code, number: int) -> Code:
    """The merge of volumes that are cropped first."""
    if kind == "concat":
        return call("torch.cat", volumes, "1")
    if kind in ("add", "average"):
        text = f"sum({volumes})"
        return text if kind == "add" else f"{text} / {number}"
    function = {"multiply": "mul", "subtract": "sub", "maximum": "maximum"}[kind]
    return f"functools.reduce(torch.{function}, {volumes})"


def merged_channels(spot: Spot, channels: list[str]) -> str:
    """The channels that a merge gives."""
    wanted = spot.all(lambda operation: operation.output.channels)
    for text in (symbols.total(*channels), *channels):
        if comes_to(text, wanted):
            return text
    return spot.chosen(None, wanted)
