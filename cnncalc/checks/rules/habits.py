"""Rules about what well-known networks do too: notes, as it works and may be meant."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc import problems as codes
from cnncalc.checks.rules.base import LayerRule, Rule
from cnncalc.checks.rules.windows import gaps
from cnncalc.language.model import Item
from cnncalc.layers.base import Note, Operation
from cnncalc.layers.window import Window
from cnncalc.network.build import Build
from cnncalc.network.model import Layer, Network
from cnncalc.problems import NOTE, Problem, declare


class UnevenWindow(LayerRule):
    """(W − F + 2P)/S + 1 has a fraction, which is rounded down."""

    code = codes.UNEVEN

    def look(self, layer: Operation) -> Note | None:
        return next((note for note in layer.notes if note.code == self.code), None)


class DepthOne(Rule):
    """An input of 1xHxWxC: a volume of depth 1, which the layers slide through along three axes."""

    code = codes.DEPTH_ONE

    def check(self, build: Build) -> Iterator[Problem]:
        """Nothing more: it is said where the input is read."""
        yield from ()


class SkippedOutput(Rule):
    """What `outputs:` names is skipped, so that there is one output less."""

    code = codes.SKIPPED_OUTPUT

    def check(self, build: Build) -> Iterator[Problem]:
        """Nothing more: it is said where the outputs are found."""
        yield from ()


class StridedPointwise(LayerRule):
    """A stride on a kernel of one pixel: of every S·S pixels all but one are never read."""

    code = declare("CNN305", "strided-pointwise", "a stride on a kernel of one pixel", NOTE)

    def look(self, layer: Operation) -> Note | None:
        if not isinstance(layer, Window) or set(layer.kernel) != {1}:
            return None
        return gaps(self.code, layer)


class LostBias(Rule):
    """A bias in front of a batch_norm: the norm subtracts the mean, and the bias with it."""

    code = declare("CNN307", "lost-bias", "a bias that the batch_norm after it cancels", NOTE)
    whole = True

    def check(self, build: Build) -> Iterator[Problem]:
        network = build.network
        lost: dict[Item, tuple[Layer, Layer]] = {}
        needed: set[Item] = set()  # where one of the layers that a line stands for has no norm
        for layer in network:
            if _has_plain_bias(layer.operation):
                norm = self.norm(network, layer)
                if norm is None:
                    needed.add(build.origins[layer])
                else:
                    lost.setdefault(build.origins[layer], (layer, norm))
        for item, (layer, norm) in lost.items():
            if item not in needed:
                yield self.problem(
                    build,
                    item.span("bias"),
                    f"{layer.path}: {norm.path} subtracts the mean, and the bias with it",
                    f"bias: false saves {layer.operation.biases:,} parameters",
                    layer=layer.path,
                )

    def norm(self, network: Network, layer: Layer) -> Layer | None:
        """The norm that cancels the layer's bias, if it is all that reads it."""
        readers = network.readers.get(layer, ())
        if len(readers) == 1 and readers[0].operation.centers:
            return readers[0]
        return None


def _has_plain_bias(layer: Operation) -> bool:
    """Whether there is one bias a channel, which can be left out, and nothing after it."""
    return (
        "bias" in layer.arguments
        and layer.biases == layer.output.channels
        and getattr(layer, "activation", None) is None
    )


class Unflattened(LayerRule):
    """An fc on a volume, without a flatten before it."""

    code = declare("CNN308", "unflattened", "an fc that flattens its input by itself", NOTE)

    def look(self, layer: Operation) -> Note | None:
        if not layer.sees_all or layer.output.sizes or set(layer.input.sizes) <= {1}:
            return None
        return Note(
            self.code,
            f"flattens {layer.input.text()} to {layer.input.values:,} values, where PyTorch and "
            "Keras act along the last axis",
            "",
            help="a flatten before it says so",
        )


class LopsidedSame(LayerRule):
    """An even kernel under padding: same needs an odd number of rows, and one side gets more."""

    code = declare("CNN309", "lopsided-same", "an even kernel that same pads unevenly", NOTE)

    def look(self, layer: Operation) -> Note | None:
        if not isinstance(layer, Window) or layer.padding != "same":
            return None
        for kernel, (before, after) in zip(layer.kernel, layer.pads, strict=True):
            if kernel % 2 == 0 and before != after:
                return Note(
                    self.code,
                    f"same pads {before} before and {after} after for a kernel of {kernel}",
                    "padding",
                    help="an odd kernel is padded alike on both sides",
                )
        return None
