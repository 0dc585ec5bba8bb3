"""Arguments that Python programs give: a wrong one is named, at the call."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc

TEXT = "input: 8x8x1\nvars: {n: 4}\nlayers: [conv: {filters: $n, kernel: 3}]\n"
SPEC = cnncalc.read_text(TEXT)
# A call of every function that is right.
CALLS: dict[str, dict[str, Any]] = {
    "load": {"path": "lenet"},
    "loads": {"text": TEXT},
    "read": {"path": "lenet"},
    "read_text": {"text": TEXT},
    "build": {"spec": SPEC},
    "assert_valid": {"path": "lenet"},
    "assert_matches": {"path": "lenet", "model": cnncalc.load("lenet")},
    "output_size": {"size": 32, "kernel": 5},
}
HUGE = 10**5_000


def call(function: str, **arguments: Any) -> Any:
    return getattr(cnncalc, function)(**CALLS[function] | arguments)


def arguments_of(function: str) -> list[str]:
    parameters = signature(getattr(cnncalc, function)).parameters.values()
    names = [one.name for one in parameters if one.kind != Parameter.VAR_KEYWORD]
    with_options = len(names) < len(parameters)
    return list(dict.fromkeys([*names, *(arguments_of("build")[1:] if with_options else [])]))


@pytest.mark.parametrize(
    ("function", "argument"),
    [(function, argument) for function in CALLS for argument in arguments_of(function)],
)
def test_every_argument_of_a_wrong_type_is_named(function: str, argument: str) -> None:
    call(function)
    with pytest.raises(TypeError, match=rf"^{argument} is .*, not an object of object$") as failed:
        call(function, **{argument: object()})
    assert [entry.name for entry in failed.traceback][-1] == "_read"


WRONG: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("load", {"vars": {1: 2}}, TypeError, "vars is a mapping of names to numbers, texts and lists"),
    ("load", {"vars": [("n", 2)]}, TypeError, "vars is a mapping"),
    ("load", {"vars": {"n": None}}, TypeError, "not {'n': None}"),
    ("build", {"vars": {"n": HUGE}}, ValueError, "vars is a number of thousands of digits"),
    ("load", {"input": (3, -1, 2)}, TypeError, "a Volume, or a mapping of names to these, not (3"),
    ("load", {"input": cnncalc.Volume((3, -1), 2)}, ValueError, "input is no volume: every size"),
    ("load", {"input": cnncalc.Volume(3, 2)}, TypeError, "input is a text"),  # type: ignore[arg-type]
    ("load", {"input": {"input": 3}}, TypeError, "input is a text"),
    ("load", {"path": b"lenet"}, TypeError, "path is a path or the name of a bundled network"),
    ("load", {"path": 3}, TypeError, "path is a path"),
    ("loads", {"text": TEXT.encode()}, TypeError, "text is a str, not b'input"),
    ("loads", {"strict": "no"}, TypeError, "strict is True or False, not 'no'"),
    ("loads", {"batch": 2.5}, TypeError, "batch is a whole number, not 2.5"),
    ("loads", {"batch": True}, TypeError, "batch is a whole number, not True"),
    ("loads", {"batch": 0}, ValueError, "batch is at least 1, not 0"),
    ("build", {"spec": "lenet"}, TypeError, "spec is a Spec, which cnncalc.read"),
    ("build", {"max_layers": HUGE}, ValueError, "max_layers is a number of thousands of digits"),
    ("assert_valid", {"max": "parameters=5M"}, TypeError, "max is a mapping of quantities"),
    ("assert_valid", {"min": {"parameters": 2.5}}, TypeError, "min is a mapping of quantities"),
    ("assert_valid", {"select": "CNN3"}, TypeError, "select is a list of codes"),
    ("assert_valid", {"ignore": [304]}, TypeError, "ignore is a list of codes"),
    ("assert_valid", {"fail_on": "nope"}, ValueError, "fail_on is error, warning or note, not"),
    ("output_size", {"size": "32"}, TypeError, "size is a whole number, not '32'"),
    ("output_size", {"size": HUGE}, ValueError, "size is a number of thousands of digits"),
    ("output_size", {"padding": (1, 2, 3)}, TypeError, "padding is a whole number, a pair"),
    ("output_size", {"padding": 1.5}, TypeError, "padding is a whole number, a pair"),
]


@pytest.mark.parametrize(("function", "arguments", "error", "message"), WRONG)
def test_wrong_arguments(
    function: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call(function, **arguments)


@pytest.mark.parametrize("value", [5, "5", "2*3", 5.0, Fraction(5), Decimal(5), np.int64(5), True])
def test_values_of_vars(value: object) -> None:
    kernel = cnncalc.loads(TEXT.replace("{n: 4}", "{n: 4, m: 1}"), vars={"m": value})
    assert kernel.parameters == 40


def test_numbers_of_other_libraries() -> None:
    assert cnncalc.output_size(np.int64(32), np.int8(5), padding=np.uint8(2)) == 32
    assert cnncalc.output_size(np.int8(100), np.int8(1), padding=[np.int8(100), 0]) == 200
    lenet = cnncalc.load(Path(cnncalc.read("lenet").text.name), batch=np.int8(100))
    assert lenet.memory == 100 * cnncalc.load("lenet").memory


def test_by_position() -> None:
    with pytest.raises(TypeError, match=r"^kernel is a whole number"):
        cnncalc.output_size(32, "5")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="positional"):
        cnncalc.output_size(32, 5, 1, 0)  # type: ignore[misc]


def test_codes_may_come_from_an_iterator() -> None:
    cnncalc.assert_valid("lenet", fail_on="note", ignore=(code for code in ["CNN3"]))


def test_a_variant_that_does_not_exist_is_said_in_the_first_line() -> None:
    with pytest.raises(AssertionError) as failed:
        cnncalc.assert_valid("lenet", variant="small")
    assert str(failed.value).splitlines()[0] == (
        "0 files: 1 could not be checked: the spec has no variant small; it has none"
    )


@pytest.mark.parametrize("options", [{"max": {"paramters": 1}}, {"ignore": ["CNN999"]}])
def test_pytest_shows_the_call_and_nothing_below(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"CNN999|paramters") as failed:
        cnncalc.assert_valid("lenet", **options)
    assert len(failed.traceback.filter(failed)) == 1


def test_explain_takes_what_load_gives() -> None:
    for given in ("lenet", None, Path("net.yaml")):
        with pytest.raises(TypeError, match="element is a Layer, Group or Network such as load"):
            cnncalc.explain(given)  # type: ignore[arg-type]
