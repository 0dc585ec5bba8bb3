"""check --fix and --update: files are changed, or with --dry-run a diff says what would be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc import files
from cnncalc.commands.check.discovery import Unreadable
from cnncalc.commands.check.fix import fixed
from cnncalc.commands.check.update import updated
from cnncalc.render.stream import say
from cnncalc.wording import line_start, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.settings import Changes, Settings


def change_files(
    work: list[tuple[Target, Settings]], changes: Changes
) -> tuple[list[Unreadable], str]:
    """Make the changes in all files, and say which changed; links come last.

    What has to change and cannot be written is returned, and the diff of a dry run.
    """
    failed, diffs = [], []
    files_only = [part for part in work if part[0].data is None]
    for target, settings in sorted(files_only, key=lambda part: os.path.islink(part[0].path)):
        try:
            diffs.append(_change(target, settings, changes))
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
            failed.append(Unreadable(target.shown, f"not updated: {reason or error}"))
    return failed, "".join(diffs)


def _change(target: Target, settings: Settings, changes: Changes) -> str:
    """Change one file; the diff of a dry run."""
    with open(target.path, "rb") as file:
        old = data = file.read(settings.max_size + 1)
    said = []
    if changes.fix:
        data = fixed(data, target, settings, unsafe=changes.unsafe)
        said += ["fixed"] if data != old else []
    if changes.update:
        before, data = data, updated(data, target.path, settings.max_size)
        said += ["updated"] if data != before else []
    if data == old:
        return ""
    if changes.dry_run:
        return "".join(_diff(old, data, target.shown))
    files.write(target.path, data, old=old)
    say(f"{' and '.join(said)} {visible(target.shown)}")
    return ""


def _diff(old: bytes, new: bytes, shown: str) -> Iterator[str]:
    """A unified diff, as git and patch read it; what a terminal obeys is made visible in it."""
    from difflib import unified_diff  # only for a dry run

    before, after = (
        re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "replace")) for data in (old, new)
    )
    for line in unified_diff(before, after, f"a/{visible(shown)}", f"b/{visible(shown)}"):
        text = line.rstrip("\r\n")
        yield line_start("\t".join(map(visible, text.split("\t")))) + line[len(text) :]
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"
