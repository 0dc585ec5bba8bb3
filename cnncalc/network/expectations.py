"""Which layer or output each expectation of a spec is about; one that names none is reported."""

from collections.abc import Callable
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.language.model import Spec
from cnncalc.language.written import Expect, Expected, Word
from cnncalc.network.model import Group, Layer, Network
from cnncalc.network.reporter import Reporter
from cnncalc.problems import Problem
from cnncalc.wording import did_you_mean, quote


class Expectation(NamedTuple):
    """What is expected of a layer, a group or the network."""

    about: Layer | Group | Network
    expected: Expected


def of_network(
    expect: Expect, network: Network, reporter: Reporter, is_skipped: Callable[[Word], bool]
) -> list[Expectation]:
    """The expectations in the network's own block, which may name layers and outputs."""
    found = []
    # What a name stands for may be among what could not be built.
    failed = reporter.problems.failed
    for expected in expect.pairs:
        about, unknown, message, help = _about(expected, network)
        if network.training:  # it has other outputs, and nothing is judged
            about = about or network
        if about is not None:
            found.append(Expectation(about, expected))
        elif unknown is not None and is_skipped(unknown):
            message = f"{quote(unknown.text)} is skipped, its expect is not judged"
            reporter.problem(codes.NOT_JUDGED, unknown, message)
        elif not failed or unknown is None:
            place = unknown or expected.key
            reporter.problem(codes.BAD_EXPECTATION, place, message, help)
    return found


def _about(
    expected: Expected, network: Network
) -> tuple[Layer | Group | Network | None, Word | None, str, str]:
    """What an expectation is about; else the word that names nothing, a message and its help."""
    outputs = network.outputs
    if expected.layer is not None:
        path = expected.layer.text
        elements = network.by_path
        guess = "" if path in elements else did_you_mean(path, elements)
        return elements.get(path), expected.layer, f"no layer is called {quote(path)}", guess
    if expected.output and expected.output not in outputs:
        message = f"no output is called {quote(expected.output)}"
        return None, expected.key, message, did_you_mean(expected.output, outputs)
    if expected.name == "output" and not expected.output and len(outputs) > 1:
        each = quote(", ".join(f"{name}: ..." for name in outputs))
        return None, None, "the network has several outputs", f"output: {{{each}}}"
    return network, None, "", ""


def unjudged(
    spec: Spec, own: Expect | None, bound: list[tuple[Layer | Group, Expect]]
) -> Problem | None:
    """A note at the first `expect:` that errors keep from being judged.

    Those of single layers that were built are judged all the same, but not where the text itself
    has errors. `own` is the block of the network or variant, `bound` are those of items.
    """
    layers = [block for element, block in bound if isinstance(element, Layer)]
    judged = set() if spec.misread else {block.start for block in layers}
    blocks = {e.start: e for e in spec.expects if not e.of_network or e is own}
    left = [blocks[start] for start in sorted(blocks) if start not in judged]
    if not left:
        return None
    more = len(left) - 1
    what = f"this expect and {more:,} more are" if more else "this expect is"
    message = f"{what} not judged, because of the errors"
    return Problem(codes.NOT_JUDGED, message, spec.span(left[0]))
