"""docs/backbones.md: its specs are true."""

import re
from pathlib import Path

import pytest

import cnncalc

PAGE = Path(__file__).parents[1] / "docs" / "backbones.md"
SPECS = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", SPECS, ids=range(len(SPECS)))
def test_what_the_page_shows_has_no_problems(text: str) -> None:
    found = [each for each in cnncalc.check(cnncalc.read_text(text)) if each.severity != "note"]
    assert found == []


def test_there_are_some() -> None:
    assert len(SPECS) == 3
