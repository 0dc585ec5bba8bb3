"""Whether code still builds the network that a spec describes.

parts.py        a network in a form in which two that compute the same are equal
match.py        which part of one is which part of the other
groups.py       which parts are all of a group, to call it by its name
slide.py        of equal runs, the one that a person would call new
side.py         one of the two networks, and what its parts are in the other
differences.py  where they part, each fault once
"""
