"""build: a Spec, and what is to be different about it, become a network and its origins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.accepted import checked
from cnncalc.arithmetic import EXACT, FLOOR
from cnncalc.language.given import given, read_input
from cnncalc.language.located import Value
from cnncalc.language.model import Item, Spec
from cnncalc.language.source import Source
from cnncalc.language.written import Expect, Word
from cnncalc.layers.arguments import from_python
from cnncalc.limits import MAX_ITEMS
from cnncalc.network.builder import Builder
from cnncalc.network.elaborate import Elaboration, WalkOf
from cnncalc.network.expectations import Expectation, unjudged
from cnncalc.network.model import Group, Layer, Network
from cnncalc.network.reporter import Reporter
from cnncalc.network.walk import Walk
from cnncalc.problems import Problem
from cnncalc.quantities import BITS_OF, BYTES_OF, STATES_OF
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean, quote

if TYPE_CHECKING:
    from fractions import Fraction

Override: TypeAlias = "int | bool | str | float | Fraction | list[Any]"
Inputs: TypeAlias = "str | Volume | Mapping[str, str | Volume]"


class OverrideError(ValueError):
    """A var, input, variant or dtype asked for that does not exist or cannot be read."""


class Build:
    """What came of a spec: the network, what is wrong, what is expected, and who wrote what.

    Where there are errors, the network is what could be built.
    """

    def __init__(
        self,
        spec: Spec,
        network: Network,
        origins: Mapping[Layer | Group, Item],
        read: Set[object],
        *,
        problems: Sequence[Problem] = (),
        expectations: Sequence[Expectation] = (),
        numbered: Sequence[tuple[Value, Layer | Group]] = (),
        other_inputs: Iterable[str] = (),
        overridden: bool = False,
        visited: int = 0,
    ) -> None:
        self.spec = spec
        self.network = network
        self.problems = [*problems]
        self.expectations = [*expectations]
        self.origins = origins  # the line that each layer and group comes from
        self.numbered = [*numbered]  # where something is referred to by an automatic name
        self.read = read  # the inputs and layers that some item reads
        self.other_inputs = frozenset(other_inputs)  # names of those given another volume
        self.overridden = overridden  # whether it is another network than the spec's own
        self.visited = visited  # items, skipped ones too

    @property
    def failed(self) -> bool:
        """Whether there is an error, so that the network is not whole."""
        return any(problem.severity == "error" for problem in self.problems)


class SpecError(Exception):
    """A spec with errors; `problems` holds all of them, each with its place."""

    def __init__(self, problems: list[Problem], build: Build | None = None) -> None:
        self.problems = problems
        self.build = build  # with what could be built; None where the file cannot be read
        super().__init__("\n".join(map(str, problems)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled without what was built, which may be large."""
        return SpecError, (self.problems,)


@checked
def build(
    spec: Spec,
    *,
    vars: Mapping[str, Override] | None = None,
    input: Inputs | None = None,
    variant: str | None = None,
    strict: bool = False,
    dtype: str = "float32",
    batch: int = 1,
    training: bool = False,
    weight_dtype: str | None = None,
    optimizer: str = "sgd",
    allow_custom: bool = False,
    max_layers: int = MAX_ITEMS,
    walk_of: WalkOf = Walk,
) -> Build:
    """What a spec describes, with `vars` and `input` in place of its own.

    With `training` items with `only: training` run too, and cost what they cost. `allow_custom` is
    for models of frameworks: what no kind stands for has the numbers that the file states.
    `walk_of` makes the walk over the items, for who wants to look on.

    Raises SpecError with every problem found, and OverrideError for a var, input, variant or
    dtype that does not exist.
    """
    about = _about(dtype, batch, training, weight_dtype, optimizer)
    if isinstance(spec, Foreign):
        for what, name in (("var", next(iter(vars or {}), None)), ("variant", variant)):
            if name is not None:
                raise _unknown(what, name, {})
        rounding = EXACT if strict else FLOOR
        return spec.found(input, max_layers, rounding=rounding, allow_custom=allow_custom, **about)
    own, volumes, expect = _as_written(spec, variant)
    own |= _given_vars(vars or {}, own)
    others = given_inputs(input, volumes)
    volumes |= others
    builder = Builder(
        spec.name,
        {name: volume for name, volume in volumes.items() if volume is not None},
        source=spec.source,
        rounding=EXACT if strict and spec.rounding == FLOOR else spec.rounding,
        **about,
    )
    reporter = Reporter(spec, {name: from_python(value) for name, value in (vars or {}).items()})
    elaboration = Elaboration(
        builder, reporter, max_layers, training=training, strict=strict, walk_of=walk_of
    )
    network = elaboration.run(own, volumes, expect, variant)
    walk = elaboration.walk
    if reporter.problems.failed and (note := unjudged(spec, expect, walk.expects)):
        reporter.problems.add(note)
    found = Build(
        spec,
        network,
        walk.origins,
        walk.read,
        problems=reporter.problems.sorted(),
        expectations=elaboration.expectations,
        numbered=[(value, entry.element) for value, entry in walk.names.numbered if entry.element],
        other_inputs=others,
        overridden=bool(vars or input) or about != _AS_WRITTEN,
        visited=walk.visited,
    )
    if found.failed:
        raise SpecError(found.problems, found)
    return found


