"""Reads the wire format of protocol buffers, as far as ONNX files use it.

Written here since a model's file is mostly weights, which are passed over unread: the library would
copy all of it. The format is documented at protobuf.dev, "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST = 10  # bytes of a varint


class Malformed(ValueError):
    """Bytes that are no message."""


class Message:
    """A message: a stretch of a file that is mapped into memory, not read."""

    __slots__ = ("data", "end", "start")

    def __init__(self, data: mmap | bytes, start: int, end: int) -> None:
        self.data = data
        self.start = start
        self.end = end

    def fields(self) -> Iterator[tuple[int, int, Message]]:
        """The number of each field, its number where it is a varint, and its bytes. Malformed."""
        place, data = self.start, self.data
        while place < self.end:
            key, place = self.varint(place)
            wire = key & 7
            value = 0
            begin = place
            if wire == VARINT:
                value, place = self.varint(place)
            elif wire == BYTES:
                length, begin = self.varint(place)
                place = begin + length
            elif wire in (FIXED32, FIXED64):
                place += 4 if wire == FIXED32 else 8
            else:
                raise Malformed(f"wire type {wire}")
            if place > self.end:
                raise Malformed("the file ends in a message")
            yield key >> 3, value, Message(data, begin, place)

    def varint(self, place: int) -> tuple[int, int]:
        """A number of up to 64 bits, and the place after it."""
        value = 0
        for number in range(_LONGEST):
            if place + number >= self.end:
                raise Malformed("the file ends in a number")
            byte = self.data[place + number]
            value |= (byte & 127) << (7 * number)
            if byte < 128:
                return value & (2**64 - 1), place + number + 1
        raise Malformed("a number of more than 64 bits")

    def text(self, most: int = 4000) -> str:
        """The bytes as text, of which `most` are read."""
        return self.raw(most).decode("utf-8", "replace")

    def raw(self, most: int) -> bytes:
        """The first bytes."""
        return self.data[self.start : min(self.end, self.start + most)]

    def varints(self, most: int = 1000) -> list[int]:
        """Signed numbers: one that is not packed, or those that are. Malformed if too many."""
        if self.start == self.end:
            return []
        numbers, place = [], self.start
        while place < self.end:
            number, place = self.varint(place)
            numbers.append(number - 2**64 if number >= 2**63 else number)
            if len(numbers) > most:
                raise Malformed(f"a list of more than {most} numbers")
        return numbers

    def float32(self) -> float:
        """The bytes as a number of 32 bits."""
        (number,) = struct.unpack("<f", self.raw(4))
        return float(number)
