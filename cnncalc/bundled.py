"""The networks that come with cnncalc.

Names are found in the text of the files, without building anything: a name answers in
milliseconds however many networks there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_GROUPS = {"": "Networks", "worked": "Worked examples"}


def folder() -> Path:
    """Where the bundled specs are: beside the modules in a wheel, at the top of a checkout."""
    here = Path(__file__).parent
    installed = here / "specs"
    return installed if installed.is_dir() else here.parent / "specs"


def files() -> list[Path]:
    """All bundled files, networks before worked examples."""
    return sorted(folder().glob("*.yaml")) + sorted(folder().glob("*/*.yaml"))


def locate(name: str) -> tuple[str, str | None] | None:
    """The file of a bundled network, and the variant if the name is that of one."""
    every = files()
    for path in every:
        if path.stem == name:
            return str(path), None
    for path in every:
        if name in variants(path.read_text("utf-8")):
            return str(path), name
    return None


def variants(text: str) -> list[str]:
    """The names under `variants:` at the start of a line; bundled files are written so."""
    found = re.search(r"^variants:[^\n]*\n((?:[ #][^\n]*\n|\n)*)", text, re.MULTILINE)
    return re.findall(r"^  ([\w.-]+):", found[1], re.MULTILINE) if found else []


def all_names() -> list[str]:
    """Every name that a SPEC may have."""
    return [name for path in files() for name in (path.stem, *variants(path.read_text("utf-8")))]


class Entry(NamedTuple):
    """A bundled network in a list."""

    name: str
    title: str
    group: str

    def matches(self, words: tuple[str, ...]) -> bool:
        text = f"{self.name} {self.title}".lower()
        return all(word.lower() in text for word in words)


def catalogue() -> Iterator[Entry]:
    """Every bundled network and variant with its title and source."""
    for path in files():
        text = path.read_text("utf-8")
        group = _GROUPS["" if path.parent == folder() else path.parent.name]
        title, source = _head(text, "name"), _head(text, "source")
        yield Entry(path.stem, f"{title}. {source}" if source else title, group)
        for name in variants(text):
            yield Entry(name, f"{title}, variant", group)


def _head(text: str, key: str) -> str:
    found = re.search(rf"^{key}: *(.*)$", text, re.MULTILINE)
    return found[1].strip().strip("\"'") if found else ""
