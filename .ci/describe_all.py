"""Describes every bundled network with the cnncalc that is installed, in one process."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from cnncalc.commands.main import main
from cnncalc.language.bundled import all_names

names = all_names()
for name in names:
    out, errors = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        try:
            main(["describe", name])
        except SystemExit as left:
            code = left.code
    if code or errors.getvalue() or "Total" not in out.getvalue():
        sys.exit(f"describe {name}: exit {code}\n{out.getvalue()}{errors.getvalue()}")
print(f"{len(names)} bundled networks described, every expectation holds")
