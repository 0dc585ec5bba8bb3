"""What is in a file of numbers: whole numbers, or the texts of others, in nested lists.

Every reader takes the path of a file and how many numbers are wanted. It looks at the size that the
file states before it reads the numbers, and raises Misfit for what is not as wanted; whatever else
is raised means that the file is damaged.
"""

import csv
import os
import warnings
from collections.abc import Callable
from io import StringIO
from math import prod
from typing import Any, NamedTuple

from cnncalc.commands.trace.misfit import Misfit
from cnncalc.commands.trace.numbers import MAX_NUMBERS
from cnncalc.wording import count, times


def read_csv(path: str, wanted: int) -> list[Any]:
    """The rows of a CSV file as texts; a file of one row or one column is a plain list."""
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    lines = (line.strip(" \n") for line in StringIO(text) if line.strip())
    separator = next((sign for sign in ",;\t" if sign in text), " ")
    rows: list[list[str]] = []
    cells = 0
    for row in csv.reader(lines, delimiter=separator, skipinitialspace=True):
        cells += len(row)
        if cells > MAX_NUMBERS:
            raise Misfit(f"more than {MAX_NUMBERS:,} numbers", joint=" holds ")
        rows.append([cell.strip() for cell in row])
    if not rows:
        raise Misfit("empty")
    if len(rows) == 1:
        return rows[0]
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else rows


def read_npy(path: str, wanted: int) -> Any:
    """A NumPy array; floats become the decimals that NumPy would print."""
    import numpy as np  # of the optional extra

    # NumPy reads what Python 2 has saved, and warns that this takes it longer.
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        array = np.lib.format.open_memmap(path, mode="r")
    if array.dtype.kind not in "biuf":
        raise Misfit(f"{array.dtype}, not numbers", joint=" holds ")
    _check_count(array.shape, wanted)
    if os.path.getsize(path) != array.offset + array.nbytes:
        raise Misfit("cut off, or has more in it than its header says")
    if array.dtype.kind == "f":
        texts = np.array([str(number) for number in array.ravel()], dtype=object)
        return texts.reshape(array.shape).tolist()
    return array.astype("O" if array.dtype.kind != "b" else "i8").tolist()


def read_png(path: str, wanted: int) -> list[list[int]]:
    """The rows of an 8-bit grey PNG, 0 for black to 255 for white."""
    from PIL import Image  # of the optional extra

    too_large = (Image.DecompressionBombWarning, Image.DecompressionBombError)
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(path, formats=["PNG"]) as image,
        ):
            if image.mode != "L":
                found = f"mode {image.mode}, not 8-bit grey (L)"
                raise Misfit(found, "save it as an 8-bit grey PNG", joint=" has ")
            width, height = image.size
            _check_count((height, width), wanted)
            pixels = image.tobytes()
    except too_large:
        raise Misfit("more pixels than Pillow opens", joint=" has ") from None
    return [list(pixels[start : start + width]) for start in range(0, len(pixels), width)]


def _check_count(shape: tuple[int, ...], wanted: int) -> None:
    if prod(shape) != wanted:
        found = times(shape) if shape else "one number"
        holds = f"{found}, {count(prod(shape), 'number')}" if shape else found
        message = f"{holds} where {wanted:,} are wanted"
        raise Misfit(message, joint=" holds ")


class FileFormat(NamedTuple):
    """How files that end alike are read."""

    read: Callable[[str, int], Any]
    damaged: str  # what is said of a file that the reader fails on
    needs: str = ""  # a package of the optional extra


FILE_FORMATS = {
    ".csv": FileFormat(read_csv, "no CSV file in UTF-8"),
    ".npy": FileFormat(read_npy, "no array of numbers that NumPy saved", "NumPy"),
    ".png": FileFormat(read_png, "no PNG, or is damaged", "Pillow"),
}
