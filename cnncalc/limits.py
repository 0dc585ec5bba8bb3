"""How large a spec may be, where nobody says otherwise."""

MAX_SIZE = 16 * 2**20  # bytes of its file
MAX_ITEMS = 200_000  # items, with all that it repeats
