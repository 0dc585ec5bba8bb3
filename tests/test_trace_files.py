"""Files of numbers beside a spec: CSV, .npy and grey PNG, and all that is none of these."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command
from systems import needs_links

from cnncalc.trace.files import Misfit, read_npy, read_png


def png(rows: list[list[int]], methods: list[int], **changes: int) -> bytes:
    """An 8-bit grey PNG whose rows are filtered by these methods."""
    width = len(rows[0])
    raw, above = b"", [0] * width
    for row, method in zip(rows, methods, strict=True):
        left = [0, *row[:-1]]
        corner = [0, *above[:-1]]
        guesses = {
            0: [0] * width,
            1: left,
            2: above,
            3: [(a + b) // 2 for a, b in zip(left, above, strict=True)],
            4: [nearest(*part) for part in zip(left, above, corner, strict=True)],
        }
        line = [(x - guess) % 256 for x, guess in zip(row, guesses.get(method, row), strict=True)]
        raw += bytes([method, *line])
        above = row
    header = {"width": width, "height": len(rows), "depth": 8, "color": 0, "interlaced": 0}
    header |= changes
    body = header["width"].to_bytes(4, "big") + header["height"].to_bytes(4, "big")
    body += bytes([header["depth"], header["color"], 0, 0, header["interlaced"]])
    data = zlib.compress(raw)
    chunks = [
        (b"IHDR", body),
        (b"tEXt", b"x\0y"),
        (b"IDAT", data[:7]),
        (b"IDAT", data[7:]),
        (b"IEND", b""),
    ]
    parts = [
        len(part).to_bytes(4, "big") + kind + part + zlib.crc32(kind + part).to_bytes(4, "big")
        for kind, part in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def nearest(left: int, up: int, corner: int) -> int:
    """Paeth's predictor, in the words of the PNG specification."""
    p = left + up - corner
    pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
    if pa <= pb and pa <= pc:
        return left
    return up if pb <= pc else corner


pixels = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 255), min_size=width, max_size=width), min_size=1, max_size=6
    )
)


@given(pixels, st.data())
def test_png(rows: list[list[int]], data: st.DataObject) -> None:
    methods = data.draw(st.lists(st.integers(0, 4), min_size=len(rows), max_size=len(rows)))
    assert read_png(png(rows, methods), "x.png", len(rows) * len(rows[0])) == rows


DAMAGED = "x.png is damaged: it does not have the pixels it says"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GIF89a", "x.png is no PNG"),
        (b"\x89PNG\r\n\x1a\n", "x.png is damaged"),
        (png([[1, 2]], [0])[:-30], "x.png is damaged"),
        (png([[1, 2]], [0])[:-60], DAMAGED),
        (png([[1, 2]], [0]).replace(b"IDAT", b"IDAX"), "x.png is damaged"),
        (png([[1, 2]], [5]), "x.png is damaged"),
        (png([[1, 2]], [0], color=2), "x.png has red, green and blue, not grey"),
        (png([[1, 2]], [0], depth=16), "x.png is grey with 16 bits"),
        (png([[1, 2]], [0], interlaced=1), "x.png is interlaced"),
        (png([[1, 2, 3]], [0]), "x.png holds 1×3, 3 numbers where 2 are wanted"),
        (png([[1, 2]], [0], width=1, height=2), DAMAGED),
        (
            png([[1, 2]], [0], width=2**31, height=2**20),
            "x.png holds 1048576×2147483648, 2,251,799,813,685,248 numbers where 2 are wanted",
        ),
    ],
)  # fmt: skip
def test_png_that_is_none(data: bytes, message: str) -> None:
    with pytest.raises(Misfit) as refused:
        read_png(data, "x.png", 2)
    assert refused.value.message == message


def npy(array: Any, tmp_path: Path) -> bytes:
    np.save(tmp_path / "saved.npy", array, allow_pickle=True)
    return (tmp_path / "saved.npy").read_bytes()


