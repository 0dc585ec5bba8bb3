"""Files of numbers beside a spec: CSV, .npy and grey PNG, as nested lists.

A file is read only from the folder of the spec or below it, links followed: a spec may come from a
stranger, and must not look about on the machine that traces it.
"""

from __future__ import annotations

import os
import stat
import zlib
from math import prod
from typing import Any

from cnncalc.trace.misfit import Misfit
from cnncalc.wording import did_you_mean, quote

SUFFIXES = (".csv", ".npy", ".png")

_PNG = b"\x89PNG\r\n\x1a\n"
_COLORS = {2: "red, green and blue", 3: "a palette", 4: "grey and transparency", 6: "four channels"}


class Folder:
    """Where the files of a spec are."""

    def __init__(self, path: str, max_size: int) -> None:
        self.path = path or os.curdir
        self.max_size = max_size

    def read(self, name: str, wanted: int) -> Any:
        """The numbers of a file, whole ones or texts, in nested lists. Raises Misfit."""
        data = self.bytes(name)
        suffix = os.path.splitext(name)[1].lower()
        if suffix == ".csv":
            return read_csv(data, name)
        return read_npy(data, name, wanted) if suffix == ".npy" else read_png(data, name, wanted)

    def bytes(self, name: str) -> bytes:
        path = self.resolved(name)
        try:
            found = os.stat(path)
            if not stat.S_ISREG(found.st_mode):
                raise Misfit(f"{quote(name)} is not a file")
            if found.st_size > self.max_size:
                raise Misfit(
                    f"{quote(name)} is larger than {self.max_size:,} bytes", help="--max-size"
                )
            with open(path, "rb") as file:
                return file.read(self.max_size)
        except FileNotFoundError:
            raise self.missing(name) from None
        except OSError as error:
            raise Misfit(f"cannot read {quote(name)}: {error.strerror}") from None

    def resolved(self, name: str) -> str:
        try:
            top = os.path.realpath(self.path)
            path = os.path.realpath(os.path.join(top, name))
            inside = os.path.commonpath([top, path]) == top
        except ValueError:  # another drive, or a character that no path may have
            inside = False
        if not inside:
            raise Misfit(
                f"{quote(name)} is outside the folder of the spec",
                help="copy it beside the spec, and name it without a folder",
            )
        return path

    def missing(self, name: str) -> Misfit:
        folder = os.path.dirname(os.path.join(self.path, name))
        try:
            known = [entry for entry in os.listdir(folder) if entry.lower().endswith(SUFFIXES)]
        except OSError:
            known = []
        guess = did_you_mean(os.path.basename(name), known)
        return Misfit(f"no file {quote(name)} beside the spec", help=guess)


def read_csv(data: bytes, name: str) -> list[Any]:
    """The rows of a CSV file as texts; a file of one row or one column is a plain list."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misfit(f"{quote(name)} is not a UTF-8 text") from None
    lines = [line for line in text.splitlines() if line.strip()]
    separator = next((sign for sign in ",;\t" if sign in text), None)
    rows = [[cell.strip() for cell in line.split(separator)] for line in lines]
    if not rows:
        raise Misfit(f"{quote(name)} is empty")
    if len(rows) == 1:
        return rows[0]
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else rows


def read_npy(data: bytes, name: str, wanted: int) -> Any:
    """A NumPy array; floats become the decimals that NumPy would print."""
    from io import BytesIO

    import numpy as np

    file = BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, by_columns, kind = read_header(file)
    except (ValueError, KeyError, EOFError):
        raise Misfit(f"{quote(name)} is no array that NumPy saved") from None
    if kind.hasobject or kind.kind not in "biuf":
        raise Misfit(f"{quote(name)} holds {kind}, not numbers")
    rest = data[file.tell() :]
    _check_count(name, shape, wanted)
    if len(rest) != wanted * kind.itemsize:
        raise Misfit(f"{quote(name)} is cut off, or has more in it than its header says")
    array = np.frombuffer(rest, kind).reshape(shape, order="F" if by_columns else "C")
    plain = {"f": "U", "b": "i8"}.get(kind.kind, "O")
    return array.astype(plain).tolist()


def read_png(data: bytes, name: str, wanted: int) -> list[list[int]]:
    """The rows of an 8-bit grey PNG, 0 for black to 255 for white."""
    width, height, packed = _png_chunks(data, name)
    _check_count(name, (height, width), wanted)
    size = height * (width + 1)
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise Misfit(f"{quote(name)} is damaged") from None
    if len(raw) != size:
        raise Misfit(f"{quote(name)} is damaged: it does not have the pixels it says")
    rows: list[list[int]] = []
    above = [0] * width
    for start in range(0, size, width + 1):
        method, line = raw[start], list(raw[start + 1 : start + 1 + width])
        if method > 4:
            raise Misfit(f"{quote(name)} is damaged")
        above = _unfiltered(method, line, above)
        rows.append(above)
    return rows


def _png_chunks(data: bytes, name: str) -> tuple[int, int, bytes]:
    """Width, height and packed pixels."""
    if not data.startswith(_PNG):
        raise Misfit(f"{quote(name)} is no PNG")
    header, packed, place = b"", b"", len(_PNG)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        check = data[place + 8 + length : place + 12 + length]
        if zlib.crc32(kind + body).to_bytes(4, "big") != check:
            raise Misfit(f"{quote(name)} is damaged")
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            packed += body
        place += 12 + length
    if len(header) != 13:
        raise Misfit(f"{quote(name)} is damaged")
    depth, color, interlaced = header[8], header[9], header[12]
    if color != 0:
        has = _COLORS.get(color, "another form")
        raise Misfit(f"{quote(name)} has {has}, not grey", help="save it as an 8-bit grey PNG")
    if depth != 8 or interlaced:
        how = "interlaced" if interlaced else f"grey with {depth} bits"
        raise Misfit(f"{quote(name)} is {how}", help="save it as an 8-bit grey PNG")
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big"), packed


def _unfiltered(method: int, line: list[int], above: list[int]) -> list[int]:
    """A row of pixels from its differences to the pixels to the left and above."""
    left = corner = 0
    found = []
    for value, up in zip(line, above, strict=True):
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[method]
        left, corner = (value + guess) % 256, up
        found.append(left)
    return found


def _paeth(left: int, up: int, corner: int) -> int:
    """Whichever neighbour is nearest to left + up − corner (PNG specification, 9.4)."""
    estimate = left + up - corner
    return min((left, up, corner), key=lambda neighbour: abs(estimate - neighbour))


def _check_count(name: str, shape: tuple[int, ...], wanted: int) -> None:
    size = prod(shape)
    if size != wanted or min(shape, default=1) < 1:
        text = "×".join(map(str, shape)) or "one number"
        raise Misfit(f"{quote(name)} holds {text}, {size:,} numbers where {wanted:,} are wanted")
