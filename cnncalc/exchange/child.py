"""The process in which package.module:factory runs: it prints the model as JSON.

python -P -m cnncalc.exchange.child package.module:factory 224x224x3
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from cnncalc.exchange.frameworks import exported, with_batch
from cnncalc.exchange.model import ModelError

_MEMORY = 16 * 2**30  # bytes


def main() -> None:
    """Call the function and print its model; what it prints itself goes to standard error."""
    name, *inputs = sys.argv[1:]
    answer_file = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit()
    try:
        answer = _answer(name, inputs)
    except ModelError as error:
        answer = {"error": str(error), "help": error.help}
    json.dump(answer, answer_file)
    answer_file.close()


def _limit() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _answer(name: str, inputs: list[str]) -> dict[str, Any]:
    module, _, function = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        factory: Any = getattr(import_module(module), function)
    except Exception as error:
        raise _failed(f"import {module}", error) from None
    if not callable(factory):
        raise ModelError(f"{name} is no function")
    model = _on_meta(factory, name)
    if hasattr(model, "to_json"):
        return {"keras": json.loads(model.to_json())}
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise ModelError(f"{name} returned no model of PyTorch or Keras: {type(model).__name__}")
    if not inputs:
        raise ModelError("a PyTorch model does not say its input", "--input 224x224x3")
    return {"torch": exported(torch, model, [with_batch(given) for given in inputs])}


def _on_meta(factory: Callable[[], Any], name: str) -> Any:
    """What the function returns: on PyTorch's meta device, which takes no memory, if that works."""
    torch = sys.modules.get("torch")
    if torch is not None and "keras" not in sys.modules:
        with suppress(Exception), torch.device("meta"):
            return factory()
    try:
        return factory()
    except Exception as error:
        raise _failed(f"call {name}", error) from None


def _failed(what: str, error: Exception) -> ModelError:
    return ModelError(f"cannot {what}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
