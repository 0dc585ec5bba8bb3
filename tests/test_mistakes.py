"""Mistakes people make, and the exact words that answer them.

cases/bad/NAME.yaml is a mistake, NAME.txt what `cnncalc describe NAME.yaml` prints on stderr.
A new case needs only a spec; `pytest --update` writes its text, to be read before it is committed.
cases/bad/made/NAME.txt answers a file that is too large, or no text at all, and is made here.
"""

from pathlib import Path

import pytest
from running import Command, Compare, Result

BAD = Path(__file__).parent / "cases" / "bad"
MADE = BAD / "made"
NAMES = sorted(path.stem for path in BAD.glob("*.yaml"))


def describe(run: Command, *words: str) -> Result:
    return run("describe", "--color", "never", *words)


@pytest.mark.parametrize("name", NAMES)
def test_mistake(
    name: str, run: Command, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BAD)  # so that no path of this machine enters the text
    result = describe(run, f"{name}.yaml")
    assert result.code == 1, result.err
    assert "Traceback" not in result.out + result.err
    compare(BAD / f"{name}.txt", result.err)


def test_no_text_is_left_over() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} <= set(NAMES)
    assert {path.stem for path in MADE.glob("*.txt")} <= set(FILES)


@pytest.mark.parametrize("golden", sorted(BAD.rglob("*.txt")), ids=lambda path: path.stem)
def test_words_are_the_users(golden: Path) -> None:
    """No words of the YAML parser or of Python, and nothing a terminal or CI runner obeys."""
    text = golden.read_text(encoding="utf-8").replace("class_token", "")
    assert not [word for word in ("scalar", "token", "NoneType", "object at") if word in text]
    assert not [line for line in text.splitlines() if line.startswith(("::", "##"))]
    assert text.replace("\n", "").isprintable()


# Files that are not for a text editor.

HEAD = b"input: 8x8x1\nlayers:\n"
SPEC = "input: 8x8x1\nname: réseau\nlayers: [relu]\n"
DIGITS = b"9" * 5000


def lines(count: int, line: str) -> bytes:
    return "".join(line.format(number, number + 1) + "\n" for number in range(count)).encode()


