"""What not every system has. A test that needs it says so, and is skipped where it is missing."""

import os
import shutil
import sys

import pytest


def _needs(there: bool, what: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not there, reason=f"this system has no {what}")


_POSIX = os.name == "posix"

needs_bash = _needs(_POSIX, "bash that is sure to be on the path")
needs_closed_streams = _needs(_POSIX, "way to start a program without its streams")
needs_devices = _needs(os.path.exists("/dev/zero"), "devices with a path")
needs_full_device = _needs(os.path.exists("/dev/full"), "device that is always full")
needs_git = _needs(shutil.which("git") is not None, "git")
needs_links = _needs(_POSIX, "symbolic links that every user may make")
needs_named_pipes = _needs(hasattr(os, "mkfifo"), "named pipes")
needs_names_of_bytes = _needs(sys.platform == "linux", "file names of arbitrary bytes")
needs_terminals = _needs(_POSIX, "pseudo-terminals")
