"""The colours of families of layers; a family is a module of cnncalc.layers.

The hues are those of Okabe and Ito, which people who do not tell red from green keep apart, in the
steps of the 256 colours of terminals. All are of middle lightness: their contrast is at least 3 to
1 with a white background and with a black one. The numbers from 16 on are the same in every theme.
Four hues are as many as stay apart for the colour-blind at one lightness: layers of other families
have the terminal's own colour, as numbers do.
"""

FAMILIES = {
    "conv": 32,  # blue
    "dense": 166,  # vermillion
    "pool": 29,  # bluish green
    "norm": 132,  # reddish purple
}
