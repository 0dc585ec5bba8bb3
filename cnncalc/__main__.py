"""The process: `cnncalc`, and `python -I -m cnncalc`.

Without -I Python imports what lies in the current folder, from whomever it is.

It lives for milliseconds, in which collecting garbage would only cost time: most objects come from
the imports and stay. So this is decided before them.
"""

import gc

gc.disable()

import os  # noqa: E402
from typing import NoReturn  # noqa: E402

from cnncalc.commands.main import main  # noqa: E402


def run() -> NoReturn:
    """The command `cnncalc`."""
    try:
        main()
    except SystemExit as leave:
        # Everything is written, and the system frees memory faster than an object at a time.
        os._exit(leave.code)  # type: ignore[arg-type]  # main leaves with a number


if __name__ == "__main__":
    main()
