"""Trace: the numbers inside a small worked example, feature map by feature map.

>>> import cnncalc
>>> from cnncalc.trace import trace
>>> traced = trace(cnncalc.load("trace-bump-1d"))
>>> traced["conv1"].numbers()
[0, 0, 1, 1, 0, 0]

Files of numbers that are no CSV need the optional extra `cnncalc[trace]`.
"""

from cnncalc.commands.trace.engine import Trace, trace

__all__ = ["Trace", "trace"]
