"""docs/language.md: its specs are true, and it has every key, composite, function and measure."""

import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.language.composites import COMPOSITES
from cnncalc.language.expressions import FUNCTIONS
from cnncalc.language.kinds import META
from cnncalc.volume import MEASURES

PAGE = (Path(__file__).parents[1] / "docs" / "language.md").read_text("utf-8")
SPECS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WORDS = [*META, *COMPOSITES, *FUNCTIONS, *MEASURES]


@pytest.mark.parametrize("text", SPECS, ids=range(len(SPECS)))
def test_what_the_page_shows_has_no_problems(text: str) -> None:
    found = [each for each in cnncalc.check(cnncalc.read_text(text)) if each.severity != "note"]
    assert found == []


def test_there_are_some() -> None:
    assert len(SPECS) == 5


@pytest.mark.parametrize("word", WORDS)
def test_the_page_has_every_word(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)
