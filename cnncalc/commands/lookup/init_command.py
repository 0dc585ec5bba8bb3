"""cnncalc init: a first spec to edit."""

from __future__ import annotations

import os

import click

from cnncalc.commands.output import check_outputs, deliver
from cnncalc.files import STDIN
from cnncalc.language import bundled
from cnncalc.render.stream import say
from cnncalc.wording import did_you_mean, visible

_SCHEMA = "cnncalc.schema.json"
_MODELINE = f"# yaml-language-server: $schema={_SCHEMA}\n"
_FIRST = """\
name: My first network
input: 32x32x3 # height x width x channels
layers:
  - conv: {filters: 16, kernel: 3, padding: same, activation: relu}
  - max_pool: 2
  - conv: {filters: 32, kernel: 3, padding: same, activation: relu}
  - max_pool: 2
  - flatten
  - fc: {units: 10, activation: softmax}
"""


@click.command()
@click.argument("file", required=False, default="net.cnn.yaml")
@click.option("--from", "name", metavar="NAME", help="Begin with a bundled network, such as lenet.")
def init(file: str, name: str | None) -> None:
    """A first spec to edit.

    It is written to FILE [net.cnn.yaml], which must not exist yet; - prints it.

    \b
    cnncalc init net.yaml
    cnncalc init net.yaml --from lenet
    cnncalc init - --from resnet50
    """
    text = _MODELINE + (_FIRST if name is None else _bundled(name))
    if file != STDIN:
        _refuse(file)
        check_outputs([file], ())
    deliver(text, file)
    if file != STDIN:
        say(f"wrote {visible(file)}; try: cnncalc describe {visible(file)}")
        if not os.path.exists(os.path.join(os.path.dirname(file), _SCHEMA)):
            say(f"for completion in an editor: cnncalc schema -o {_SCHEMA}")


def _refuse(file: str) -> None:
    """A file that is there, and a name that is not that of a spec."""
    if not file.endswith((".yaml", ".yml")):
        hint = f"did you mean --from {file}?" if bundled.locate(file) else f"write {file}.yaml"
        raise click.UsageError(f"{visible(file)} does not end in .yaml; {visible(hint)}")
    if os.path.lexists(file):
        raise click.UsageError(f"{visible(file)} exists; name another file, or - to print the spec")


def _bundled(name: str) -> str:
    """The text of a bundled network."""
    found = bundled.locate(name)
    if found is None:
        guess = did_you_mean(name, bundled.all_names()) or "cnncalc specs lists them"
        raise click.UsageError(f"no bundled network is called {visible(name)}; {guess}")
    path, variant = found
    if variant is not None:
        say(f"{variant} is a variant of the spec: cnncalc describe FILE --variant {variant}")
    with open(path, encoding="utf-8") as file:
        return file.read()
