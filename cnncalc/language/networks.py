"""`network:` items: the layers of another spec stand here, as a backbone.

Here is read what is written; library.py finds and reads the other spec afterwards, since a spec
is read to its end before those that it names.
"""

from __future__ import annotations

from typing import Protocol

from cnncalc import problems as codes
from cnncalc.language.composites import Beside, ItemsReader, WrittenComposite
from cnncalc.language.located import Value
from cnncalc.language.model import Included
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar
from cnncalc.language.written import Defaults, Word
from cnncalc.layers.values import Rounding
from cnncalc.problems import Reject

_KEYS = ("spec", "to", "vars", "defaults", "rounding", "variant")


class NetworkReader(ItemsReader, Protocol):
    """What a network item asks of the reader of items."""

    networks: list[Included]

    def known_keys(self, node: Mapping, known: tuple[str, ...], where: str) -> dict[str, Node]: ...
    def mapping(self, node: Node, what: str) -> Mapping | None: ...
    def located_defaults(self, node: Node) -> Defaults: ...


class NetworkItem(WrittenComposite, Included):
    """The layers of another spec: a bundled network's name, or the path of a file beside this one.

    `to` is the last item that is taken in. Its own vars and defaults hold but for those that are
    given. Names inside are read as `backbone.Stage3`.
    """

    kind = "network"
    holds_items = False
    example = "network: {spec: lenet, to: C1}"

    def __init__(self, reader: NetworkReader, value: Node, beside: Beside) -> None:
        self.vars, self.var_keys, self.defaults = {}, {}, {}
        parts = {"spec": value}
        if isinstance(value, Mapping):
            parts = reader.known_keys(value, _KEYS, "of network")
            if "spec" not in parts:
                example = "network: {spec: resnet50, to: Stage3}"
                reader.refuse(value, codes.MISSING, "network needs the spec", example)
        self.name = _word(reader, parts.get("spec"), "spec takes the name or path of a spec")
        to = _word(reader, parts.get("to"), "to takes the name of an item of that spec")
        self.to = Value(parts["to"]) if to is not None else None
        self.variant = _word(reader, parts.get("variant"), "variant takes a name")
        given = reader.mapping(parts["vars"], "vars") if "vars" in parts else None
        for key, part in given.pairs if given else ():
            self.vars[key.text], self.var_keys[key.text] = Value(part), Word.of(key)
        if "defaults" in parts:
            self.defaults = reader.located_defaults(parts["defaults"])
        self.rounding = _rounding(reader, parts.get("rounding"))
        if self.name is not None:
            reader.networks.append(self)


def _word(reader: ItemsReader, node: Node | None, takes: str) -> Word | None:
    if node is None or isinstance(node, Broken):
        return None
    if isinstance(node, Scalar) and node.text and not node.is_null:
        return Word.of(node)
    reader.refuse(node, codes.STRUCTURE, f"{takes}, not {node.what}")
    return None


def _rounding(reader: ItemsReader, node: Node | None) -> str | None:
    word = _word(reader, node, "rounding takes a word")
    if word is None or node is None:
        return None
    try:
        return str(Rounding().read(word.text))
    except Reject as reject:
        message = reject.message.replace("{argument}", "rounding")
        reader.refuse(node, codes.BAD_VALUE, message, reject.help)
        return None
