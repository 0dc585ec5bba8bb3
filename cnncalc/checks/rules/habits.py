"""Rules about what well-known networks do too: notes, as it works and may be meant."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc import problems as codes
from cnncalc.checks.rules.base import LayerRule, Rule
from cnncalc.checks.rules.windows import gaps
from cnncalc.layers.base import Layer, Note
from cnncalc.layers.window import Window
from cnncalc.network.build import Build
from cnncalc.network.network import Leaf, Network
from cnncalc.problems import Problem
from cnncalc.spec.model import Item


class UnevenWindow(LayerRule):
    """(W − F + 2P)/S + 1 has a fraction, which is rounded down.

    The last rows and columns of the padded input are never read. rounding: ceil reads them,
    rounding: exact and --strict make it an error, and a padding or an input size that fits, which
    the error names, leaves nothing to round.
    """

    code = codes.UNEVEN
    because = (
        "published networks do it (AlexNet on the 224×224 of its paper, Inception-v3), and "
        "frameworks round silently"
    )
    fires = """\
input: 224x224x3
layers:
  - conv: {filters: 96, kernel: 11, stride: 4}
"""
    passes = """\
input: 227x227x3
layers:
  - conv: {filters: 96, kernel: 11, stride: 4}
"""

    def look(self, layer: Layer) -> Note | None:
        return next((note for note in layer.notes if note.code == self.code), None)


class DepthOne(Rule):
    """An input of 1xHxWxC: a volume of depth 1, which the layers slide through along three axes.

    Mostly the 1 is the batch size of a framework's shape. A spec describes one example, and
    describe --batch says how many count for the memory.
    """

    code = codes.DEPTH_ONE
    because = "a single slice of a scan is a volume of depth 1 too"
    fires = """\
input: [1, 28, 28, 1]
layers:
  - conv: {filters: 6, kernel: [1, 5, 5]}
"""
    passes = """\
input: [28, 28, 1]
layers:
  - conv: {filters: 6, kernel: [5, 5]}
"""

    def check(self, build: Build) -> Iterator[Problem]:
        """Nothing more: it is said where the input is read."""
        yield from ()


class StridedPointwise(LayerRule):
    """A stride on a kernel of one pixel: of every S·S pixels all but one are never read.

    A pool before it, or a larger kernel, uses them all (He et al. 2018, "Bag of tricks", move the
    stride of ResNet for that reason).
    """

    code = codes.POINTWISE
    because = "the shortcuts of ResNet and Xception are built so"
    fires = """\
input: 56x56x64
layers:
  - conv: {filters: 128, kernel: 1, stride: 2}
"""
    passes = """\
input: 56x56x64
layers:
  - avg_pool: 2
  - conv: {filters: 128, kernel: 1}
"""

    def look(self, layer: Layer) -> Note | None:
        if not isinstance(layer, Window) or set(layer.kernel) != {1}:
            return None
        return gaps(self.code, layer)


class LostBias(Rule):
    """A bias in front of a batch_norm: the norm subtracts the mean, and the bias with it.

    Its parameters are counted and trained to no effect; the norm has a bias of its own. The same
    holds for instance_norm. Only where the norm is all that reads the layer.
    """

    code = codes.LOST_BIAS
    because = "VGG with batch_norm and the ResNets of Keras have such biases in their counts"
    fires = """\
input: 32x32x3
layers:
  - conv: {filters: 64, kernel: 3}
  - batch_norm
  - relu
"""
    passes = """\
input: 32x32x3
layers:
  - conv: {filters: 64, kernel: 3, bias: false}
  - batch_norm
  - relu
"""
    whole = True

    def check(self, build: Build) -> Iterator[Problem]:
        network = build.network
        lost: dict[Item, tuple[Leaf, Leaf]] = {}
        needed: set[Item] = set()  # where one of the layers that a line stands for has no norm
        for leaf in network:
            if _has_plain_bias(leaf.layer):
                norm = self.norm(network, leaf)
                if norm is None:
                    needed.add(build.origins[leaf])
                else:
                    lost.setdefault(build.origins[leaf], (leaf, norm))
        for item, (leaf, norm) in lost.items():
            if item not in needed:
                yield self.problem(
                    build,
                    item.place("bias"),
                    f"{leaf.path}: {norm.path} subtracts the mean, and the bias with it",
                    f"bias: false saves {leaf.layer.biases:,} parameters",
                    layer=leaf.path,
                )

    def norm(self, network: Network, leaf: Leaf) -> Leaf | None:
        """The norm that cancels the layer's bias, if it is all that reads it."""
        readers = network.readers.get(leaf, ())
        if len(readers) == 1 and readers[0].layer.centers:
            return readers[0]
        return None


def _has_plain_bias(layer: Layer) -> bool:
    """Whether there is one bias a channel, which can be left out, and nothing after it."""
    return (
        "bias" in layer.arguments
        and layer.biases == layer.output.channels
        and getattr(layer, "activation", None) is None
    )


class Unflattened(LayerRule):
    """An fc on a volume, without a flatten before it.

    Here, as in textbooks and in Caffe, its units see the whole volume. PyTorch's Linear and
    Keras's Dense act along the last axis instead, with far fewer weights; code translated line by
    line from the spec does not do what the spec says.
    """

    code = codes.UNFLATTENED
    because = "the papers of AlexNet and VGG have no flatten either, and nor have their specs here"
    fires = """\
input: 6x6x256
layers:
  - fc: 4096
"""
    passes = """\
input: 6x6x256
layers:
  - flatten
  - fc: 4096
"""

    def look(self, layer: Layer) -> Note | None:
        if not layer.sees_all or set(layer.input.sizes) <= {1}:
            return None
        return Note(
            self.code,
            f"flattens {layer.input.text()} to {layer.input.values:,} values, where PyTorch and "
            "Keras act along the last axis",
            "",
            help="a flatten before it says so",
        )


class LopsidedSame(LayerRule):
    """An even kernel under padding: same needs an odd number of rows, and one side gets more.

    The output is shifted by half a pixel against the input. Keras and TensorFlow pad more after;
    not every framework does.
    """

    code = codes.LOPSIDED
    because = "U-Nets of Keras have 2×2 kernels with same behind their upsampling"
    fires = """\
input: 32x32x64
layers:
  - conv: {filters: 32, kernel: 2, padding: same}
"""
    passes = """\
input: 32x32x64
layers:
  - conv: {filters: 32, kernel: 3, padding: same}
"""

    def look(self, layer: Layer) -> Note | None:
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
