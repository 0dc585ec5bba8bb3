"""What is given by hand instead of in a file: values of vars, and volumes of inputs."""

from __future__ import annotations

from cnncalc.language.inputs import InputReader, other_axes
from cnncalc.language.located import Value
from cnncalc.language.model import Spec
from cnncalc.language.nodes import Mapping, Scalar
from cnncalc.language.source import Source
from cnncalc.language.syntax import parse
from cnncalc.layers.arguments import from_python
from cnncalc.problems import Problems
from cnncalc.volume import Volume
from cnncalc.wording import quote, show


def given(value: object) -> Value:
    """A value from outside the file: 16, 0.5, True, [1, 2], or a text that is read as in a file.

    Raises ValueError with the reason for a text that cannot be read, TypeError for what no spec
    can hold.
    """
    if not isinstance(value, str):
        plain = from_python(value)
        constant = Scalar(0, 0, show(plain).strip('"'), False)
        constant.plan = (plain,)
        return Value(constant, outside=True)
    if not value.startswith(("[", "{")):
        return Value(Scalar(0, 0, value, False), outside=True)
    problems = Problems()
    node = parse(Source("a setting", value), problems)
    if node is None or len(problems):
        message = problems.sorted()[0].message if len(problems) else "nothing"
        raise ValueError(f"{quote(value)}: {message}")
    return Value(node, outside=True)


def read_input(text: str, own: Volume | None = None) -> Volume:
    """A volume given by hand, read as `input:` is; raises ValueError with what to write instead.

    Where it stands for a spec's `own` volume it has as many axes, or is written as a mapping.
    """
    spec = Spec(Source("a setting", text))
    node = parse(spec.text, spec.problems)
    volume = InputReader(spec).one_input(node) if node is not None else None
    if volume is None:
        first = spec.problems.sorted()[0] if len(spec.problems) else None
        why = f"{first.message}; {first.help}".rstrip("; ") if first else "nothing"
        raise ValueError(why.removeprefix("input: ") if text else "input is empty")
    if own is not None and len(volume.sizes) != len(own.sizes) and not isinstance(node, Mapping):
        raise ValueError(other_axes(volume, own))
    return volume
