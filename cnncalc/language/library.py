"""Library: finds and reads the specs that `network:` items of a spec take in.

A word is the name of a bundled network, a path that of a file, which is read only where the spec
itself came from one (see folder.py). All of them together are as large as one spec may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cnncalc import problems as codes
from cnncalc.language import bundled
from cnncalc.language.document import read_document
from cnncalc.language.folder import SUFFIXES, Disk, Folder, Opened, Refused
from cnncalc.language.model import Included, Spec
from cnncalc.language.nodes import Mapping as Tree
from cnncalc.language.nodes import Node
from cnncalc.language.source import Source
from cnncalc.language.syntax import parse
from cnncalc.language.written import Word
from cnncalc.problems import BAD_EXPECTATION, ERROR, Code, Problem, Problems
from cnncalc.wording import did_you_mean, quote

MAX_FILES = 16  # that are read for one spec; one that is read with other defaults counts again
MAX_CHAIN = 8  # of a spec that takes in a spec that takes in ...
_TOP = {"input", "layers"}


class Library:
    """The specs that one spec takes in, each read once."""

    def __init__(self, top: Spec, size: int, max_size: int) -> None:
        self.problems = top.problems
        self.files = 0
        self.most = max_size
        self.left = max_size - size  # characters
        self.trees: dict[str, tuple[Opened, Source, Node]] = {}
        self.specs: dict[str, Spec] = {}

    def resolve(self, spec: Spec, folder: Folder | None, chain: tuple[str, ...]) -> None:
        """Give each `network:` item the spec that it names; `chain` are the keys of those open."""
        for item in spec.networks:
            assert item.name is not None
            try:
                opened, variant = self.find(item.name.text, folder)
                if opened.key in chain:
                    raise _cycle(chain, opened.key)
                if len(chain) > MAX_CHAIN:
                    raise _Refusal(codes.LIMIT, f"a chain of more than {MAX_CHAIN} specs", "")
                other = self.read(item, opened, (*chain, opened.key))
                self.check(spec, item, other, variant)
                item.spec = other
            except _Refusal as refusal:
                self.refuse(spec, item.name, refusal)

    def find(self, name: str, folder: Folder | None) -> tuple[Opened, str | None]:
        """What a name or path leads to, and the variant if it is the name of one."""
        if not name.endswith(SUFFIXES):
            return _bundled(name, self.most)
        if folder is None:
            raise _Refusal(
                codes.STRUCTURE,
                f"{quote(name)} cannot be opened from here: this spec is no file",
                "a bundled network's name works everywhere: cnncalc specs lists them",
            )
        try:
            return folder.open(name, self.most), None
        except Refused as refused:
            raise _Refusal(codes.STRUCTURE, f"cannot read {quote(name)}: {refused}", "") from None

    def read(self, item: Included, opened: Opened, chain: tuple[str, ...]) -> Spec:
        """The spec of a file, with the defaults and rounding that stand beside its name."""
        plain = not item.defaults and item.rounding is None
        if plain and opened.key in self.specs:
            return self.specs[opened.key]
        source, tree = self.tree(opened)
        self.files += 1
        self.left -= len(source.text)
        if self.files > MAX_FILES:
            raise _Refusal(codes.LIMIT, f"more than {MAX_FILES} specs are taken in", "")
        if self.left < 0:
            raise _Refusal(
                codes.LIMIT, f"the specs are larger than {self.most:,} bytes together", ""
            )
        problems = Problems()
        spec = read_document(source, tree, problems, item.defaults, item.rounding)
        self.problems.extend(_errors(problems))
        if plain:
            self.specs[opened.key] = spec
        self.resolve(spec, opened.folder, chain)
        return spec

    def tree(self, opened: Opened) -> tuple[Source, Node]:
        """The tree of a file, if it looks like a spec; else nothing of it is quoted."""
        if opened.key not in self.trees:
            problems = Problems()
            shown = quote(opened.shown)
            if len(opened.data) > self.most:
                raise _Refusal(codes.LIMIT, f"{shown} is larger than {self.most:,} bytes", "")
            try:
                source = Source(opened.shown, opened.data.decode("utf-8-sig"))
            except UnicodeDecodeError:
                raise _no_spec(shown) from None
            tree = parse(source, problems)
            if not isinstance(tree, Tree) or not {key.text for key, _ in tree.pairs} >= _TOP:
                raise _no_spec(shown)
            self.problems.extend(_errors(problems))
            self.trees[opened.key] = opened, source, tree
        return self.trees[opened.key][1:]

    def check(self, spec: Spec, item: Included, other: Spec, variant: str | None) -> None:
        """What the item says of the spec that it takes in."""
        assert item.name is not None
        if item.variant is None and variant is not None:
            item.variant = Word(variant, item.name.start, item.name.end)
        elif item.variant is not None and item.variant.text not in other.variants:
            refusal = _unknown("variant", item.variant.text, other.variants)
            self.refuse(spec, item.variant, refusal)
            item.variant = None
        for name, key in item.var_keys.items():
            if name not in other.vars:
                self.refuse(spec, key, _unknown("var", name, other.vars))
        if len(other.inputs) != 1:
            message = (
                f"{quote(item.name.text)} has {len(other.inputs)} inputs, and can have one here"
            )
            raise _Refusal(codes.STRUCTURE, message, "")

    def refuse(self, spec: Spec, place: Word, refusal: _Refusal) -> None:
        span = spec.text.span(place.start, place.end)
        self.problems.add(Problem(refusal.code, refusal.message, span, help=refusal.help))


class _Refusal(Exception):
    """Why a spec is not taken in."""

    def __init__(self, code: Code, message: str, help: str) -> None:
        self.code = code
        self.message = message
        self.help = help


def _bundled(name: str, most: int) -> tuple[Opened, str | None]:
    """A bundled network, and the variant if the name is that of one."""
    found = bundled.locate(name) if re.fullmatch(r"[\w.-]+", name) else None
    if found is None:
        help = did_you_mean(name, bundled.all_names())
        message = f"no bundled network is called {quote(name)}"
        path = "the path of a file ends in .yaml: ./backbone.yaml"
        raise _Refusal(codes.UNKNOWN_NAME, message, help or path)
    path, variant = found
    with open(path, "rb") as file:
        return Opened(path, path, file.read(most + 1), Disk.of(path)), variant


def _no_spec(shown: str) -> _Refusal:
    message = f"{shown} is no spec: it has no input: and layers: at its top"
    return _Refusal(codes.STRUCTURE, message, "")


def _cycle(chain: tuple[str, ...], key: str) -> _Refusal:
    names = [re.split(r"[\\/:]", each)[-1] for each in (*chain[chain.index(key) :], key)]
    return _Refusal(codes.RECURSION, f"a spec that takes itself in: {quote(' → '.join(names))}", "")


def _unknown(what: str, name: str, known: Mapping[str, object]) -> _Refusal:
    has = f"it has {', '.join(known)}" if known else "it has none"
    message = f"that spec has no {what} {quote(name)}"
    return _Refusal(codes.UNKNOWN_NAME, message, did_you_mean(name, known) or has)


def _errors(problems: Problems) -> list[Problem]:
    """What keeps a spec from being taken in; its expectations are not judged here."""
    found = problems.sorted()
    return [each for each in found if each.severity == ERROR and each.code is not BAD_EXPECTATION]
