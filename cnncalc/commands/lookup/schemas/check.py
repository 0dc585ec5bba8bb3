"""The schema of what `cnncalc check` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import (
    Schema,
    by_name,
    choice,
    count,
    document,
    flag,
    list_of,
    object_with,
    or_null,
    text,
)
from cnncalc.commands.lookup.schemas.parts import FILE, LAYER

_PLACE = {
    "line": LAYER["line"],
    "column": count("From 1, in code points.", 1),
    "end_line": count("The last line.", 1),
    "end_column": count("From 1, in code points; exclusive.", 1),
}
_RELATED = {"message": text("What is there."), **_PLACE}
_FIX = {
    "range": object_with("The stretch of the file that is replaced; it may be empty.", _PLACE),
    "text": text("What is written there instead."),
    "safe": flag("Whether nothing else can be meant: --fix makes it."),
}
_PROBLEM = {
    "code": text("Stable.", pattern="^CNN[0-9]{3}$"),
    "name": text("The code as words.", pattern="^[a-z]+(-[a-z]+)*$"),
    "severity": choice("How bad it is.", "error", "warning", "note"),
    "message": text("What is wrong.", minLength=1),
    "detail": text("The arithmetic, or the difference."),
    "help": text("What to do about it."),
    "path": FILE["path"],
    **_PLACE,
    "layer": text("The path of the layer that it is about, empty where it is about none."),
    "expected": text("Of an expectation or budget, as written."),
    "actual": text("What was found instead."),
    "fix": or_null(object_with("An edit that mends it; null where none is known.", _FIX)),
    "related": list_of(
        "Other places in the file to do with it.", object_with("A place.", _RELATED)
    ),
}
_SUMMARY = {
    "files": count("Files that were checked."),
    "layers": count("Layers in all of them, each variant of a family for itself."),
    "errors": count("Problems of severity error."),
    "warnings": count("Problems of severity warning."),
    "notes": count("Problems of severity note."),
    "passed_over": count("Other YAML files in the folders, which are no specs."),
    "exit_code": choice("0: all is well. 1: problems. 2: something could not be checked.", 0, 1, 2),
    "unreadable": count("What should have been checked and could not be; each has an error."),
    "skipped": count("Folders of installed packages, in which nothing was looked for."),
    "ignored": count("Problems that comments in the files silence; they are not listed."),
    "fixable": count("Problems that --fix mends."),
    "excluded": count("Files in the folders that exclude leaves out."),
    "git_ignored": count("Specs in the folders that git ignores and does not track."),
}


def schema() -> Schema:
    """Of a run over files."""
    totals = by_name(
        "Every quantity that budgets can hold, of the spec as written; empty where it cannot "
        "be built.",
        {"type": "integer", "minimum": 0},
    )
    keys = {
        "summary": object_with("The sums over all files.", _SUMMARY),
        "files": list_of(
            "Every file, by path.", object_with("A file.", {**FILE, "totals": totals})
        ),
        "problems": list_of(
            "Every problem, by path and place.", object_with("A problem.", _PROBLEM)
        ),
    }
    return document("check", "What a run of cnncalc check found.", keys)
