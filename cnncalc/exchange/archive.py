"""What zip files of models hold: one text in JSON, read within the limit of a file's size."""

from __future__ import annotations

import json
import zlib
from typing import Any, TypeAlias
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from cnncalc.exchange.model import ModelError
from cnncalc.wording import visible

# What JSON holds. Readers ask it for what they need, and what is there in its place is an error of
# the file: they catch KeyError, TypeError and their like where they begin.
Json: TypeAlias = Any

_MOST = 100_000  # names in an archive
_PACKED = (ZIP_STORED, ZIP_DEFLATED)  # the ways that frameworks write
_DAMAGED = (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error)


def read_json(path: str, ending: str, max_size: int) -> Json:
    """The JSON of the one member whose name ends so. Raises ModelError, and OSError."""
    try:
        with ZipFile(path) as archive:
            names = [name for name in archive.namelist()[:_MOST] if name.endswith(ending)]
            if len(names) != 1:
                raise ModelError(f"{visible(path)} has {len(names) or 'no'} {ending} in it")
            if archive.getinfo(names[0]).compress_type not in _PACKED:
                raise ModelError(f"{ending} in {visible(path)} is packed in an unusual way")
            with archive.open(names[0]) as member:  # may be longer than its header says
                data = member.read(max_size + 1)
    except _DAMAGED as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"{visible(path)} is not a whole zip file: {visible(str(error))}"
        ) from None
    if len(data) > max_size:
        raise ModelError(f"{ending} in {visible(path)} is larger than {max_size:,} bytes")
    return parse_json(data, path)


def parse_json(data: bytes, path: str) -> Json:
    """Data in JSON. Raises ModelError."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{visible(path)} holds no JSON that can be read: {error}") from None
