"""package.module:factory: a function of the user's code that returns a model.

It is called in a process of its own, in the folder that cnncalc was started in, within limits of
time and memory. Only a name that somebody typed is called, never one that stands in a file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from cnncalc.exchange import keras, pt2
from cnncalc.exchange.model import Model, ModelError, ModelSpec, refused
from cnncalc.language.source import Source
from cnncalc.network.build import Build, Foreign, Inputs
from cnncalc.render.stream import say
from cnncalc.volume import Volume
from cnncalc.wording import visible

SECONDS = 120

_NAME = r"[A-Za-z_]\w*"


def is_factory(name: str) -> bool:
    """Whether a name is one of a module and a function in it, and no file."""
    return re.fullmatch(rf"{_NAME}(\.{_NAME})*:{_NAME}", name) is not None and not os.path.exists(
        name
    )


class FactorySpec(Foreign):
    """The model that a function returns, where a spec is wanted."""

    def __init__(self, name: str) -> None:
        super().__init__(Source(name, ""))
        self.name = name

    def found(self, input: Inputs | None, max_layers: int, **about: Any) -> Build:
        """The Build of its network. Raises SpecError."""
        model = self.model(input)
        # The model has been made for the input; Keras models may have one of their own.
        given = input if None in model.inputs.values() else None
        return ModelSpec(model, self.text.name).found(given, max_layers, **about)

    def model(self, input: Inputs | None) -> Model:
        """What the function returns. Raises SpecError."""
        try:
            return call(self.name, _volumes(input))
        except ModelError as error:
            raise refused(self.text.name, error) from None


def _volumes(input: Inputs | None) -> list[str]:
    given = [*input.values()] if isinstance(input, dict) else [] if input is None else [input]
    return [
        value.text("x") if isinstance(value, Volume) else Volume.parse(str(value)).text("x")
        for value in given
    ]


def call(name: str, inputs: list[str]) -> Model:
    """The model that a function returns for these inputs. Raises ModelError."""
    import subprocess  # slow, and few run code

    say(f"running {visible(name)} in {visible(os.getcwd())}")
    command = [sys.executable, "-P", "-m", "cnncalc.exchange.child", name, *inputs]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{visible(name)} took more than {SECONDS} seconds") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ModelError(f"{visible(name)} ended with {done.returncode} and no model") from None
    if "error" in answer:
        raise ModelError(visible(str(answer["error"])), str(answer.get("help", "")))
    if "keras" in answer:
        return keras.from_config(answer["keras"], name)
    return pt2.from_program(answer["torch"], name)
