"""specs/README.md and specs/ERRATA.md are what their generators write, and what they say is true.

`pytest --update` writes them anew. published.json has totals that frameworks, authors and others
print, sources.json the short names of the facts' sources; errata.json has the errata, cut.json and
right.json what is none.
"""

from __future__ import annotations

import re
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any

import errata_page
import networks_page
import pytest
from errata_page import answer, errata, misprinted, shown, true_values
from page_tools import SPECS, data, facts, folded, oracles, table
from running import Command

import cnncalc
from cnncalc.language import bundled

PAGES = {"README.md": networks_page, "ERRATA.md": errata_page}
PUBLISHED = [
    (name, check["by"], figure)
    for name, checks in data("published.json").items()
    for check in checks
    for figure in check["figures"]
]
CUT = data("cut.json")
RIGHT = data("right.json")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str, request: pytest.FixtureRequest) -> None:
    path, text = SPECS / name, PAGES[name].text()
    if request.config.getoption("--update"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "specs have changed: run pytest --update"


# The networks.


def test_every_bundled_name_is_a_link_that_leads_somewhere() -> None:
    text = networks_page.text()
    links = dict(re.findall(r"^\[([\w.-]+)\]: (\S+)$", text, re.MULTILINE))
    assert set(re.findall(r"^\| \[([\w.-]+)\] ", text, re.MULTILINE)) == set(links)
    assert {bundled.stem(path) for path in bundled.files()} <= set(links)
    assert all((SPECS / target).is_file() for target in links.values())


@pytest.mark.parametrize("name", [entry.name for entry in networks_page.of_group("Networks")])
def test_pictures_are_current(
    name: str, run: Command, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept = SPECS.parent / "docs" / "thumbnails" / f"{name}.svg"
    path = kept if request.config.getoption("--update") else tmp_path / "new.svg"
    words = [name if word == "NAME" else word for word in networks_page.DRAW[1:]]
    assert run(*words, "-o", path).code == 0
    assert path.read_bytes() == kept.read_bytes(), "specs have changed: run pytest --update"


def test_texts_of_the_specs_are_plain_in_markdown() -> None:
    signs = re.compile(r"[|`<>*\[\]\\]|https?:|www\.|\b_|_\b")
    texts = [text for entry in bundled.catalogue() for text in (entry.title, entry.source)]
    assert [text for text in texts if signs.search(text)] == []


@pytest.mark.parametrize(("name", "by", "figure"), PUBLISHED)
def test_published_numbers_come_out(name: str, by: str, figure: dict[str, str]) -> None:
    found = counted(cnncalc.load(name), **{"path": "", **figure})
    assert facts().agrees(figure["printed"], found), (by, found)


def counted(network: cnncalc.Network, path: str, quantity: str, printed: str) -> Any:
    if quantity == "parameters_and_statistics":  # what Keras calls its total
        return network.parameters + network.statistics
    if quantity == "parameters_without_batch_norm":
        return sum(layer.parameters for layer in network if layer.kind != "batch_norm")
    element: Any = network[path] if path else network
    return facts().plain(getattr(element, quantity))


def test_every_source_with_a_short_name_is_one_of_a_fact() -> None:
    assert set(data("sources.json")) <= {fact["source"] for fact in facts().FACTS}


def test_the_page_of_networks_says_how_many_networks_were_compared_layer_by_layer() -> None:
    number = len(set(oracles().BUNDLED.values()))
    text = " ".join((SPECS.parent / "docs" / "networks.md").read_text(encoding="utf-8").split())
    assert f"{number} networks layer by layer against PyTorch, timm and Keras" in text


# The errata.


def test_every_fact_that_is_wrong_is_an_erratum_or_says_why_not() -> None:
    facts_wrong = [f for f in facts().FACTS if f["status"] == "wrong" or misprinted(f)]
    wrong = {f["id"] for f in facts_wrong if not f.get("no_erratum")}
    listed = [id for erratum in errata() for id in erratum.get("facts", ())]
    assert len(listed) == len(set(listed))
    assert set(listed) == wrong


def test_a_source_of_errata_can_be_looked_up() -> None:
    for group in data("errata.json"):
        for source in group["sources"]:
            assert re.fullmatch(r"https?://\S+", source["url"])


@pytest.mark.parametrize("erratum", errata(), ids=lambda erratum: erratum["what"])
def test_an_erratum_quotes_what_it_says_is_printed(erratum: dict[str, Any]) -> None:
    quoted = facts().numbers_in(" ".join(erratum["quote"]).replace("×", " × "))
    for row in erratum.get("rows", [erratum]):
        assert facts().numbers_in(row["printed"].replace("×", " × ")) <= quoted
    assert erratum["kindly"]


FACTS = {fact["id"]: fact for fact in facts().FACTS}
OF_FACTS = [(erratum, id) for erratum in errata() for id in erratum.get("facts", ())]


@pytest.mark.parametrize(("erratum", "id"), OF_FACTS, ids=lambda value: str(value)[:12])
def test_an_erratum_says_what_its_fact_says(erratum: dict[str, Any], id: str) -> None:
    rows = erratum.get("rows", [erratum])
    printed = facts().numbers_in(" ".join(row["printed"] for row in rows))
    answers = [answer(value) for value in erratum["values"].values()]
    checks = misprinted(FACTS[id])
    numbers = [facts().numbers_in(check["misprinted"].partition("e")[0]) for check in checks]
    assert any(found <= printed for found in numbers)
    assert any(check["expect"] in answers for check in checks)


def test_links_are_those_of_the_facts() -> None:
    for group in data("errata.json"):
        for source in group["sources"]:
            ids = [id for erratum in source["errata"] for id in erratum.get("facts", ())]
            assert all(FACTS[id]["url"] == source["url"] for id in ids)


@pytest.mark.parametrize("erratum", errata(), ids=lambda erratum: erratum["what"])
def test_the_commands_show_what_is_true(erratum: dict[str, Any], run: Command) -> None:
    found = true_values(erratum)
    outputs = [output_of(command, run) for command in erratum["commands"]]
    for row in erratum.get("rows", [erratum]):
        for name in re.findall(r"\{(\w+)\}", row["true"]):
            assert any(shows(output, found[name]) for output in outputs), found[name]
    for output in outputs:
        assert any(shows(output, text) for text in found.values())


@pytest.mark.parametrize("erratum", errata(), ids=lambda erratum: erratum["what"])
def test_every_value_is_used(erratum: dict[str, Any]) -> None:
    texts = [
        erratum["why"],
        erratum["kindly"],
        *(row["true"] for row in erratum.get("rows", [erratum])),
    ]
    assert set(re.findall(r"\{(\w+)\}", " ".join(texts))) == set(erratum["values"])


@pytest.mark.parametrize("entry", CUT, ids=lambda entry: entry["what"])
def test_what_is_cut_is_less_than_one_of_its_last_digit_too_low(
    entry: dict[str, Any], run: Command
) -> None:
    printed = entry["printed"].replace(" billion", "B")
    value = Fraction(answer(entry["value"]))
    printed = printed.replace(" million", "M").replace("Ki", "KiB")
    assert facts().number_agrees(f"~{printed}", value)
    assert not facts().number_agrees(printed, value)
    assert shows(output_of(entry["command"], run), shown(entry["value"]))


@pytest.mark.parametrize("entry", RIGHT, ids=lambda entry: entry["what"])
def test_a_convention_explains_what_the_layers_do_not(entry: dict[str, Any]) -> None:
    layers, by = (Fraction(answer(entry[key])) for key in ("layers", "by"))
    assert facts().number_agrees(entry["agrees"], by)
    assert not facts().number_agrees(entry["agrees"].lstrip("~"), layers)


def output_of(command: str, run: Command) -> str:
    program, *words = shlex.split(command)
    result = run(*words)
    codes = {0, 1} if words[0] == "solve" else {0}  # 1 where a window does not fit
    assert (program, result.err) == ("cnncalc", "")
    assert result.code in codes
    return result.out


def shows(output: str, text: str) -> bool:
    """Whether the text stands there as a whole, not as a part of a longer number."""
    return bool(re.search(rf"(?<![\d.,]){re.escape(text)}(?![.,]?\d)", output))


def test_a_part_of_a_number_is_not_the_number() -> None:
    assert shows("O = 55.", "55")
    assert not any(shows(text, "55") for text in ("155", "551", "55.5", "55,000", "1,55"))


# The Markdown.


def test_a_table_is_one_in_plain_text() -> None:
    assert table(["a", "b", "c"], [["four", "2", "three"]], right=[1]) == (
        "| a    |   b | c   |\n| ---- | --: | --- |\n| four |   2 | three |"
    )


def test_a_folded_point_stays_a_point() -> None:
    lines = folded("- " + "word " * 40, "  ").splitlines()
    assert [line[:2] for line in lines] == ["- ", "  ", "  "]
    assert all(len(line) <= 100 for line in lines)
