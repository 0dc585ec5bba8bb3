"""Builder: makes a network layer by layer. `elaborate` builds with it, and so can any program.

It knows nothing of specs: arguments are plain values, volumes are Volumes, and a refusal says what
is wrong, not where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from cnncalc.arithmetic import FLOOR
from cnncalc.layers.arguments import canonical_name, from_python
from cnncalc.layers.base import Operation, find_kind
from cnncalc.layers.maker import Maker
from cnncalc.network.model import Group, Input, Layer, Network, Signal
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean


class BuilderError(ValueError):
    """A layer that cannot be made; the text says why and what would fit."""


class Builder:
    """Makes a network.

    >>> net = Builder("small", input="32x32x3")
    >>> conv = net.layer("conv", net.input, filters=6, kernel=5)
    >>> net.network(net.layer("fc", conv, units=10)).parameters
    47500

    `input` is one volume or several by name. `rounding` is what becomes of a fraction in the size
    of an output: floor, ceil or exact. Raises ValueError for what is no volume.
    """

    def __init__(
        self,
        name: str = "",
        input: str | Volume | Mapping[str, str | Volume] = (),  # type: ignore[assignment]
        *,
        source: str = "",
        rounding: str = FLOOR,
        dtype: str = "float32",
        batch: int = 1,
        training: bool = False,
        weight_dtype: str | None = None,
        optimizer: str = "sgd",
    ) -> None:
        given = dict(input) if isinstance(input, Mapping) else {"input": input} if input else {}
        self.inputs = {
            name: Input(name, volume if isinstance(volume, Volume) else Volume.parse(volume))
            for name, volume in given.items()
        }
        self.rounding = rounding
        self._about: dict[str, Any] = {
            "source": source, "dtype": dtype, "batch": batch, "training": training,
            "weight_dtype": weight_dtype, "optimizer": optimizer,
        }  # fmt: skip
        self._name = name
        self._maker = Maker()
        self.root = self.group_in(
            None, "network", "network", next(iter(self.inputs.values()), None)
        )
        self._inside = self.root  # the group that `layer` and `group` add to
        self._numbers: dict[Group, dict[str, int]] = {}  # of automatic names, by kind

    @property
    def input(self) -> Input:
        """The only input; the first where there are several."""
        return next(iter(self.inputs.values()))

    def layer(
        self,
        kind: str,
        *sources: Signal,
        name: str | None = None,
        trainable: bool = True,
        shares: Layer | None = None,
        **arguments: Any,
    ) -> Layer:
        """Add a layer that reads `sources`, with the arguments of its kind as a spec has them.

        `shares` is an earlier layer whose weights it uses. Raises BuilderError.
        """
        cls, dimension = _kind(kind)
        path = self._path(cls.kind, name)
        try:
            values = {_argument(cls, word): from_python(v) for word, v in arguments.items()}
            typed, refused = self._maker.read(cls, values, self.rounding)
            missing = [word for word in cls.required if word not in values]
            if missing:
                raise BuilderError(f"{path}: {cls.kind} needs {' and '.join(missing)}")
            if refused:
                raise refused[0]
            volumes = tuple(source.output for source in sources)
            made = self._maker.make(cls, typed, volumes, dimension)
        except Reject as reject:
            says = (reject.message, reject.detail, reject.help)
            raise BuilderError(f"{path}: {'; '.join(filter(None, says))}") from None
        if shares is not None:
            _check_shared(path, made, shares)
        frozen = self._inside.frozen or not trainable
        layer = self.layer_in(
            self._inside, made, sources, path, named=name is not None, frozen=frozen
        )
        if shares is not None:
            layer.shares = shares.shares or shares
        self._inside.result = layer
        return layer

    @contextmanager
    def group(
        self, kind: str, source: Signal, name: str | None = None, *, trainable: bool = True
    ) -> Iterator[Group]:
        """Put the layers of the `with` block in a group; it hands on what its last layer gives."""
        outer = self._inside
        inner = self.group_in(
            outer, kind, kind, source, self._path(kind, name),
            named=name is not None, frozen=outer.frozen or not trainable,
        )  # fmt: skip
        self._inside = inner
        try:
            yield inner
        finally:
            self._inside = outer
            outer.result = inner.result

    def network(
        self, outputs: Signal | Mapping[str, Signal], *, variant: str | None = None
    ) -> Network:
        """The network with this result, or with several by label."""
        ends = dict(outputs) if isinstance(outputs, Mapping) else {outputs.path: outputs}
        inputs = self.inputs.values()
        return Network(self._name, inputs, self.root, ends, variant=variant, **self._about)

    def _path(self, kind: str, name: str | None) -> str:
        numbers = self._numbers.setdefault(self._inside, {})
        numbers[kind] = numbers.get(kind, 0) + 1
        prefix = f"{self._inside.path}." if self._inside.path else ""
        return prefix + (name or automatic_name(kind, numbers[kind]))

    # What is underneath: elements whose path, kind and volumes are known.

    def layer_in(
        self,
        group: Group,
        operation: Operation,
        sources: tuple[Signal, ...],
        path: str,
        *,
        line: int | None = None,
        named: bool = False,
        frozen: bool = False,
    ) -> Layer:
        """Add a layer that is made already to a group."""
        layer = Layer()
        layer.path = path
        layer.level = group.level + 1
        layer.line = line
        layer.named = named
        layer.frozen = frozen
        layer.training_only = group.training_only
        layer.operation = operation
        layer.inputs = operation.inputs
        layer.output = operation.output
        layer.sources = sources
        layer.shares = None
        group.children.append(layer)
        return layer

    def group_in(
        self,
        parent: Group | None,
        kind: str,
        label: str,
        source: Signal | None,
        path: str = "",
        *,
        line: int | None = None,
        named: bool = False,
        frozen: bool = False,
    ) -> Group:
        """Add a group to a group; it hands on its source until it has a `result` of its own."""
        group = Group()
        group.path = path
        group.level = parent.level + 1 if parent is not None else 0
        group.line = line
        group.named = named
        group.frozen = frozen
        group.training_only = parent is not None and parent.training_only
        group.kind = kind
        group.label = label
        group.inputs = (source.output,) if source is not None else ()
        group.result = source
        group.children = []
        group.labelled = {}
        group.copies = False
        if parent is not None:
            parent.children.append(group)
        return group


def _check_shared(path: str, new: Operation, first: Layer) -> None:
    """Raises BuilderError where a new layer cannot use the weights of an earlier one."""
    if type(new) is not type(first.operation):
        raise BuilderError(f"{first.path} is another kind of layer than {path}")
    if new.weight_shapes != first.operation.weight_shapes:
        raise BuilderError(
            f"{first.path} has {first.operation.weights:,} weights on {first.inputs[0].text()}, "
            f"{path} would have {new.weights:,} on {new.input.text()}"
        )


@lru_cache(4096)
def automatic_name(kind: str, number: int) -> str:
    """conv3 for the third conv; relu6_1, since relu61 would be the 61st relu."""
    return f"{kind}{'_' if kind[-1:].isdigit() else ''}{number}"


def _kind(word: str) -> tuple[type[Operation], int | None]:
    found = find_kind(word)
    if found is None:
        from cnncalc.layers.base import all_names  # only for the message

        raise BuilderError(f"no kind {word!r}; {did_you_mean(word, all_names())}".rstrip("; "))
    return found


def _argument(cls: type[Operation], word: str) -> str:
    name = canonical_name(word, cls.arguments)
    if name is None:
        guess = did_you_mean(word, cls.arguments) or f"it has {', '.join(cls.arguments)}"
        raise BuilderError(f"{cls.kind} has no argument {word!r}; {guess}")
    return name
