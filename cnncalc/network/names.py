"""Names: which earlier item a word in `from:`, a merge or a reuse stands for."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.expressions import Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Included, Item
from cnncalc.network.reporter import Reported, Reporter
from cnncalc.network.scope import NO_INPUT, Entry, Failed, Found, Scope
from cnncalc.problems import Reject, Related
from cnncalc.wording import did_you_mean, quote, show


def has_labels(item: Item) -> bool:
    """Whether `item.label` means an output of what an item calls."""
    return isinstance(item.op, Included) or (
        isinstance(item.op, Call) and bool(item.op.block.outputs)
    )


class Names:
    """Looks names up for one walk."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.spec = reporter.spec
        # Where an item is referred to by a name that it has only by its number.
        self.numbered: list[tuple[Value, Entry]] = []

    def evaluate(self, value: Value, scope: Scope) -> Any:
        """What a value comes to; the name in `$conv1.channels` is noted. Raises Reject."""
        found = value.evaluate(scope)
        if scope.asked:
            self.note_asked(value, scope)
        return found

    def note_asked(self, value: Value, scope: Scope) -> None:
        """Note the items whose sizes a value asked for."""
        for written, entry in scope.asked:
            self.note(written or value, entry)
        scope.asked.clear()

    def note(self, value: Value, entry: Entry) -> None:
        """Remember that an item is referred to by a name that it has only by its number."""
        if entry.item is not None and entry.item.name is None and entry.element is not None:
            self.numbered.append((value, entry))

    def signal(self, value: Value, scope: Scope, key: str = "from") -> Found:
        """The volume that a name stands for."""
        if value.is_broken:
            raise Silenced
        if value.word is None:
            several = key == "from" and value.parts is not None
            help = "merge several volumes with add or concat" if several else ""
            message = f"{key} takes the name of an item, not {value.what}"
            raise self.reporter.problem(codes.STRUCTURE, value, message, help)
        found = self.entry(value, value.word, scope)
        return found.signal if isinstance(found, Entry) else found

    def signals(self, value: Value, kind: str, scope: Scope) -> tuple[Found, ...]:
        """The volumes that a merge names, in a list or in an argument that is one."""
        found: object = None
        if value.argument is not None:
            found, scope, value = self.follow_argument(value, scope)
        if value.is_broken:
            raise Silenced
        if value.parts is None and isinstance(found, list):
            message = f"{kind} takes a list of names that is written, not a var"
            help = f"write {kind}: {show(found)}"
            raise self.reporter.problem(codes.STRUCTURE, value, message, help)
        if value.parts is None or len(value.parts) < 2:
            one = value.parts is not None or value.word is not None
            raise self.reporter.problem(
                codes.STRUCTURE,
                value,
                f"{kind} takes the names of two items or more, not {'one' if one else value.what}",
                f"{kind}: [name, prev]",
            )
        signals = tuple(self.signal(part, scope) for part in value.parts)
        if len(set(signals)) < len(signals):
            self.check_doubled(value, kind, dict(zip(value.parts, signals, strict=True)), scope)
        return signals

    def check_doubled(
        self, value: Value, kind: str, signals: dict[Value, Found], scope: Scope
    ) -> None:
        """Warn of a merge that gets one volume twice, as what it names is skipped."""
        times = Counter(signals.values())
        for part, signal in signals.items():
            if isinstance(signal, Failed):
                continue
            if times[signal] > 1 and (name := self.passing(part, scope)):
                self.doubled(value, kind, f"{name} is skipped")

    def passing(self, value: Value, scope: Scope) -> str:
        """What is skipped, where a name means what something skipped hands on; else nothing."""
        name, where, _ = self.follow(value, value.word or "", scope)
        if name == "prev":
            item = where.passing
            return f"{item.kind} in line {item.line}" if item is not None else ""
        entry = where.find(name)
        is_skipped = entry is not None and entry.item is not None and entry.element is None
        return quote(name) if is_skipped else ""

    def doubled(self, place: Value | Item, kind: str, why: str) -> None:
        self.reporter.problem(
            codes.DOUBLED,
            place,
            f"{kind} gets one volume twice, as {why}",
            "skip the merge too, with the same when:",
        )

    def entry(self, value: Value, word: str, scope: Scope) -> Found | Entry:
        """What a name stands for; an argument's name is looked up where its caller stands."""
        name, where, origin = self.follow(value, word, scope)
        if name in ("prev", "input"):
            own = where.previous if name == "prev" else where.input or NO_INPUT
            if own is NO_INPUT:
                help = f"say {' or '.join(self.spec.inputs)}"
                message = "there are several inputs"
                raise self.reporter.problem(codes.UNKNOWN_NAME, origin, message, help)
            return own
        first, dot, label = name.partition(".")
        entry = where.find(first)
        if entry is None:
            raise self.unknown(value, origin, name, where, scope)
        try:
            entry.at_inference(name)
        except Reject as reject:
            assert entry.item is not None and entry.item.only is not None  # noqa: PT018  # it says so
            related = (Related("only: training", self.spec.span(entry.item.only)),)
            raise self.reporter.problem(
                reject.code, origin, reject.message, reject.help, related
            ) from None
        if dot:
            return self.labelled(value, origin, entry, label, where, scope)
        self.note(origin, entry)
        return entry

    def labelled(
        self, value: Value, origin: Value, entry: Entry, label: str, where: Scope, scope: Scope
    ) -> Found:
        """`Call.label`: an output of a block by its label; of a repeated call the last copy's."""
        outputs = where.outputs_of(entry)
        if label in outputs:
            return outputs[label]
        if isinstance(entry.signal, Failed):
            raise Silenced
        called = origin.word if origin.word is not None else value.word
        name = (called or "").partition(".")[0]
        if outputs:
            known = f"it has {', '.join(outputs)}"
            message = f"{quote(name)} has no output {quote(label)}"
            help = did_you_mean(label, outputs) or known
            raise self.reporter.problem(codes.UNKNOWN_NAME, origin, message, help, scope=scope)
        if entry.element is None and entry.item is not None and has_labels(entry.item):
            line = entry.item.line
            message = f"{quote(name)} is skipped (line {line}), so it has no output {quote(label)}"
            raise self.reporter.problem(codes.UNKNOWN_NAME, origin, message, scope=scope)
        raise self.unknown(value, origin, called or "", where, scope)

    def follow(self, value: Value, word: str, scope: Scope) -> tuple[str, Scope, Value]:
        """Through `$argument` to the word that its caller wrote, and the caller's scope."""
        if value.argument is None:
            return word, scope, value
        name, where, origin = self.follow_argument(value, scope)
        if isinstance(name, str):
            return name, where, origin
        binding = scope.bound(value.argument)
        raise self.reporter.problem(
            codes.UNKNOWN_NAME,
            value if binding is None else binding.written,
            f"{quote(word)} is {show(name)}, not the name of an item",
            scope=scope,
        )

    def follow_argument(self, value: Value, scope: Scope) -> tuple[object, Scope, Value]:
        """The value of `$argument`, and where its caller wrote it."""
        try:
            found = self.evaluate(value, scope)
        except Reject as reject:
            raise self.reporter.refused(reject, value, scope) from None
        binding = scope.bound(value.argument or "")
        if binding is None:
            return found, scope, value
        return found, binding.scope or scope, binding.written

    def unknown(
        self, value: Value, origin: Value, name: str, where: Scope, scope: Scope
    ) -> Reported:
        """A name that nothing has in the scope `where` it is looked up; read in `scope`."""
        if (first := name.partition(".")[0]) in where.items.names and first not in where.entries:
            return self.later(value, first, where)
        names = [*islice(where.known(), 6), "input", "prev"]
        help = did_you_mean(name, chain(where.known(), ("input", "prev")))
        if "." in name:
            help = (
                "items inside blocks and composites cannot be referred to from outside; outputs: "
                "in a block hands them on"
            )
        elif where.frames and any(item.name and item.name.text == name for item in self.spec.items):
            help = f"a block sees no items outside; hand it in as an argument: args: [{name}]"
        return self.reporter.problem(
            codes.UNKNOWN_NAME,
            origin,
            f"no earlier item here is called {quote(name)}",
            help or f"names here: {', '.join(names)}",
            scope=scope if origin is not value else None,
        )

    def later(self, value: Value, name: str, scope: Scope) -> Reported:
        """A name that an item further down has."""
        item = next(item for item in scope.items if item.name and item.name.text == name)
        assert item.name is not None
        if item.source is value:
            message = f"{quote(name)} cannot read itself"
            return self.reporter.problem(codes.UNKNOWN_NAME, value, message, "name an earlier item")
        return self.reporter.problem(
            codes.UNKNOWN_NAME,
            value,
            f"{quote(name)} stands later",
            "from refers to earlier items only",
            (Related("the later item", self.spec.span(item.name)),),
        )
