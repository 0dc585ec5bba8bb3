"""Layer: the base class of all kinds, and the registry that the classes fill."""

import re
from functools import cached_property, lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.layers.arguments import Argument
from cnncalc.layers.reach import Reach
from cnncalc.layers.sizes import wrong_axes
from cnncalc.problems import Code, Reject
from cnncalc.volume import Volume
from cnncalc.wording import count, fold, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Letters, Page

KINDS: "dict[str, type[Operation]]" = {}  # by canonical name, in the order of definition
_BY_FOLDED_NAME: "dict[str, type[Operation]]" = {}


class Note(NamedTuple):
    """Something about a layer that works but may surprise."""

    code: Code
    message: str
    argument: str  # the argument to point at
    detail: str = ""
    help: str = ""


class Equivalent(NamedTuple):
    """Other layers that do the same."""

    words: str
    items: tuple[str, ...]  # as they stand in a spec
    input: Volume  # what they read
    times: int = 1  # at how many places


class Operation:
    """One kind of layer: its name, arguments, output volume and every count.

    An instance is a layer on given inputs. Making one works out `output` or raises Reject. It
    knows neither its name nor its place in a file, so that equal layers can be one object. Counts
    that a kind does not define are 0; None stands for "has no such number".
    """

    kind: ClassVar[str] = ""
    family: ClassVar[str] = ""  # the module of the kind, or of the kind that it is one of
    aliases: ClassVar[tuple[str, ...]] = ()
    primary: ClassVar[str | None] = None  # the argument that `kind: value` gives
    declared: ClassVar[dict[str, Argument]] = {}  # here and in the base classes
    arguments: ClassVar[dict[str, Argument]] = {}  # those of them that may be written
    required: ClassVar[tuple[str, ...]] = ()  # those that must be written
    per_axis: ClassVar[tuple[tuple[str, Argument], ...]] = ()
    rank: ClassVar[tuple[int, int]] = (0, 3)  # how many spatial axes the input may have
    sees_all: bool = False  # every unit is connected to every value of the input
    weighted: ClassVar[bool] = False  # counts as a layer when papers count layers
    in_place: ClassVar[bool] = False  # overwrites its input, so that it needs no memory
    centers: ClassVar[bool] = False  # subtracts from each channel its mean
    shows_primary: ClassVar[bool] = False  # the label has the primary argument: `upsample 2×2`
    distribution: ClassVar[bool] = False  # turns values into shares that add up to one
    multiplies: ClassVar[bool] = True  # with its weights, whose gradients then need its input
    stated: ClassVar[bool] = False  # its counts are what the spec says, not worked out
    takes_several: ClassVar[bool] = False  # `from:` beside it may be a list
    # An item on `example_input`, for the documentation and its test; without one it is the kind.
    example: ClassVar[str] = ""
    example_input: ClassVar[str] = "32x32x4"
    refused: ClassVar[str] = ""  # an item that this kind refuses on the same input
    # Patterns of primary values that are often tried, and what to write instead.
    slips: ClassVar[tuple[tuple[str, str], ...]] = ()

    notes: tuple[Note, ...] = ()
    inputs: tuple[Volume, ...]
    output: Volume

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Argument)}
        cls.declared = {**cls.declared, **own}
        # A subclass that sets an argument to a plain value fixes it: it can no longer be written.
        cls.arguments = {
            name: value
            for name, value in cls.declared.items()
            if isinstance(getattr(cls, name), Argument)
        }
        cls.required = tuple(name for name, value in cls.arguments.items() if value.required)
        cls.per_axis = tuple(
            (name, value) for name, value in cls.declared.items() if value.type.per_axis
        )
        if "kind" in vars(cls):
            KINDS[cls.kind] = cls
            cls.family = cls.family or cls.__module__.rpartition(".")[2]
            cls.example = vars(cls).get("example", cls.kind)
            cls.aliases = vars(cls).get("aliases", ())  # other names are not inherited
            for name in (cls.kind, *cls.aliases):
                known = _BY_FOLDED_NAME.setdefault(fold(name), cls)
                assert known is cls, f"{known.kind} and {cls.kind} are both called {name}"

    def __init__(self, arguments: dict[str, Any], *inputs: Volume) -> None:
        self.inputs = inputs
        self.input = inputs[0]
        self.__dict__.update(arguments)
        axes = len(self.input.sizes)
        least, most = self.rank
        if not least <= axes <= most:
            raise self.wrong_axes()
        for name, declared in self.per_axis:
            value = getattr(self, name)
            if value is not None:
                self.__dict__[name] = declared.bind(value, axes)
        self.output = self.measure()

    @cached_property
    def shown_arguments(self) -> dict[str, Any]:
        """The arguments by canonical name, as numbers, words and lists."""
        values = (
            (name, self.value_of(name), declared) for name, declared in self.arguments.items()
        )
        return {
            name: None if value is None else declared.type.show(value)
            for name, value, declared in values
        }

    def value_of(self, name: str) -> object:
        """The value of an argument, as it turned out."""
        return getattr(self, name)

    def wrong_axes(self) -> Reject:
        least, most = self.rank
        if most == 0:
            return wrong_axes(f"{self.kind} works on a vector", len(self.input.sizes))
        if not self.input.sizes:
            verb = "slides" if "kernel" in self.arguments else "works"
            return Reject(
                codes.AXES,
                f"{self.kind} {verb} along spatial axes, its input {self.input.text()} has none",
                help="it stands after a layer that gives a vector, such as fc or flatten",
            )
        one = least == most
        axes = count(most, "axis", "axes") if one else f"{least} to {most} axes"
        row = f"{positions(self.input)}x{self.input.channels}"
        help = f"reshape: {row} puts all places in one row" if most == 1 else ""
        return wrong_axes(f"{self.kind} works on {axes}", len(self.input.sizes), help)

    # What a kind says of itself.

    @classmethod
    def shorthand(cls, text: str) -> dict[str, tuple[int, str]] | None:
        """The arguments in a primary text such as `10@5x5`, each with its offset; else None."""
        return None

    # Arguments of frameworks that are taken and change nothing, without case, _ and -.
    uncounted: ClassVar[tuple[str, ...]] = ()
    # What to write instead of arguments that frameworks have and this kind has not, likewise.
    others: ClassVar[dict[str, str]] = {}

    @classmethod
    def primary_help(cls, text: str) -> str:
        """What to write instead of a primary value that cannot be read."""
        for pattern, help in cls.slips:
            if found := re.fullmatch(pattern, text):
                advice = found.expand(help.replace("KIND", cls.kind))
                new = advice.removeprefix(f"write {cls.kind}: ")
                is_edit = new != advice and " or " not in new
                return Edit(advice, new, text) if is_edit else advice
        return ""

    def measure(self) -> Volume:
        """The output volume; by default that of the input. Raises Reject."""
        return self.input

    def label(self) -> str:
        """The kind with the sizes that its output depends on: `conv 5×5/2 pad 1`."""
        if not self.shows_primary:
            return self.kind
        value = getattr(self, self.primary or "")
        return f"{self.kind} {times(value) if isinstance(value, tuple) else value}"

    def reach(self) -> tuple[Reach, ...] | None:
        """Per spatial axis, which input rows an output row sees; None: every row its own."""
        return None

    def formula(self) -> str:
        """The arithmetic of the output size with this layer's numbers, where there is one."""
        return ""

    @property
    def filter_shape(self) -> tuple[int, ...] | None:
        """The shape of one filter, channels last: 3×3×16."""
        return None

    @property
    def weight_shapes(self) -> tuple[object, ...]:
        """Everything that must agree for two layers to share their weights."""
        return (self.weights, self.biases)

    # Counts. Each kind states its own; docstrings are with the quantities.

    @property
    def neurons(self) -> int:
        return 0

    @property
    def weights(self) -> int:
        return 0

    @property
    def biases(self) -> int:
        return 0

    @property
    def parameters(self) -> int:
        return self.weights + self.biases

    @property
    def statistics(self) -> int:
        return 0

    @property
    def connections(self) -> int:
        return 0

    @property
    def macs(self) -> int:
        return 0

    @property
    def fan_in(self) -> int | None:
        return None

    @property
    def positions(self) -> int | None:
        return None

    @property
    def links(self) -> int:
        """The connections but those to biases."""
        return self.macs

    @property
    def links_outside(self) -> int:
        """Those of the links that end in padding, where there is no unit."""
        return 0

    @property
    def without_sharing(self) -> int:
        return self.connections if self.weights else 0

    # Explanation. The formulas are the code of the counts themselves, run on letters instead of
    # numbers (see derivation.py); a kind adds what there is to say beyond them.

    def numbers(self) -> dict[str, object]:
        """The arguments as they turned out, by name."""
        return {name: self.value_of(name) for name in self.declared}

    def name_sizes(self, sizes: tuple[int, ...], letters: "Letters") -> None:
        """Let letters stand for what was worked out; `sizes` is the letter O."""
        self.output = Volume(sizes, self.output.channels)

    def explain_output(self, page: "Page") -> None:
        """How the output's volume comes about. Runs on a layer made of letters, as `explain`."""
        page.sizes()
        page.channels()

    def explain(self, page: "Page") -> None:
        """What there is to say beyond output and counts."""

    def equivalent(self) -> Equivalent | None:
        """Other layers that do the same, where there are any."""
        return None

    def over_maps(self, maps: Volume) -> Equivalent | None:
        """Layers that do the same on maps, of which this one reads the flattened values."""
        return None

    def why_nothing_learned(self) -> str:
        """Why a layer without weights has none."""
        return "" if self.connections else "It has no weights, and makes no connections."


