"""`expect:`: what a spec says of its own numbers, read for its form.

Which layer and which output is meant is known only when the network is built: `bind` in
network/expectations.py.
"""

from cnncalc import problems as codes
from cnncalc.language.amounts import read_expected
from cnncalc.language.located import Value
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import Reader
from cnncalc.language.written import VALUES, Expect, Expected, Word
from cnncalc.problems import Reject
from cnncalc.quantities import QUANTITIES, find_quantity
from cnncalc.wording import did_you_mean, quote

VOLUMES = ("input", "output")


class ExpectReader(Reader):
    """Reads `expect:` blocks; what cannot be read is refused."""

    def read(self, node: Node | None, *, of_network: bool = False) -> Expect | None:
        """A block beside an item, or that of the network or a variant."""
        if node is None:
            return None
        found: list[Expected] = []
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                self.pair(key, value, found, of_network)
        else:
            self.bad(node, f"expect takes a mapping, not {node.what}", "expect: {output: 28x28x6}")
        expect = Expect(node, found, of_network)
        self.spec.expects.append(expect)
        return expect

    def bad(self, node: Node, message: str, help: str = "") -> None:
        self.refuse(node, codes.BAD_EXPECTATION, message, help)

    def pair(self, key: Scalar, value: Node, found: list[Expected], of_network: bool) -> None:
        known = find_quantity(key.text)
        if isinstance(value, Broken):
            return
        if key.text == VALUES:
            found.append(_values(key, value))
        elif key.text == "output" and isinstance(value, Mapping) and of_network:
            for name, part in value.pairs:
                self.one(name, "output", part, found, output=name.text)
        elif isinstance(value, Mapping) and of_network and known is None:
            inside: list[Expected] = []
            for name, part in value.pairs:
                self.pair(name, part, inside, False)
            found += (one._replace(layer=Word.of(key)) for one in inside)
        elif known or key.text in VOLUMES:
            self.one(key, known.name if known else key.text, value, found)
        else:
            names = [*VOLUMES, VALUES, *QUANTITIES]
            self.bad(
                key,
                f"{quote(key.text)} is not a quantity",
                did_you_mean(key.text, names) or "cnncalc quantities lists them",
            )

    def one(
        self, key: Scalar, name: str, value: Node, found: list[Expected], output: str = ""
    ) -> None:
        volume = name in VOLUMES or name == "receptive_field"
        plain = isinstance(value, Sequence) and all(isinstance(p, Scalar) for p in value.items)
        is_list = isinstance(value, Sequence)
        if isinstance(value, Sequence) and plain and volume:
            texts = tuple(p.text.strip() for p in value.items if isinstance(p, Scalar))
        elif isinstance(value, Scalar) and not value.is_null:
            texts = (value.text.strip(),)
        else:
            wanted = "a volume" if volume else "a number"
            what = f"{name}.{output}" if output else name
            self.bad(value, f"{what} is compared with {wanted}, not {value.what}")
            return
        try:
            holds, hint = read_expected(name, "x".join(texts))
        except Reject as reject:
            self.bad(value, reject.message, reject.help)
            return
        place = (value.start, value.end)
        found.append(
            Expected(name, Word.of(key), *place, texts, is_list, holds, hint, output=output)
        )


def _values(key: Scalar, value: Node) -> Expected:
    place = (value.start, value.end)
    return Expected(VALUES, Word.of(key), *place, (), False, bool, str, values=Value(value))