FILES = {
    "brackets": b"[" * 50_000,
    "braces": b"{" * 50_000,
    "dashes": HEAD + b"  " + b"- " * 50_000,
    "question-marks": b"? " * 50_000,
    "keys-in-one-line": b"a: " * 50_000,
    "blanks-by-the-thousand": b"-" + b" " * 50_000 + b"a.b\n  c: d\n",
    "brackets-in-an-argument": HEAD + b"  - conv: {filters: " + b"[" * 50_000,
    "groups-in-groups": HEAD + b"  - " + b"{layers: " * 60 + b"relu" + b"}" * 60,
    "larger-than-16-MiB": b"#" * (20 * 2**20),
    "number-of-5000-digits": HEAD + b"  - fc: " + DIGITS,
    "number-of-3000-digits": HEAD + b"  - fc: " + DIGITS[:3000],
    "number-of-150-digits": HEAD + b"  - fc: " + DIGITS[:150],
    "decimal-of-150-digits": HEAD + b"  - dropout: 0." + DIGITS[:150],
    "input-of-3000-digits": b"input: " + DIGITS[:3000] + b"x8x1\nlayers: [relu]\n",
    "repeat-of-3000-digits": HEAD + b"  - relu:\n    repeat: " + DIGITS[:3000],
    "expect-of-3000-digits": HEAD + b"  - relu:\n    expect: {parameters: " + DIGITS[:3000] + b"}",
    "kernel-of-3000-digits": HEAD + b"  - conv: {filters: 1, kernel: " + DIGITS[:3000] + b"x3}",
    "note-of-5000-characters": b"note: " + b"a" * 5000 + b"\n" + HEAD + b"  - relu\n",
    "kind-of-3000-characters": HEAD + b"  - " + b"a" * 3000,
    "expression-of-signs": HEAD + b"  - fc: " + b"-" * 190 + b"1",
    "blocks-in-blocks": b"blocks:\n" + lines(300, "  B{}: [B{}]") + b"  B300: [relu]\n" + HEAD
    + b"  - B0\n",
    "blocks-that-fan-out": b"blocks:\n" + lines(60, "  B{0}: [B{1}, B{1}, B{1}]")
    + b"  B60: [relu]\n" + HEAD + b"  - B0\n",
    "mistakes-by-the-thousand": HEAD + lines(20_000, "  - covn: {}"),
    "arguments-by-the-thousand": HEAD + b"  - conv: {\n" + lines(20_000, "  a{}: 1,") + b"  }\n",
    "names-by-the-thousand": HEAD + lines(3_000, "  - relu:\n    name: a{}\n    from: b{}"),
    "words-by-the-million": HEAD + b"- relu\n" * 1_100_000,
    "lines-by-the-thousand": HEAD + lines(20_000, "  - relu") + b"  - conv: 6@9x9\n",
    "nul": HEAD + b"  - re\0lu\n",
    "program": b"\x7fELF\2\1\1" + bytes(57),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(9),
    "all-bytes": bytes(range(256)),
    "utf-16": b"\xff\xfe" + SPEC.encode("utf-16-le"),
    "utf-16-unmarked": SPEC.encode("utf-16-le"),
    "latin-1": SPEC.encode("latin-1"),
    "cut-in-a-character": SPEC.encode()[: SPEC.encode().index("é".encode()) + 1],
    "byte-order-mark": b"\xef\xbb\xbf" + HEAD + b"  - conv: 6@9x9\n",
    "byte-order-mark-inside": HEAD + b"  - \xef\xbb\xbfconv: 6@9x9\n",
    "windows-lines": HEAD.replace(b"\n", b"\r\n") + b"  - conv: 6@9x9\r\n",
    "form-feed": HEAD + b"\f  - conv: 6@9x9\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_made_file(name: str, run: Command, compare: Compare, here: Path) -> None:
    Path("net.yaml").write_bytes(FILES[name])
    result = describe(run, "net.yaml")
    assert result.code == 1, result.err
    assert len(result.err) < 100_000
    compare(MADE / f"{name}.txt", result.err)


# Mistakes on the command line.

FAMILY = """\
vars: {width: 4, deep: true}
input: 32x32x4
layers:
  - conv: {filters: $width, kernel: 3}
variants:
  wide: {vars: {width: 8}}
"""
TWO_INPUTS = """\
input: {left: 32x32x4, right: 32x32x4}
layers:
  - concat: [left, right]
"""
USAGE = {
    "missing.yaml": "no file missing.yaml",
    "folder/missing": "no file folder/missing",
    "missing": "no file and no bundled network is called missing; "
    "cnncalc specs lists the bundled ones",
    "lennet": "no file and no bundled network is called lennet; did you mean lenet?",
    "lenet.yaml": "no file lenet.yaml",
    "folder": "folder is a directory; name a spec in it",
    "family.yaml --variant wid": "the spec has no variant wid; did you mean wide?",
    "family.yaml --variant 7": "the spec has no variant 7; it has wide",
    "two.yaml --variant wide": "the spec has no variant wide; it has none",
    "family.yaml --set widht=8": "the spec has no var widht; did you mean width?",
    "family.yaml --set q=8": "the spec has no var q; it has width, deep",
    "two.yaml --set q=8": "the spec has no var q; it has none",
    "family.yaml --set width": "--set takes NAME=VALUE, not 'width'",
    "family.yaml --set width=": "--set takes NAME=VALUE, not 'width='",
    "family.yaml --set =8": "--set takes NAME=VALUE, not '=8'",
    "family.yaml --input big": '"big" is not a volume: '
    "sizes are whole numbers joined by x, channels last; 32x32x3, height x width x channels",
    "family.yaml --input 0x32x4": '"0x32x4" is not a volume: every size of a volume is at least 1; '
    "32x32x3, height x width x channels",
    "family.yaml --input 28x28": "28x28 has no channels; a grey image is 28x28x1, "
    "a color image 28x28x3; a sequence is {length: 28, channels: 28}",
    "family.yaml --input 3x224x224": "3x224x224 has its channels first; they come last here; "
    "write 224x224x3",
    "family.yaml --input left=8x8x4": "the spec has no input left; it has input",
    "two.yaml --input 8x8x4": "say which input: left=VOLUME, right=VOLUME",
    "two.yaml --input lft=8x8x4": "the spec has no input lft; did you mean left?",
    "family.yaml --expand some": "--expand: 'some' is not a whole number from 0 to "
    "1,000,000,000,000 or all",
    "family.yaml --columns wieghts": "no column 'wieghts'; did you mean weights?",
    "family.yaml --sort wieghts": "no column 'wieghts'; did you mean weights?",
    "family.yaml -o table.pdf": "-o table.pdf: the suffix names no format; "
    "use .txt, .json, .csv, .md, .html, .tex or --format",
    "family.yaml -o missing/table.md": "cannot write missing/table.md: no folder missing",
}


def test_an_empty_name(run: Command) -> None:
    """As of a variable of the shell that is not set: cnncalc describe "$NET"."""
    code, _, err = describe(run, "")
    assert code == 2
    assert err.endswith("the name of the spec is empty; is a variable of the shell not set?\n")
    assert run("check", "").err.startswith('cannot check "": no file and no bundled network')


@pytest.mark.parametrize("words", USAGE)
def test_usage(words: str, run: Command, here: Path) -> None:
    Path("folder").mkdir()
    Path("family.yaml").write_text(FAMILY)
    Path("two.yaml").write_text(TWO_INPUTS)
    result = describe(run, *words.split())
    assert result.code == 2
    assert result.out == ""
    assert result.own_words() == f"Error: {USAGE[words]}\n"
