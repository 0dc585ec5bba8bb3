"""Layers with several sorts of numbers, written by name: `values: {mean: [1, 2], ...}`."""

from functools import singledispatch
from itertools import chain
from typing import Any

from cnncalc import problems as codes
from cnncalc.commands.trace.arrays import Array, array_of
from cnncalc.commands.trace.compute import NO_WEIGHTS, Weights
from cnncalc.commands.trace.misfit import Misfit
from cnncalc.commands.trace.numbers import named
from cnncalc.commands.trace.values import Axis, Block, ValueReader, block
from cnncalc.commands.trace.weights import Need, blaming, need, needless_biases
from cnncalc.layers import Operation
from cnncalc.layers.attention import Attention
from cnncalc.layers.norm import BatchNorm, LayerNorm, LocalResponseNorm, Norm
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.model import Layer
from cnncalc.problems import Reject
from cnncalc.wording import did_you_mean, enumerated, quote


@singledispatch
def parts(layer: Operation) -> dict[str, Need]:
    """What a layer needs by the names of its parts; empty for one sort of numbers or none."""
    return {}


def _numbers(layer: Operation, default: int | None = None) -> Need:
    """One number a channel."""
    own = Block("a channel", (Axis("number", 1),))
    return Need(layer.input.channels, "channel", lambda channel: own, default=default)


@parts.register
def _(layer: BatchNorm) -> dict[str, Need]:
    found = {"mean": _numbers(layer), "variance": _numbers(layer)}
    scale = {"scale": _numbers(layer, 1)} if layer.scale else {}
    shift = {"shift": _numbers(layer, 0)} if layer.center else {}
    return {**found, **scale, **shift}


@parts.register
def _(layer: Norm) -> dict[str, Need]:
    if not layer.affine:
        return {}
    if isinstance(layer, LayerNorm) and layer.axes == "all":
        volume = layer.input
        own = block(f"the volume {volume.text()}", volume.sizes, volume.channels, flat=True)
        return {
            name: Need(1, "volume", lambda _: own, default=default)
            for name, default in (("scale", 1), ("shift", 0))
        }
    return {"scale": _numbers(layer, 1), "shift": _numbers(layer, 0)}


@parts.register
def _(layer: LocalResponseNorm) -> dict[str, Need]:
    own = Block("a number", (Axis("number", 1),))
    return {name: Need(1, "number", lambda _: own) for name in ("k", "alpha", "beta")}


@parts.register
def _(layer: SeparableConv) -> dict[str, Need]:
    found = {"depthwise": need(layer.depthwise), "pointwise": need(layer.pointwise)}
    return {name: own for name, own in found.items() if own is not None}


@parts.register
def _(layer: Attention) -> dict[str, Need]:
    def units(number: int, inputs: int) -> Need:
        own = block(f"a unit on {inputs}", (), inputs)
        return Need(number, "unit", lambda unit: own, biases=number if layer.bias else 0)

    found = dict.fromkeys(("query", "key", "value"), units(layer.dimensions, layer.input.channels))
    output = units(layer.input.channels, layer.dimensions)
    return {**found, "output": output} if layer.projects else found


def read_parts(layer: Layer, wanted: dict[str, Need], reader: ValueReader) -> Weights:
    """The numbers of each part, and the biases. Raises Reject."""
    operation = layer.operation
    written = getattr(operation, "values", None)
    biases = getattr(operation, "bias_values", None)
    missing = [name for name, own in wanted.items() if own.default is None]
    if written is None and missing:
        example = ", ".join(f"{name}: {own.sketch()}" for name, own in wanted.items())
        help = f"add values: {{{example}}} to its arguments"
        raise Reject(codes.MISSING, f"{layer.path} has no values", help=help)
    with blaming("values"):
        values = _by_name(written, wanted, missing)
        read = {name: _numbers_of(values.get(name), name, own, reader)
                for name, own in wanted.items()}  # fmt: skip
    with blaming("bias_values"):
        with_biases = [name for name, own in wanted.items() if own.biases]
        if biases is not None and not with_biases:
            raise needless_biases(layer)
        if biases is not None and len(with_biases) == 1 and not isinstance(biases, dict):
            biases = {with_biases[0]: biases}
        written_biases = _by_name(biases, dict.fromkeys(with_biases), [])
        found = {
            name: part._replace(
                biases=_biases(written_biases.get(name), name, wanted[name], reader)
            )
            for name, part in read.items()
        }
    return NO_WEIGHTS._replace(parts=found)


def _by_name(written: Any, names: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    """A mapping by these names. Raises Misfit."""
    if written is None:
        return {}
    listed = enumerated([*names])
    if not isinstance(written, dict):
        raise Misfit(f"values is {named(written)}; a mapping of {listed} is wanted")
    for name in written:
        if name not in names:
            hint = did_you_mean(str(name), names)
            raise Misfit(f'"{quote(str(name))}" is none of {listed}', hint)
    for name in needed:
        if written.get(name) is None:
            raise Misfit(f"values has no {name}", f"what is needed: {enumerated(needed)}")
    return written


def _numbers_of(written: Any, name: str, own: Need, reader: ValueReader) -> Weights:
    sizes = [own.block(index).total for index in range(own.number)]
    total = sum(sizes)
    if written is None:
        assert own.default is not None
        return Weights(Array([own.default] * total, (total,)), sizes, None)
    if total == 1 and not isinstance(written, (list, str, dict)):
        written = [written]
    try:
        read = reader.filters(written, own.number, total, own.one, own.block)
        return Weights(array_of(chain.from_iterable(read), (total,)), sizes, None)
    except Misfit as misfit:
        raise misfit.inside(name, name) from None


def _biases(written: Any, name: str, own: Need, reader: ValueReader) -> Array | None:
    if not own.biases:
        return None
    if written is None:
        return Array([0] * own.biases, (own.biases,))
    wanted = Block(f"the part {name}", (Axis("number", own.biases),))
    try:
        return array_of(reader.block(written, wanted), (own.biases,))
    except Misfit as misfit:
        raise misfit.inside(name, name) from None
