"""Volume: what flows between layers, its spatial sizes and its channels."""

from math import prod
from typing import NamedTuple

MAX_NUMBER = 10**12  # no size, channel count or written number may be larger
AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
MEASURES = ("channels", "height", "width", "depth", "length")  # what there is to ask of a volume


class Volume(NamedTuple):
    """Sizes along the spatial axes (none to three) and channels: 28x28x6 is Volume((28, 28), 6).

    Channels come last, as in textbooks. A vector such as the output of a fully connected layer
    has channels only: Volume((), 120), written 120.
    """

    sizes: tuple[int, ...]
    channels: int

    @property
    def values(self) -> int:
        """The number of values in the volume."""
        return prod(self.sizes) * self.channels

    @property
    def shape(self) -> tuple[int, ...]:
        """Every size, channels last."""
        return (*self.sizes, self.channels)

    @property
    def shape_without_ones(self) -> tuple[int, ...]:
        """What is left to compare when sizes of 1 do not matter (1x1x120 and 120)."""
        return tuple(size for size in self.shape if size != 1)

    @property
    def measures(self) -> dict[str, int]:
        """The channels and the size along each axis, by name."""
        names = AXIS_NAMES.get(len(self.sizes), ())
        return {"channels": self.channels, **dict(zip(names, self.sizes, strict=True))}

    def text(self, times: str = "×", channels_first: bool = False) -> str:
        """28×28×6, or 6×28×28 with the channels first."""
        shape = (self.channels, *self.sizes) if channels_first else self.shape
        return times.join(map(str, shape))

    def __str__(self) -> str:
        return self.text("x")

    @classmethod
    def parse(cls, text: str) -> "Volume":
        """Read `28x28x6`, `120`, or LeCun's `6@28x28`; raises ValueError with a reason."""
        maps, at, sizes = text.partition("@")
        if at and maps.strip().isdecimal():
            return cls.of((*read_factors(sizes), *read_factors(maps)))
        return cls.of(read_factors(text))

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> "Volume":
        """The volume of a shape with channels last; raises ValueError with a reason."""
        if not 1 <= len(shape) <= 4:
            raise ValueError(f"a volume has one to four sizes, not {len(shape)}")
        if min(shape) < 1:
            raise ValueError("every size of a volume is at least 1")
        if max(shape) > MAX_NUMBER:
            raise ValueError("a size of more than 10^12")
        return cls(shape[:-1], shape[-1])


def read_factors(text: str) -> tuple[int, ...]:
    """(3, 5) for `3x5`; raises ValueError for anything else."""
    factors = [factor.strip() for factor in text.replace("X", "x").replace("×", "x").split("x")]
    if not all(map(str.isdecimal, factors)):
        raise ValueError("sizes are whole numbers joined by x, channels last")
    for factor in factors:
        if len(factor) > 1 and factor.startswith("0"):
            raise ValueError("a leading zero: other YAML readers take it for another number")
        if len(factor) > 13:
            raise ValueError("a size of more than 10^12")
    return tuple(map(int, factors))
