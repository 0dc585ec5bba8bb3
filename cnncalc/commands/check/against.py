"""Against: which model a spec is compared with, and where that is.

Code runs only where somebody typed its name, for --against. What a spec or a pyproject.toml names
is a file, as a `network:` item may name one: see language/folder.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnncalc import problems as codes
from cnncalc.commands.check.budgets import network_place
from cnncalc.commands.check.discovery import matches, relative_to
from cnncalc.commands.check.settings import Against, Settings
from cnncalc.language.document import MODELS
from cnncalc.language.folder import Disk, Refused
from cnncalc.network.build import Foreign, OverrideError, SpecError
from cnncalc.network.build import build as build_network
from cnncalc.problems import Problem
from cnncalc.render.stream import say
from cnncalc.wording import count, quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Target
    from cnncalc.language.model import Spec
    from cnncalc.language.source import Span
    from cnncalc.network.build import Build
    from cnncalc.network.model import Network

VARIANT = "{variant}"
SPEC = "against"  # the key of a spec
WEIGHTS = ".safetensors"  # which holds no layers
NOWHERE = ""  # the folder of a spec that is no file


class Counterpart:
    """What one spec is compared with."""

    def __init__(self, spec: Spec, target: Target, settings: Settings) -> None:
        self.spec = spec
        self.max_size = settings.max_size
        self.max_layers = settings.max_layers
        self.allow_custom = settings.allow_custom
        self.variant = settings.variant or target.variant
        self.resized = any(inputs for _, inputs in settings.overrides)
        self.found = self.choose(target, settings.against)
        self.said = ""  # of the last network that was compared, for -v

    def choose(self, target: Target, given: tuple[Against, ...]) -> Against | None:
        """What was typed goes before what the spec says, and that before the settings."""
        typed = [each for each in given if each.folder is None]
        if typed:
            return typed[-1]
        if self.spec.against is not None:
            is_file = target.data is None and os.path.isfile(target.path)
            folder = os.path.dirname(os.path.abspath(target.path)) if is_file else NOWHERE
            return Against(self.spec.against.text, SPEC, folder)
        own = [
            each for each in given
            if not each.pattern or matches(relative_to(target.shown, each.shown), each.pattern)
        ]  # fmt: skip
        return own[-1] if own else None

    def judge(self, build: Build) -> list[Problem]:
        """The differences of one network, if it is one that is compared."""
        self.said = ""
        found, variant = self.found, build.network.variant
        if found is None or (found.source.count(VARIANT) == 0 and variant != self.variant):
            return []
        if VARIANT in found.source and variant is None:
            return []  # the variants are compared, each with its own
        source = found.source.replace(VARIANT, variant or "")
        try:
            problems = self.differences(source, found, build)
        except _Cannot as error:
            message = f"cannot compare with {quote(source, 100)}: {error}"
            place = self.place(build, found)
            return [Problem(codes.NO_CODE, message, place, help=error.help)]
        if not problems:
            self.said = f"{count(len(build.network), 'layer')} as in {source}"
        return problems

    def place(self, build: Build, found: Against) -> Span:
        """Where it is said what to compare with."""
        word = self.spec.against
        return self.spec.span(word) if found.origin == SPEC and word else network_place(build)

    def differences(self, source: str, found: Against, build: Build) -> list[Problem]:
        """What differs. Raises _Cannot."""
        from cnncalc.exchange.model import ModelError  # few specs are compared

        path = source
        try:
            if found.folder == NOWHERE:
                raise _Cannot("this spec is no file", "--against names a model for it")
            if found.folder is not None:
                path = Disk(found.folder, "").find(source, MODELS)
            if found.model is None and path.endswith(WEIGHTS):
                return self.of_weights(path, source, build)
            code = self.code(path, build) if found.model is None else self.of_memory(found, build)
        except SpecError as error:
            (problem, *_) = error.problems
            raise _Cannot(problem.message.replace(path, source), str(problem.help)) from None
        except ModelError as error:
            raise _Cannot(str(error), error.help) from None
        except (OSError, Refused, OverrideError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise _Cannot(reason[:1].lower() + reason[1:]) from None
        from cnncalc.commands.check.drift import judge_drift  # as above

        return judge_drift(build, code, source)

    def code(self, path: str, build: Build) -> Network:
        """The network of a file or function. Raises SpecError, OverrideError and OSError."""
        from cnncalc import api  # few specs are compared
        from cnncalc.exchange import counterpart  # as above

        spec, variant = api.find(path, self.max_size)
        if not isinstance(spec, Foreign):
            return build_network(spec, variant=variant, max_layers=self.max_layers).network
        for text in spec.remarks:
            say(f"note: {text}")
        return counterpart.of_spec(
            spec,
            build.network,
            resized=self.resized,
            max_layers=self.max_layers,
            allow_custom=self.allow_custom,
        )

    def of_memory(self, found: Against, build: Build) -> Network:
        """The network of a model that is in memory. Raises ModelError and SpecError."""
        from cnncalc.exchange import counterpart  # few models are in memory

        return counterpart.of_memory(found.model, build.network, resized=self.resized)

    def of_weights(self, path: str, source: str, build: Build) -> list[Problem]:
        """The differences from a file of weights alone. Raises ModelError and OSError."""
        from cnncalc.commands.check.weights import judge_weights  # few files are such
        from cnncalc.exchange.safetensors import read  # as above

        modules = read(path, self.max_size)
        say(f"note: {visible(source)} holds no layers: their numbers of parameters are compared")
        return judge_weights(build, modules, source)


class _Cannot(Exception):
    """Why a spec is not compared."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help
