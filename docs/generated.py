"""The pages of the site that are made of the program itself, each time the site is built.

    python docs/generated.py FOLDER     writes them, to look at them without Sphinx

`pages()` has their Markdown by name; conf.py writes it beside the others, where git ignores it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any

import click

from cnncalc.commands.lookup import vocabulary
from cnncalc.commands.lookup.json_schemas import SCHEMAS
from cnncalc.commands.main import cli
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers import KINDS, Operation
from cnncalc.layers.arguments import OTHER_NAMES, Argument
from cnncalc.quantities import QUANTITIES
from cnncalc.render.markdown import escape, table_lines
from cnncalc.render.table import Column

ROOT = Path(__file__).parent.parent
FOLDER = "generated"  # below docs/


def pages() -> dict[str, str]:
    """The Markdown of every page by the name of its file."""
    found = {
        "options": _page("Options of every command", _INTRO_OPTIONS, _commands()),
        "kinds": _page("Kinds of layers", _INTRO_KINDS, _kinds()),
        "quantities": _page("Quantities", _INTRO_QUANTITIES, _quantities()),
        "codes": _page("Every code", _INTRO_CODES, _codes()),
        "schemas": _page("Keys of the JSON", _INTRO_SCHEMAS, _schemas()),
        "notebook": _notebook(ROOT / "docs" / "notebook.ipynb"),
    }
    moved = {name: _moved((ROOT / path).read_text("utf-8")) for path, name in MOVED.items()}
    return {**{f"{name}.md": text for name, text in found.items()}, **moved}


def _page(title: str, intro: str, parts: Iterable[str]) -> str:
    return "\n\n".join((f"# {title}", intro, *parts)) + "\n"


def _code(text: str, language: str = "text") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [[escape(cell).replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(table_lines([*map(Column, heads)], cells))


# Commands, as click tells them.

_INTRO_OPTIONS = "What `cnncalc COMMAND --help` prints."


def _commands() -> Iterator[str]:
    top = click.Context(cli, info_name="cnncalc", **cli.context_settings)
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=top, max_content_width=80)
        context.terminal_width = 80
        yield f"## {name}"
        yield _code(command.get_help(context))


# Kinds and quantities, out of the registries.

_INTRO_KINDS = (
    "What may stand in `layers:`, with arguments, their defaults in brackets, and the other names "
    "that are understood. `cnncalc layers KIND` prints the same in a terminal."
)


def _kinds() -> Iterator[str]:
    for family, title in vocabulary.FAMILIES.items():
        yield f"## {title}"
        for cls in KINDS.values():
            if cls.family == family:
                yield from _kind(cls)
    yield "## Items that hold items"
    for composite in COMPOSITES.values():
        yield f"### {composite.kind}"
        yield getdoc(composite) or ""
        yield _code(f"- {composite.example}", "yaml")


def _kind(cls: type[Operation]) -> Iterator[str]:
    yield f"### {cls.kind}"
    yield getdoc(cls) or ""
    if cls.aliases:
        yield f"Also called {', '.join(f'`{alias}`' for alias in cls.aliases)}."
    if cls.arguments:
        first = sorted(cls.arguments.items(), key=lambda pair: pair[0] != cls.primary)
        rows = (_argument(name, own, name == cls.primary) for name, own in first)
        yield _table(("Argument", "Meaning", "What it takes", "Other names"), rows)
    yield _code(f"# on {cls.example_input}\n- {cls.example}", "yaml")


def _argument(name: str, argument: Argument, primary: bool) -> Iterator[str]:
    yield f"{name}, may stand alone" if primary else name
    default = "" if argument.required or argument.default is None else argument.default
    yield argument.meaning + (f" [{vocabulary.default_text(argument)}]" if default != "" else "")
    yield argument.type.expects
    yield ", ".join(OTHER_NAMES.get(name, ()))


_INTRO_QUANTITIES = (
    "What is counted, by the names that `--columns`, `expect:`, `--max`, `explain` and the JSON "
    "have in common. The formulas are in [What is counted](../counting.md)."
)


def _quantities() -> Iterator[str]:
    rows = []
    for quantity in QUANTITIES.values():
        adds = vocabulary.ADDS[quantity.adds]
        meaning = "; ".join(filter(None, (quantity.meaning, adds)))
        rows.append((quantity.name, quantity.header, meaning, ", ".join(quantity.aliases)))
    yield _table(("Name", "Header", "Meaning", "Other names"), rows)
    yield _code(
        "cnncalc explain SPEC LAYER NAME\n"
        "cnncalc describe SPEC --columns layer,kind,NAME\n"
        "cnncalc describe SPEC --sort NAME"
    )


# Codes: the pages beside the rules.

_INTRO_CODES = "The page of every error, warning and note, as `cnncalc rules CODE` prints it."


def _codes() -> Iterator[str]:
    for path in sorted((ROOT / "cnncalc" / "rules").glob("*.md")):
        text = re.sub(r"^## (.*)$", r"**\1**", path.read_text("utf-8"), flags=re.MULTILINE)
        yield re.sub(r"^# ", "## ", text, flags=re.MULTILINE).strip()


# The JSON of every command.

_INTRO_SCHEMAS = (
    "What each command writes with `--json`, key by key. `cnncalc schema COMMAND` prints the "
    "JSON Schema (draft 7) that this page is made of."
)


def _schemas() -> Iterator[str]:
    for command, make in SCHEMAS.items():
        yield f"## {command}"
        schema = make()
        yield f"{schema.get('description', '')}"
        rows = list(dict.fromkeys(_keys(schema, schema, "")))
        yield _table(("Key", "Type", "Meaning"), rows)


def _keys(schema: Any, whole: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Every key below a part of a schema: `networks[].layers[].path`."""
    for form in _forms(schema, whole):
        for name, part in form.get("properties", {}).items():
            here = f"{path}.{name}".lstrip(".")
            below = [*_forms(part, whole)]
            about = next(filter(None, (form.get("description") for form in below)), "")
            yield here, " or ".join(dict.fromkeys(map(_types, below))), about
            yield from _keys(part, whole, here)
        if "items" in form:
            yield from _keys(form["items"], whole, f"{path}[]")
        if isinstance(values := form.get("additionalProperties"), dict):
            yield from _keys(values, whole, f"{path}.NAME")


