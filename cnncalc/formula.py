"""(W − F + 2P)/S + 1 for Python programs, which may call it with whatever they have."""

from cnncalc import arithmetic
from cnncalc.accepted import checked

output_size = checked(arithmetic.output_size)
