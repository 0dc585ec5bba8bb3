"""What the reports for machines share: JSON in which a log sees no command, and fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.checks.finding import FileReport, Finding


def json_text(value: Any, indent: int | None = None) -> str:
    """In ASCII, without `##[error]`, which a CI runner that logs it would obey."""
    import json

    return json.dumps(value, indent=indent).replace("##", "\\u0023#")


def json_lines(values: Iterable[Any]) -> str:
    """An array with a value a line: quick to write, and easy to compare."""
    return "[" + ",".join(f"\n{json_text(value)}" for value in values) + "\n]"


def identified(reports: Iterable[FileReport]) -> Iterator[tuple[Finding, str]]:
    """Every finding with its fingerprint: from the path, the code and the place in the document.

    The place is the layer, and which of several such findings it is; not the line, since an
    insertion further up moves it.
    """
    from hashlib import sha256

    seen: dict[tuple[str, ...], int] = {}
    for report in reports:
        for finding in report.findings:
            place = (finding.path, finding.code, finding.layer)
            seen[place] = number = seen.get(place, 0) + 1
            words = "\0".join((*place, str(number)))
            yield finding, sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
