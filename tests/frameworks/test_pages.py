"""The Python of the pages on frameworks is run, and prints what its comments say."""

import contextlib
import io
import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.api import is_model

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("pytorch", "keras", "onnx")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_programs(page: str, here: Path) -> None:
    programs = BLOCK.findall((DOCS / f"{page}.md").read_text("utf-8"))
    assert programs
    for text in programs:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(text, page, "exec"), {})
        wanted = re.findall(r"^print\(.*\)  # (.*)$", text, re.MULTILINE)
        lines = [line for line in out.getvalue().splitlines() if "torch.onnx" not in line]
        assert lines == wanted
    (saved,) = [path for path in here.glob("net.*") if is_model(str(path))]
    assert cnncalc.load(saved).parameters > 0