def _forms(part: Any, whole: Any) -> Iterator[Any]:
    """The schemas that a value may have: one, or those of anyOf."""
    part = _followed(part, whole)
    for form in part.get("anyOf", [part]):
        yield {"description": part.get("description", ""), **_followed(form, whole)}


def _followed(part: Any, whole: Any) -> Any:
    while "$ref" in part:
        found: Any = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = {**found, **{key: value for key, value in part.items() if key != "$ref"}}
    return part


def _types(part: Any) -> str:
    if "enum" in part:
        return " or ".join(json.dumps(value) for value in part["enum"])
    if "const" in part:
        return json.dumps(part["const"])
    types = part.get("type", "any value")
    return types if isinstance(types, str) else " or ".join(types)


# Pages from elsewhere in the repository.


def _moved(text: str) -> str:
    """A page of specs/ as one of docs/generated/: its links lead to the same places."""
    text = re.sub(
        r'<a href="([^"]+)"><img src="([^"]+)" width="\d+" alt="([^"]+)"></a>',
        r"[![\3](\2)](\1)",
        text,
    )
    places = (r"(?<=\]\()([^)\s]+)(?=\))", r"(?<=^)(?:(\[[^\]]+\]: ))(\S+)$")
    text = re.sub(places[0], lambda found: _place(found[1]), text)
    return re.sub(places[1], lambda found: found[1] + _place(found[2]), text, flags=re.MULTILINE)


MOVED = {"specs/README.md": "bundled.md", "specs/ERRATA.md": "errata.md"}


def _place(link: str) -> str:
    """Where a link of a page of specs/ leads, seen from docs/generated/."""
    path, sign, heading = link.partition("#")
    if not path or path.startswith("http"):
        return link
    if (page := MOVED.get(f"specs/{path}")) is not None:
        return f"{page}{sign}{heading}"
    path = os.path.relpath(ROOT / "specs" / path, ROOT / "docs" / FOLDER)
    return f"{path}{sign}{heading}".replace(os.sep, "/")


def _notebook(path: Path) -> str:
    """A notebook as a page: its texts, its code, and what that prints."""
    parts = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(_code(source, "python") if cell["cell_type"] == "code" else source)
        for output in cell.get("outputs", ()):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append(_code("".join(text)))
    return "\n\n".join(parts) + "\n"


def llms(titles: Iterable[tuple[str, str, str]]) -> str:
    """llms.txt, by the page, title and first sentence of each page."""
    lines = [
        "# cnncalc", "",
        "> Exact shapes, parameters, connections and receptive fields of convolutional networks, "
        "worked out from a small YAML spec, on the command line and from Python.", "",
        "## Pages", "",
    ]  # fmt: skip
    lines += [f"- [{title}]({page}): {about}" for page, title, about in titles]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write the pages that have changed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
