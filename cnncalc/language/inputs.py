"""The inputs of a network: volumes in all the ways people write them."""

from __future__ import annotations

import re

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.located import located
from cnncalc.language.model import InputVolume
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import Reader, is_null
from cnncalc.volume import Volume, read_factors
from cnncalc.wording import count, did_you_mean, quote

_KEYS = ("shape", "values", "file", "height", "width", "depth", "length", "channels")
_SURELY_SIZES = 32  # an image 3 high, so wide and with so many channels, is rarely meant
_AXES: tuple[list[str], ...] = (["length"], ["height", "width"], ["depth", "height", "width"], [])


class InputReader(Reader):
    """Reads `input:`."""

    def read_input(
        self, node: Node, known: dict[str, InputVolume] | None = None
    ) -> dict[str, InputVolume]:
        """One input, called `input`, or several by name; of a variant, those that are `known`."""
        read = {}
        for name, key, value in self.by_name(node):
            if known and name not in known:
                self.refuse(
                    key,
                    codes.UNKNOWN_KEY,
                    f"{quote(name)} is not one of the spec's inputs",
                    did_you_mean(name, known) or f"they are {', '.join(known)}",
                )
            elif key is not node:
                self.check_name(key, name, "input")
            read[name] = InputVolume(self.one_input(value), value, located(_values(value)))
        return read

    def by_name(self, node: Node) -> list[tuple[str, Node, Node]]:
        if isinstance(node, Mapping) and not any(key.text in _KEYS for key, _ in node.pairs):
            return [(key.text, key, value) for key, value in node.pairs]
        return [("input", node, node)]

    def one_input(self, node: Node) -> Volume | None:
        if isinstance(node, Mapping):
            return self.input_mapping(node)
        shape = self.shape(node)
        if shape is None:
            return None
        try:
            volume = Volume.of(shape)
        except ValueError as error:
            self.refuse(node, codes.BAD_VALUE, f"input is not a volume: {error}")
            return None
        return None if self.asks_back(node, shape) else volume

    def shape(self, node: Node) -> tuple[int, ...] | None:
        """The sizes as written, channels last."""
        try:
            if isinstance(node, Scalar):
                return Volume.parse(node.text).shape
            if isinstance(node, Sequence) and all(isinstance(part, Scalar) for part in node.items):
                return tuple(read_factors(part.text)[0] for part in node.items)  # type: ignore[attr-defined]
            reason = f"it takes a volume such as 32x32x3, not {node.what}"
        except ValueError as error:
            reason = f"{node.what} is not a volume: {error}"
        if is_null(node):
            self.refuse(node, codes.MISSING, "input has no value", "write input: 32x32x3")
        elif not isinstance(node, Broken):
            self.refuse(node, codes.BAD_VALUE, f"input: {reason}", _meant(self.written(node)))
        return None

    def asks_back(self, node: Node, shape: tuple[int, ...]) -> bool:
        """Shapes that most likely mean something else than they say."""
        maps_first = isinstance(node, Scalar) and "@" in node.text
        if not maps_first and (found := question(shape)):
            self.refuse(node, codes.BAD_VALUE, *found)
            return True
        if len(shape) == 4 and shape[0] == 1:
            rest = "x".join(map(str, shape[1:]))
            self.refuse(
                node,
                codes.DEPTH_ONE,
                f"1x{rest} is a 3-D volume of depth 1",
                Edit(f"drop the batch size? write {rest}", rest, safe=False),
            )
        return False

    def input_mapping(self, node: Mapping) -> Volume | None:
        parts = self.known_keys(node, _KEYS, "of an input")
        if "values" in parts and "file" in parts:
            self.refuse(
                parts["file"],
                codes.STRUCTURE,
                "an input has values or a file, not both",
                "keep one of the two",
            )
        if "shape" in parts:
            return self.one_input(parts["shape"])
        names = [name for name in ("depth", "height", "width", "length") if name in parts]
        if names not in _AXES:
            self.refuse(
                node,
                codes.MISSING,
                f"an input with {' and '.join(names)} is incomplete",
                "length, or height and width, or depth, height and width",
            )
            return None
        if not names and "channels" not in parts and _values(node) is not None:
            self.refuse(node, codes.MISSING, "shape of the input is missing", "add shape: 8x8x1")
            return None
        if "channels" not in parts:
            self.refuse(node, codes.MISSING, "channels of the input is missing", "add channels: 1")
            return None
        sizes = []
        for name in (*names, "channels"):
            part = parts[name]
            try:
                (size,) = read_factors(part.text if isinstance(part, Scalar) else "")
                sizes.append(size)
            except ValueError:
                self.refuse(part, codes.BAD_VALUE, f"{name} takes a whole number, not {part.what}")
                return None
        try:
            return Volume.of(tuple(sizes))
        except ValueError as error:
            self.refuse(node, codes.BAD_VALUE, f"input is not a volume: {error}")
            return None


def question(shape: tuple[int, ...]) -> tuple[str, str] | None:
    """What is odd about a shape that most likely means another, and what to write instead."""
    if len(shape) == 2 and shape[0] == shape[1]:
        size = shape[0]
        return (
            f"{size}x{size} has no channels",
            f"a grey image is {size}x{size}x1, a color image {size}x{size}x3; "
            f"a sequence is {{length: {size}, channels: {size}}}",
        )
    if len(shape) == 3 and shape[0] in (1, 3) and shape[1] == shape[2] > 4:
        channels, height, width = shape
        return (
            f"{channels}x{height}x{width} has its channels first; they come last here",
            Edit(f"write {height}x{width}x{channels}", f"{height}x{width}x{channels}"),
        )
    if len(shape) == 3 and shape[0] == 3 and min(shape[1:]) >= _SURELY_SIZES:
        _, height, width = shape
        return (
            f"3x{height}x{width} has its channels first; they come last here",
            f"write {height}x{width}x3; an image 3 high is "
            f"{{height: 3, width: {height}, channels: {width}}}",
        )
    return None


def other_axes(given: Volume, own: Volume) -> str:
    """Why a volume given by hand has most likely another number of axes than is meant."""
    names = [*[*given.measures][1:], "channels"]
    mapping = ", ".join(f"{name}: {given.measures[name]}" for name in names)
    has, wanted = (count(len(v.sizes), "spatial axis", "spatial axes") for v in (given, own))
    shape, meant = given.shape, ""
    if len(shape) == len(own.sizes):
        meant = "x".join(map(str, (*shape, own.channels)))
    elif shape[0] == 1 and len(shape) == len(own.shape) + 1:
        asked = question(shape[1:])
        meant = getattr(asked and asked[1], "new", "") or "x".join(map(str, shape[1:]))
    return (
        f"{given} has {has}, the spec's input {own} has {wanted}; "
        f"write {f'{meant}, or ' if meant else ''}{{{mapping}}} if that is meant"
    )


def _meant(text: str) -> str:
    """What to write instead of a text that is not a volume: 28x28x1 for (28, 28, 1)."""
    if "$" in text:
        return "vars are not read here; --input gives another volume"
    sizes = re.findall(r"\d+", text)
    other = re.search("[A-Za-z]", text.replace("None", ""))
    if other or not 2 <= len(sizes) <= 4 or len(text) > 40:
        return "32x32x3, height x width x channels"
    volume = "x".join(sizes)
    return Edit(f"write {volume}", volume, safe=False)


def _values(node: Node) -> Node | None:
    """The numbers of an input or the name of their file, if it has any."""
    if not isinstance(node, Mapping):
        return None
    found = node.get("values") or node.get("file")
    return None if found is None or is_null(found) else found
