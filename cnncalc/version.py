"""The version of cnncalc."""

__version__ = "0.1.0"