_AS_WRITTEN = {
    "dtype": "float32", "batch": 1, "training": False, "weight_dtype": None, "optimizer": "sgd",
}  # fmt: skip


def _about(
    dtype: str, batch: int, training: bool, weight_dtype: str | None, optimizer: str
) -> dict[str, Any]:
    """What a network is counted for. Raises OverrideError for what does not exist."""
    if dtype not in BYTES_OF:
        raise OverrideError(f"dtype is one of {', '.join(BYTES_OF)}, not {dtype}")
    if weight_dtype is not None and weight_dtype not in BITS_OF:
        raise OverrideError(f"weight_dtype is one of {', '.join(BITS_OF)}, not {weight_dtype}")
    if optimizer not in STATES_OF:
        raise OverrideError(f"optimizer is one of {', '.join(STATES_OF)}, not {optimizer}")
    other = weight_dtype if weight_dtype != dtype else None
    return dict(zip(_AS_WRITTEN, (dtype, batch, training, other, optimizer), strict=True))


def _as_written(
    spec: Spec, variant: str | None
) -> tuple[dict[str, Value], dict[str, Volume | None], Expect | None]:
    """The vars, inputs and expectations of a spec or of one of its variants.

    Raises OverrideError for a variant that does not exist.
    """
    volumes = {name: given.volume for name, given in spec.inputs.items()}
    if variant is None:
        return dict(spec.vars), volumes, spec.expect
    if variant not in spec.variants:
        if spec.misread:  # the variant may be what could not be read
            raise SpecError(spec.problems.sorted())
        raise _unknown("variant", variant, spec.variants)
    chosen = spec.variants[variant]
    volumes |= {name: given.volume for name, given in chosen.inputs.items()}
    return spec.vars | chosen.vars, volumes, chosen.expect


class Foreign(Spec):
    """What is read as a network and has no text, as a file of a framework has none."""

    def found(self, input: Inputs | None, max_layers: int, **about: Any) -> Build:
        """What comes of it; `about` is `allow_custom` and what a Builder takes beside its inputs.

        Raises SpecError, and OverrideError for an input that it does not have.
        """
        raise NotImplementedError


def of_network(network: Network, spec: Spec | None = None) -> Build:
    """The Build of a network that no spec describes: problems of it have no place in a text."""
    spec = spec or Spec(Source(network.name or "network", ""))
    nowhere = Item(Word("", 0, 0), 0, "", None, spec.text)
    origins = dict.fromkeys(network.elements(), nowhere)
    return Build(spec, network, origins, {source for layer in network for source in layer.sources})


def _given_vars(vars: Mapping[str, Override], own: Mapping[str, Value]) -> dict[str, Value]:
    values = {}
    for name, value in vars.items():
        if name not in own:
            raise _unknown("var", name, own)
        try:
            values[name] = given(value)
        except ValueError as error:
            raise OverrideError(str(error)) from None
    return values


def given_inputs(input: Inputs | None, own: Mapping[str, Volume | None]) -> dict[str, Volume]:
    if input is None:
        return {}
    if not isinstance(input, Mapping):
        if len(own) != 1:
            raise OverrideError(f"say which input: {', '.join(f'{n}=VOLUME' for n in own)}")
        input = dict.fromkeys(own, input)
    read = {}
    for name, value in input.items():
        if name not in own:
            raise _unknown("input", name, own)
        try:
            read[name] = value if isinstance(value, Volume) else read_input(value, own[name])
        except ValueError as error:
            raise OverrideError(str(error)) from None
    return read


def _unknown(what: str, name: str, known: Mapping[str, object]) -> OverrideError:
    guess = did_you_mean(name, known)
    has = f"it has {', '.join(known)}" if known else "it has none"
    return OverrideError(f"the spec has no {what} {quote(name)}; {guess or has}")
