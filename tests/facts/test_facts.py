"""Numbers printed in papers, courses and books, against what cnncalc works out.

GROUP.json lists facts: what is printed where, the right value, and checks that ask cnncalc for it.
`printed_as` is a printed number that agrees with the check's expected value, `misprinted` one that
does not. Facts that no calculator can check say why in `not_checked`.
"""

import json
import re
from fractions import Fraction
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest

import cnncalc

FACTS = [
    fact
    for path in sorted(Path(__file__).parent.glob("*.json"))
    for fact in json.loads(path.read_text(encoding="utf-8"))
]
CHECKED = [fact for fact in FACTS if "checks" in fact]

# What a check says beside the question.
ANSWERS = {"expect", "refused", "of", "printed_as", "misprinted"}
OPTIONS = {"set": "vars", "input": "input", "variant": "variant", "strict": "strict"}
OPTIONS |= {"dtype": "dtype", "batch": "batch"}

WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
]  # fmt: skip
FACTORS: dict[str, int | Fraction] = {
    "": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "%": Fraction(1, 100),
}  # fmt: skip
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
PRINTED = re.compile(rf"([~<>]?)({NUMBER})(?:e(\d+))?({'|'.join(FACTORS)})")
EXPRESSION = re.compile(r"[\d+*/() -]+")


# Asking cnncalc.


def question(check: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in check.items() if key not in ANSWERS}


def ask(check: dict[str, Any]) -> Any:
    """The answer to a check, in the types of JSON."""
    if "output_size" in check:
        return bare_size(**check["output_size"])
    path = check.get("path")
    if isinstance(path, list):
        return sum(look_up({**check, "path": part}) for part in path)
    return look_up(check)


def bare_size(size: int, kernel: int, **rest: Any) -> int:
    if isinstance(rest.get("padding"), list):
        rest["padding"] = tuple(rest["padding"])
    return cnncalc.output_size(size, kernel, **rest)


def look_up(check: dict[str, Any]) -> Any:
    given = {key: value for key, value in check.items() if key in {"spec", "text", *OPTIONS}}
    network = build(json.dumps(given))
    element: Any = network[check["path"]] if check.get("path") else network
    if check["quantity"] == "layers":
        return sum(1 for _ in getattr(element, "root", element).layers)
    return plain(reduce(step, check["quantity"].split("."), element))


@cache
def build(given: str) -> cnncalc.Network:
    check = json.loads(given)
    options = {OPTIONS[key]: value for key, value in check.items() if key in OPTIONS}
    if "text" in check:
        return cnncalc.loads(check["text"], **options)
    return cnncalc.load(check["spec"], **options)


def step(value: Any, name: str) -> Any:
    """One step of a dotted quantity: a key, an index or an attribute."""
    if name == "input" and isinstance(value, cnncalc.Network):
        return next(iter(value.inputs.values()))
    if isinstance(value, dict):
        return value[name]
    return value[int(name)] if name.isdigit() else getattr(value, name)


def plain(value: Any) -> Any:
    if isinstance(value, cnncalc.Volume):
        return str(value)
    if hasattr(value, "aligned") and hasattr(value, "sizes"):  # a receptive field
        sizes = {size for axes in value.sizes.values() for size in axes}
        return sizes.pop() if len(sizes) == 1 and value.aligned else value.text("x")
    return list(value) if isinstance(value, tuple) else value


def refusal(check: dict[str, Any]) -> str:
    """What cnncalc says when it refuses."""
    with pytest.raises(ValueError if "output_size" in check else cnncalc.SpecError) as caught:
        ask(check)
    problems = getattr(caught.value, "problems", [])
    return "\n".join([str(caught.value), *(f"{p.message} {p.detail}" for p in problems)])


# Reading print.


def value_of(check: dict[str, Any]) -> Any:
    """What a print is compared with: the answer, a share, or the fraction that was refused."""
    if "refused" in check:
        return Fraction(check["refused"])
    return Fraction(check["expect"], check["of"]["expect"]) if "of" in check else check["expect"]


def numbers_in(text: str) -> set[Fraction]:
    """Every number of a text, whether in digits or in words."""
    digits = {Fraction(found.replace(",", "")) for found in re.findall(NUMBER, text)}
    words = re.findall("[a-z]+", text.lower())
    return digits | {Fraction(WORDS.index(word)) for word in words if word in WORDS}


def agrees(printed: str, value: Any) -> bool:
    """Whether a printed number or volume states the value."""
    if isinstance(value, str):  # a volume, of which print often leaves out the channels
        return f"{value}x".startswith(f"{printed}x")
    if isinstance(value, list):
        return bool(json.loads(printed) == value)
    if EXPRESSION.fullmatch(printed) and not re.fullmatch(NUMBER, printed):
        return bool(eval(printed) == value)
    return number_agrees(printed, Fraction(value))


def number_agrees(printed: str, value: Fraction) -> bool:
    found = PRINTED.fullmatch(printed)
    assert found, f"{printed!r} cannot be read"
    sign, digits, power, suffix = found.groups()
    digits = digits.replace(",", "")
    scale = Fraction(FACTORS[suffix]) * 10 ** int(power or 0)
    number, decimals = Fraction(digits) * scale, len(digits.partition(".")[2])
    if sign in ("<", ">"):
        return bool(value < number if sign == "<" else value > number)
    if sign == "~":
        zeros = len(digits) - len(digits.rstrip("0")) if not decimals else 0
        return bool(abs(value - number) < scale * Fraction(10) ** (zeros - decimals))
    unit = scale / 10**decimals
    return bool((value / unit + Fraction(1, 2)) // 1 * unit == number)


# The tests.


@pytest.mark.parametrize("fact", CHECKED, ids=lambda fact: fact["id"])
def test_cnncalc_finds_the_right_value(fact: dict[str, Any]) -> None:
    for check in fact["checks"]:
        asked = question(check)
        if "refused" in check:
            assert check["refused"] in refusal(asked)
            continue
        assert (asked, ask(asked)) == (asked, check["expect"])
        if "of" in check:
            whole = {**asked, **question(check["of"])}
            assert (whole, ask(whole)) == (whole, check["of"]["expect"])


@pytest.mark.parametrize("fact", CHECKED, ids=lambda fact: fact["id"])
def test_print_agrees_or_is_known_to_be_wrong(fact: dict[str, Any]) -> None:
    printed = numbers_in(" ".join(fact[key] for key in ("printed", "layer", "network", "quantity")))
    for check in fact["checks"]:
        for key in ("printed_as", "misprinted"):
            if key in check:
                right = agrees(check[key], value_of(check))
                assert right == (key == "printed_as"), (check[key], value_of(check))
                assert numbers_in(check[key].partition("e")[0]) <= printed, check[key]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_a_fact_is_checked_or_says_why_not(fact: dict[str, Any]) -> None:
    assert ("checks" in fact) != ("not_checked" in fact)
    if "not_checked" in fact:
        assert fact["not_checked"]
        return
    right = [check["printed_as"] for check in fact["checks"] if "printed_as" in check]
    wrong = [check["misprinted"] for check in fact["checks"] if "misprinted" in check]
    if fact["status"] in ("ok", "rounding"):
        assert right
        assert not wrong
    if fact["status"] == "ok":
        assert not any(text.startswith("~") for text in right)
    if fact["status"] == "wrong":
        assert wrong


def test_all_facts_are_here_and_most_are_checked() -> None:
    assert len({fact["id"] for fact in FACTS}) == len(FACTS) == 306
    assert len(CHECKED) >= 250
