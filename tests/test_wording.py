"""How values are worded."""

import pytest

from cnncalc.wording import padding_text, per_axis_text


@pytest.mark.parametrize(
    ("pads", "text"),
    [
        ([(1, 1)], "1"),
        ([(1, 1), (1, 1)], "1"),
        ([(1, 1), (2, 2)], "1×2"),
        ([(0, 1)], "0 + 1"),
        ([(0, 1), (0, 1)], "0 + 1"),
        ([(0, 1), (1, 1)], "(0 + 1)×1"),
        ([(0, 1), (2, 3), (0, 0)], "(0 + 1)×(2 + 3)×0"),
    ],
)
def test_padding(pads: list[tuple[int, int]], text: str) -> None:
    assert padding_text(pads) == text


def test_per_axis() -> None:
    assert per_axis_text((3, 3)) == "3"
    assert per_axis_text((3, 5)) == "3×5"
    assert per_axis_text(["a", "b"], "; ") == "a; b"