def spell(kind: str, **numbers: object) -> str:
    """An item as it stands in a spec; what is the default is left out."""
    texts = {name: _spelled(value) for name, value in numbers.items()}
    shown = [f"{name}: {text}" for name, text in texts.items() if text != _QUIET.get(name)]
    return f"{kind}: {{{', '.join(shown)}}}"


_QUIET = {
    "stride": "1", "dilation": "1", "padding": "0", "multiplier": "1", "bias": "true",
    "rounding": "floor",
}  # fmt: skip


def _spelled(value: object) -> str:
    """3 where all axes agree, else [3, 5]; padding of unlike sides as pairs."""
    if not isinstance(value, tuple):
        return str(value).lower()
    if isinstance(value[0], tuple):
        if any(before != after for before, after in value):
            return str([list(pair) for pair in value])
        value = tuple(before for before, _ in value)
    return str(value[0]) if len(set(value)) == 1 else str(list(value))


def positions(volume: Volume) -> int:
    """O·O, the places along the spatial axes."""
    return prod(volume.sizes)


@lru_cache(4096)
def find_kind(written: str) -> tuple[type[Operation], int | None] | None:
    """The class of a kind by any of its names, and the dimension that the name asserts."""
    name = fold(written)
    if name in _BY_FOLDED_NAME:
        return _BY_FOLDED_NAME[name], None
    for dimension in (1, 2, 3):
        bare = name.replace(f"{dimension}d", "", 1)
        if bare in _BY_FOLDED_NAME:
            return _BY_FOLDED_NAME[bare], dimension
    return None


def all_names() -> list[str]:
    """Every canonical name and alias of every kind."""
    return [name for cls in KINDS.values() for name in (cls.kind, *cls.aliases)]
