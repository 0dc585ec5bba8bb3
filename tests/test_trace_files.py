"""Files of numbers beside a spec: CSV, .npy and grey PNG, and all that is none of these."""

import json
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from running import Command, Result
from systems import needs_links

from cnncalc.commands.trace.file_formats import FILE_FORMATS
from cnncalc.commands.trace.files import Folder
from cnncalc.problems import Reject

MEBIBYTE = 2**20


def read(path: Path, wanted: int, max_size: int = MEBIBYTE) -> Any:
    return Folder(str(path.parent), max_size).read(path.name, wanted)


def refusal(path: Path, wanted: int) -> str:
    with pytest.raises(Reject) as refused:
        read(path, wanted)
    return refused.value.message


def traced(run: Command, folder: Path, shape: str, name: str, *words: object) -> Result:
    """The trace of an input whose numbers are in a file."""
    spec = folder / "spec.yaml"
    spec.write_text(json.dumps({"input": {"shape": shape, "file": name}, "layers": ["relu"]}))
    return run("trace", spec, *words)


# CSV.


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
        ("\ufeff1;2\r\n\r\n -3 ; 1/9 \r\n", [["1", "2"], ["-3", "1/9"]]),
        ("1\t2\n3\t4", [["1", "2"], ["3", "4"]]),
        (" 1  2 \n3 4", [["1", "2"], ["3", "4"]]),
        ("1\n2\n3", ["1", "2", "3"]),
        ("1,2,3", ["1", "2", "3"]),
        ('"1","2"\n"3", "4"\n', [["1", "2"], ["3", "4"]]),
    ],
)
def test_csv(text: str, plain: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode())
    assert read(tmp_path / "x.csv", 4) == plain


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xff", "no CSV file in UTF-8"),
        (b'"' + b"1" * 200_000, "no CSV file in UTF-8"),
        (b"1," * 1_000_001, "more than 1,000,000 numbers"),
        (b"1\n" * 1_000_001, "more than 1,000,000 numbers"),
    ],
    ids=["nothing", "blank", "bytes", "long-cell", "long-row", "long-column"],
)
def test_csv_that_is_none(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(Reject) as refused:
        read(tmp_path / "x.csv", 4, 10 * MEBIBYTE)
    assert refused.value.message == message


# PNG.


def png(pixels: bytes, width: int, height: int, *, depth: int = 8, color: int = 0) -> bytes:
    """A PNG made of its chunks, with whatever these say of each other."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + packed + chunk(b"IEND", b"")


def test_png(tmp_path: Path) -> None:
    rows = np.array([[0, 128, 255], [10, 20, 30]], dtype=np.uint8)
    Image.fromarray(rows).save(tmp_path / "x.png")
    assert read(tmp_path / "x.png", 6) == rows.tolist()
    (tmp_path / "y.png").write_bytes(png(b"\0\7\x08\0\x09\x0a", 2, 2))
    assert read(tmp_path / "y.png", 4) == [[7, 8], [9, 10]]


GOOD = png(b"\0\1\2", 2, 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no PNG, or is damaged"),
        (b"GIF89a", "no PNG, or is damaged"),
        (b"\x89PNG\r\n\x1a\n", "no PNG, or is damaged"),
        (GOOD[:-26], "no PNG, or is damaged"),
        (GOOD.replace(b"IDAT", b"IDAX"), "no PNG, or is damaged"),
        (png(b"\5\1\2", 2, 1), "no PNG, or is damaged"),
        (png(b"\0" * 4, 1, 1, color=2), "mode RGB, not 8-bit grey (L)"),
        (png(b"\0\0", 1, 1, color=3), "mode P, not 8-bit grey (L)"),
        (png(b"\0" * 3, 1, 1, color=4), "mode LA, not 8-bit grey (L)"),
        (png(b"\0" * 5, 1, 1, color=6), "mode RGBA, not 8-bit grey (L)"),
        (png(b"\0\0", 1, 1, depth=1), "mode 1, not 8-bit grey (L)"),
        (png(b"\0" * 3, 1, 1, depth=16), "mode I;16, not 8-bit grey (L)"),
        (png(b"\0\1\2\3", 3, 1), "1×3, 3 numbers where 2 are wanted"),
        (png(b"", 8000, 10_000), "10000×8000, 80,000,000 numbers where 2 are wanted"),
        (png(b"", 12_000, 10_000), "more pixels than Pillow opens"),
        (png(b"", 2**31 - 1, 2**20), "more pixels than Pillow opens"),
    ],
)
def test_png_that_is_none(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(data)
    assert refusal(tmp_path / "x.png", 2) == message


# NumPy's arrays.


def npy(array: Any, tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    return tmp_path / "x.npy"


def with_header(header: str) -> bytes:
    text = header.encode("latin1")
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(8 * 4)


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
    assert read(npy(array, tmp_path), array.size) == plain


NO_ARRAY = "no array of numbers that NumPy saved"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", NO_ARRAY),
        (lambda data: data[:20], NO_ARRAY),
        (lambda data: data[:-1], NO_ARRAY),
        (lambda data: data + b"\0", "cut off, or has more in it than its header says"),
        (lambda data: data.replace(b"<i8", b"|O "), NO_ARRAY),
        (lambda data: data.replace(b"(2, 2)", b"(1, 3)"), "1×3, 3 numbers where 4 are wanted"),
        (lambda data: data.replace(b"(2, 2)", b"(-2,-2)")[:-1], NO_ARRAY),
        (lambda data: data.replace(b"(2, 2)", b"(9**9,)"), NO_ARRAY),
    ],
)  # fmt: skip
def test_npy_that_is_none(change: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    path = npy(np.array([[1, 2], [3, 4]]), tmp_path)
    path.write_bytes(change(path.read_bytes()))
    assert refusal(path, 4) == message


@pytest.mark.parametrize("array", [np.array([None] * 4), np.array(["a"] * 4), np.zeros(4, complex)])
def test_npy_without_numbers(array: Any, tmp_path: Path) -> None:
    found = refusal(npy(array, tmp_path), 4)
    assert found == NO_ARRAY or found.endswith(", not numbers")


ARRAY = "{{'descr': {}, 'fortran_order': False, 'shape': {}}}\n"


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': ", "((((", "'''abc", " x\n  y", "{[]: 1}", "{{}: 1}", "x" + ".a" * 4900,
        "1" + "+1j" * 3000, "-" * 9000 + "1", ARRAY.format("','", "(4,)"),
        ARRAY.format("()", "(4,)"), ARRAY.format("('<f8',)", "(4,)"),
        ARRAY.format("(('<f8',),)", "(4,)"), ARRAY.format("'<f8'", "(True, 4)"),
        ARRAY.format("'<f8'", "(" + "9" * 30 + ",)"),
    ],
    ids=range(15),
)  # fmt: skip
def test_headers_that_make_numpy_fail(header: str, run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(with_header(header))
    code, out, err = traced(run, tmp_path, "4", "x.npy")
    assert (code, out) == (1, "")
    assert err.startswith(f"error[CNN115]: x.npy is {NO_ARRAY}\n")


def test_what_python_2_saved_is_read_without_a_warning(run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(with_header(ARRAY.format("'<i8'", "(2L, 2L)")))
    assert traced(run, tmp_path, "2x2x1", "x.npy")[::2] == (0, "")


# Beside a spec.


def test_files_beside_the_spec(run: Command, tmp_path: Path) -> None:
    """A grey PNG through a filter in a .npy, with biases in a CSV."""
    (tmp_path / "sub").mkdir()
    rows = np.array([[0, 128, 255], [10, 20, 30]], dtype=np.uint8)
    Image.fromarray(rows).save(tmp_path / "sub" / "picture.PNG")
    np.save(tmp_path / "filter.npy", np.array([[1.5, -1]]))
    (tmp_path / "bias.csv").write_text("\ufeff-0.5\n", encoding="utf-8")
    spec = tmp_path / "spec.yaml"
    item = {"filters": 1, "kernel": "1x2", "values": "filter.npy", "bias_values": "bias.csv"}
    given = {"shape": "2x3x1", "file": "sub/picture.PNG"}
    spec.write_text(json.dumps({"input": given, "layers": [{"conv": item}]}))
    out = run.output("trace", spec, "conv1", "--format", "json")
    (volume,) = json.loads(out)["traces"][0]["volumes"]
    assert volume["values"] == [[[-128.5], [-63.5]], [[-5.5], [-0.5]]]


@pytest.mark.parametrize(
    "target", ["link.csv", "pipe.csv", "folder.csv", "large.csv", "null\0.csv"]
)
@needs_links
def test_files_that_are_not_read(target: str, run: Command, tmp_path: Path) -> None:
    inside = tmp_path / "specs"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("1\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(inside / "pipe.csv")
    (inside / "folder.csv").mkdir()
    (inside / "large.csv").write_text("1\n" * 1000)
    code, out, err = traced(run, inside, "1", target, "--limit", "size=1000")
    assert (code, out) == (1, "")
    reason = {
        "link.csv": "link.csv is outside the folder of the spec",
        "pipe.csv": "pipe.csv is not a file",
        "folder.csv": "folder.csv is not a file",
        "large.csv": "large.csv is larger than 1,000 bytes",
        "null\0.csv": r"null\x00.csv is outside the folder of the spec",
    }[target]
    assert err.startswith(f"error[CNN115]: {reason}\n")


@pytest.mark.parametrize(("suffix", "package"), [("npy", "numpy"), ("png", "PIL")])
def test_without_the_extra(
    suffix: str, package: str, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"x.{suffix}").write_bytes(b"")
    monkeypatch.setitem(sys.modules, package, None)
    code, out, err = traced(run, tmp_path, "1", f"x.{suffix}")
    assert (code, out) == (1, "")
    needs = FILE_FORMATS[f".{suffix}"].needs
    assert err.startswith(f"error[CNN115]: x.{suffix} is read with {needs}, which is not installed")
    assert "pip install 'cnncalc[trace]'" in err


# How much is read.


def test_a_file_is_not_opened_for_more_numbers_than_are_read(run: Command, tmp_path: Path) -> None:
    """The file is not there, and nobody looks for it."""
    code, out, err = traced(run, tmp_path, "1000x1001x1", "x.png")
    assert (code, out) == (1, "")
    message = "1,001,000 numbers to read up to here, more than 1,000,000"
    assert err.startswith(f"error[CNN104]: {message}\n")


def test_numbers_of_several_inputs_count_together(run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png(bytes(1001 * 600), 1000, 600))
    inputs = {name: {"shape": "600x1000x1", "file": "x.png"} for name in "ab"}
    spec = tmp_path / "spec.yaml"
    spec.write_text(json.dumps({"input": inputs, "layers": [{"add": ["a", "b"]}]}))
    code, _, err = run("trace", spec)
    assert code == 1
    assert "CNN104" in err
    assert "1,200,000 numbers to read up to here" in err


def test_a_file_is_read_once(run: Command, tmp_path: Path) -> None:
    """However often it is named, it counts once for the limit of bytes."""
    (tmp_path / "x.csv").write_text("1\n" * 300)
    (tmp_path / "y.csv").write_text("1\n" * 300)
    inputs = {name: {"shape": "300x1", "file": "x.csv"} for name in "abcd"}
    layers = [{"add": list("abcd")}]
    spec = tmp_path / "spec.yaml"
    spec.write_text(json.dumps({"input": inputs, "layers": layers}))
    assert run("trace", spec, "--limit", "size=1000")[::2] == (0, "")
    inputs["d"]["file"] = "y.csv"
    spec.write_text(json.dumps({"input": inputs, "layers": layers}))
    code, _, err = run("trace", spec, "--limit", "size=1000")
    assert code == 1
    assert "y.csv makes the files of numbers larger than 1,000 bytes" in err


def test_files_of_a_network_that_is_taken_in_are_beside_its_own_spec(
    run: Command, tmp_path: Path
) -> None:
    part = tmp_path / "parts" / "edge.yaml"
    part.parent.mkdir()
    conv = {"conv": {"filters": 1, "kernel": 2, "bias": False, "values": "filter.csv"}}
    part.write_text(json.dumps({"input": "2x2x1", "layers": [conv]}))
    numbers = {"shape": "2x2x1", "file": "input.csv"}
    items = [{"network": "parts/edge.yaml"}, {**conv, "from": "input"}]
    (tmp_path / "spec.yaml").write_text(json.dumps({"input": numbers, "layers": items}))
    (tmp_path / "input.csv").write_text("1,2\n3,4\n")
    (tmp_path / "filter.csv").write_text("1,0\n0,0\n")
    (part.parent / "filter.csv").write_text("0,0\n0,1\n")
    code, out, _ = run("trace", tmp_path / "spec.yaml", "--format", "json")
    found = {v["path"]: v["values"] for v in json.loads(out)["traces"][0]["volumes"]}
    assert code == 0
    assert (found["network1.conv1"], found["conv1"]) == ([[[4]]], [[[1]]])
