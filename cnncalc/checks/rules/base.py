"""Rule: the base class of all rules, and the registry that the classes fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from cnncalc.language.source import Span
from cnncalc.problems import Code, Problem, Related

if TYPE_CHECKING:
    from cnncalc.language.located import Value
    from cnncalc.language.model import Item, Spec
    from cnncalc.language.written import Word
    from cnncalc.layers.base import Note, Operation
    from cnncalc.network.build import Build

RULES: dict[str, type[Rule]] = {}  # by code


class Rule:
    """Something that works but is most likely not meant.

    Its page, cnncalc/rules/CODE.md, says what is wrong with it, and shows a spec that breaks it.
    """

    code: ClassVar[Code]
    whole: ClassVar[bool] = False  # makes no sense of a network of which a part is missing

    def __init_subclass__(cls) -> None:
        if "code" in vars(cls):
            RULES[cls.code.code] = cls

    def check(self, build: Build) -> Iterator[Problem]:
        """The places where a network breaks the rule."""
        raise NotImplementedError

    def problem(
        self,
        build: Build,
        place: Span | Value | Word | Item,
        message: str,
        help: str = "",
        *,
        detail: str = "",
        layer: str = "",
        related: tuple[Related, ...] = (),
    ) -> Problem:
        span = place if isinstance(place, Span) else build.spec.span(place)
        return Problem(
            self.code, message, span, detail=detail, help=help, layer=layer, related=related
        )


class LayerRule(Rule):
    """A rule about single layers, whatever stands around them."""

    def look(self, layer: Operation) -> Note | None:
        """What there is to say of a layer."""
        raise NotImplementedError

    def meant(self, spec: Spec, item: Item) -> bool:
        """Whether the way a layer is written says that it is meant."""
        return False

    def check(self, build: Build) -> Iterator[Problem]:
        seen: dict[Operation, Note | None] = {}  # equal layers are one object
        meant: dict[Item, bool] = {}
        for layer in build.network:
            operation = layer.operation
            if operation not in seen:
                seen[operation] = self.look(operation)
            note = seen[operation]
            if note is None:
                continue
            item = build.origins[layer]
            if item not in meant:
                meant[item] = self.meant(build.spec, item)
            if not meant[item]:
                yield self.problem(
                    build,
                    item.span(note.argument),
                    f"{layer.path}: {note.message}",
                    note.help,
                    detail=note.detail,
                    layer=layer.path,
                )
