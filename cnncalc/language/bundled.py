"""The networks that come with cnncalc.

Names are found in the text of the files, without building anything: a name answers in
milliseconds however many networks there are.
"""

import os
import re
from collections.abc import Iterator
from glob import escape, glob
from typing import NamedTuple

_GROUPS = {"specs": "Networks", "worked": "Worked examples"}


def folder() -> str:
    """Where the bundled specs are: beside the modules in a wheel, at the top of a checkout."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(here, "specs")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(here), "specs")


def files(name: str = "*") -> list[str]:
    """All bundled files, or those of one name; networks before worked examples."""
    top = folder()
    return [
        path
        for pattern in (f"{top}/{name}.yaml", f"{top}/*/{name}.yaml")
        for path in sorted(glob(pattern), key=stem)
    ]


def stem(path: str) -> str:
    """The name that a bundled file answers to."""
    return os.path.splitext(os.path.basename(path))[0]


def locate(name: str) -> tuple[str, str | None] | None:
    """The file of a bundled network, and the variant if the name is that of one."""
    for path in files(escape(name)):
        return path, None
    for path in files():
        text = _text(path)
        if name in text and name in variants(text):
            return path, name
    return None


def variants(text: str) -> list[str]:
    """The names under `variants:` at the start of a line; bundled files are written so."""
    found = re.search(r"^variants:[^\n]*\n((?:[ #][^\n]*\n|\n)*)", text, re.MULTILINE)
    return re.findall(r"^  ([\w.-]+):", found[1], re.MULTILINE) if found else []


def all_names() -> list[str]:
    """Every name that a SPEC may have."""
    return [name for path in files() for name in (stem(path), *variants(_text(path)))]


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


class Entry(NamedTuple):
    """A bundled file in a list: the name it answers to, and those of its variants."""

    name: str
    title: str
    source: str
    group: str
    variants: tuple[str, ...]

    def matches(self, words: tuple[str, ...]) -> bool:
        text = " ".join((self.name, self.title, self.source, *self.variants)).lower()
        return all(word.lower() in text for word in words)


def catalogue() -> Iterator[Entry]:
    """Every bundled file, by group and name."""
    for path in files():
        text = _text(path)
        group = _GROUPS[os.path.basename(os.path.dirname(path))]
        title, source = _head(text, "name"), _head(text, "source")
        yield Entry(stem(path), title, source, group, tuple(variants(text)))


def _head(text: str, key: str) -> str:
    """The text of a key at the top of a file, on its own line or folded below it."""
    found = re.search(rf"^{key}: *([^\n]*)\n((?:  [^\n]*\n)*)", text + "\n", re.MULTILINE)
    if not found:
        return ""
    first, below = found[1].strip(), " ".join(found[2].split())
    return below if first in (">-", ">", "|", "|-") else f"{first} {below}".strip(" \"'")
