"""The version of cnncalc."""

__version__ = "0.1.0"

HOME = "https://github.com/OWNER/cnncalc"  # as in pyproject.toml
