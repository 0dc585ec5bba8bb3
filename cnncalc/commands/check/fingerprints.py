"""What a finding is known by over the years, in reports that are compared with older ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding


def identified(reports: Iterable[FileReport]) -> Iterator[tuple[Finding, str]]:
    """Every finding with its fingerprint: from the path, the code and the place in the document.

    The place is the layer, and which of several such findings it is; not the line, since an
    insertion further up moves it.
    """
    seen: dict[tuple[str, ...], int] = {}
    for report in reports:
        for finding in report.findings:
            place = (finding.path, finding.code, finding.layer)
            seen[place] = number = seen.get(place, 0) + 1
            words = "\0".join((*place, str(number)))
            yield finding, sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
