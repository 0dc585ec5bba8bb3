"""Projects: which settings hold for which file.

Budgets of every pyproject.toml from the file up to the top of its repository hold together, so that
a folder can only add to what is asked of it; everything else is as the nearest one has it. With
--config FILE that file alone counts, with --isolated none. What the command line says goes before.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnncalc import problems as codes
from cnncalc.commands.check.config import FILE, Config, ConfigError, load_config
from cnncalc.commands.check.discovery import show_path
from cnncalc.problems import ERROR
from cnncalc.repository import is_top

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.commands.check.budgets import Budget
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.settings import Against, Settings

_NOT_READ = ("cnncalc.toml", ".cnncalc.toml")  # which other tools would


class Projects:
    """The settings files, each read once. Raises ConfigError for one that cannot be."""

    def __init__(self, root: str, config: str | None = None, isolated: bool = False) -> None:
        if config is not None and isolated:
            raise ConfigError("one of config and isolated: a settings file, or none")
        self.root = root  # what reported paths are relative to
        self.remarks: list[str] = []
        self.files: list[str] = []  # that were read
        self.known: dict[str, tuple[Config, ...]] = {}  # by folder
        self.settings: dict[str, Settings] = {}  # by folder
        self.everywhere: tuple[Config, ...] | None = () if isolated else None
        if config is not None:  # which may lie anywhere: its paths are seen from here
            self.files.append(config)
            found = load_config(config, os.getcwd(), named=True)
            self.everywhere = (found,) if found else ()

    def above(self, folder: str) -> tuple[Config, ...]:
        """The settings that hold in a folder, the nearest first."""
        if self.everywhere is not None:
            return self.everywhere
        waiting = []
        while folder not in self.known:
            waiting.append(folder)
            if is_top(folder):
                break
            folder = os.path.dirname(folder)
        found = self.known.get(folder, ())
        for folder in reversed(waiting):
            own = self.own(folder)
            found = (own, *found) if own else found
            self.known[folder] = found
        return found

    def own(self, folder: str) -> Config | None:
        """The settings in a folder itself."""
        for name in _NOT_READ:
            if os.path.isfile(path := os.path.join(folder, name)):
                shown = show_path(path, self.root)
                self.remarks.append(f"{shown} is not read: name it with --config, or use {FILE}")
        path = os.path.join(folder, FILE)
        if not os.path.isfile(path):
            return None
        self.files.append(path)
        return load_config(path, folder)

    def nearest(self, folder: str) -> Config:
        return next(iter(self.above(folder)), Config())

    def for_target(self, target: Target, asked: Settings) -> Settings:
        """What is asked of a file, by the command line (`asked`) and by its settings."""
        folder = target.home or os.path.dirname(os.path.abspath(target.path))
        if folder not in self.settings:
            self.settings[folder] = self.merged(self.above(folder), asked)
        return self.settings[folder]

    def merged(self, configs: tuple[Config, ...], asked: Settings) -> Settings:
        nearest = configs[0] if configs else Config()
        budgets = [budget for config in reversed(configs) for budget in self.budgets(config)]
        counts = asked.selection.wants(codes.BUDGET)
        return asked._replace(
            against=(*self.against(nearest), *asked.against),
            budgets=(*budgets, *asked.budgets) if counts else (),
            selection=asked.selection.over(nearest.selection),
            strict=asked.strict or nearest.strict,
            fail_on=asked.fail_on or nearest.fail_on or ERROR,
        )

    def against(self, config: Config) -> Iterator[Against]:
        """The models of one file's settings; patterns are seen from its folder."""
        for each in config.against:
            yield each._replace(shown=show_path(config.folder, self.root))

    def budgets(self, config: Config) -> list[Budget]:
        """Those of one file, unless it ignores them itself."""
        if not (config.budgets and config.selection.wants(codes.BUDGET)):
            return []
        folder = show_path(config.folder, self.root)
        return [budget._replace(folder=folder) for budget in config.budgets]