@pytest.mark.parametrize(
    ("array", "plain"),
    [
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.asfortranarray([[1, 2], [3, 4]], dtype=">i2"), [[1, 2], [3, 4]]),
        (np.array([[0.1, 1e-5], [2.5, -1e20]]), [["0.1", "1e-05"], ["2.5", "-1e+20"]]),
        (np.array([[0.1, 1], [2, 3]], dtype=np.float32), [["0.1", "1.0"], ["2.0", "3.0"]]),
        (np.array([[True, False], [False, True]]), [[1, 0], [0, 1]]),
        (np.array([1, 2, 3, 2**64 - 1], dtype=np.uint64), [1, 2, 3, 2**64 - 1]),
    ],
)
def test_npy(array: Any, plain: Any, tmp_path: Path) -> None:
    assert read_npy(npy(array, tmp_path), "x.npy", 4) == plain


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "x.npy is no array that NumPy saved"),
        (lambda data: data[:20], "x.npy is no array that NumPy saved"),
        (lambda data: data[:-1], "x.npy is cut off, or has more in it than its header says"),
        (lambda data: data + b"\0", "x.npy is cut off, or has more in it than its header says"),
        (lambda data: data.replace(b"<i8", b"|O "), "x.npy is no array that NumPy saved"),
        (lambda data: data.replace(b"(2, 2)", b"(2, 9)"), "x.npy holds 2×9, 18 numbers where 4"),
        (lambda data: data.replace(b"(2, 2)", b"(-2,-2)")[:-1], "x.npy"),
    ],
)  # fmt: skip
def test_npy_that_is_none(change: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    data = npy(np.array([[1, 2], [3, 4]]), tmp_path)
    with pytest.raises(Misfit) as refused:
        read_npy(change(data), "x.npy", 4)
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("array", [np.array([None] * 4), np.array(["a"] * 4), np.zeros(4, complex)])
def test_npy_without_numbers(array: Any, tmp_path: Path) -> None:
    with pytest.raises(Misfit, match=r"^x.npy holds .*, not numbers$"):
        read_npy(npy(array, tmp_path), "x.npy", 4)


def test_files_beside_the_spec(run: Command, tmp_path: Path) -> None:
    """A grey PNG through a filter in a .npy, with biases in a CSV."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "picture.PNG").write_bytes(png([[0, 128, 255], [10, 20, 30]], [1, 4]))
    np.save(tmp_path / "filter.npy", np.array([[1.5, -1]]))
    (tmp_path / "bias.csv").write_text("\ufeff-0.5\n", encoding="utf-8")
    spec = tmp_path / "spec.yaml"
    item = {"filters": 1, "kernel": "1x2", "values": "filter.npy", "bias_values": "bias.csv"}
    given = {"shape": "2x3x1", "file": "sub/picture.PNG"}
    spec.write_text(json.dumps({"input": given, "layers": [{"conv": item}]}))
    code, out, err = run("trace", spec, "conv1", "--format", "json")
    assert (code, err) == (0, "")
    (volume,) = json.loads(out)["traces"][0]["volumes"]
    assert volume["values"] == [[[-128.5], [-63.5]], [[-5.5], [-0.5]]]


@pytest.mark.parametrize(
    "target", ["link.csv", "pipe.csv", "folder.csv", "large.csv", "null\0.csv"]
)
@needs_links
def test_files_that_are_not_read(target: str, run: Command, tmp_path: Path) -> None:
    import os

    inside = tmp_path / "specs"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("1\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(inside / "pipe.csv")
    (inside / "folder.csv").mkdir()
    (inside / "large.csv").write_text("1\n" * 1000)
    spec = inside / "spec.yaml"
    given = {"shape": "1", "file": target}
    spec.write_text(json.dumps({"input": given, "layers": ["relu"]}))
    code, out, err = run("trace", spec, "--max-size", 1000)
    assert (code, out) == (1, "")
    reason = {
        "link.csv": "link.csv is outside the folder of the spec",
        "pipe.csv": "pipe.csv is not a file",
        "folder.csv": "folder.csv is not a file",
        "large.csv": "large.csv is larger than 1,000 bytes",
        "null\0.csv": r"null\x00.csv is outside the folder of the spec",
    }[target]
    assert err.startswith(f"error[CNN115]: {reason}\n")
