"""Whether a YAML file that does not call itself a spec is one: `input` and `layers` at its top.

The text is read lightly here and not by a YAML parser, for two reasons: a spec that does not parse
is to be found all the same, and most of the files in a repository are other people's YAML. Those
cost little more than reading them, because hardly any holds both words.
"""

import re
from collections.abc import Iterator
from itertools import islice

_KEYS = {b"input", b"layers"}
_HEAD = 64 * 1024  # bytes in which nearly every spec shows what it is
_MAX_TOKENS = 1_000_000  # of a flow mapping; no spec may have more words and brackets

_BREAKS = (b"\r\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")  # line ends of YAML
_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")  # of the byte order
# What may stand before the first key: comments, directives, ---, a tag.
_BEFORE = re.compile(rb"(?>[ \t\n]+|#[^\n]*|%[^\n]*|---(?![^ \t\n])|[!&][^\s{]*)*+")
_WORD = rb"(?P<quote>[\"']?)(?P<key>input|layers)(?P=quote)"
# A key may follow a ? and stand on the next line; that of a broken spec may lack its colon.
_BLOCK_KEY = re.compile(
    rb"^(?P<indent>[ \t]*+)(?:\?(?>\s+|#[^\n]*)++)?%b[ \t]*+(?::|#|$)" % _WORD, re.MULTILINE
)
# The first sign of a text in quotes or of a comment has a blank or a bracket before it.
_FLOW_TOKEN = re.compile(
    rb"(?<![^\s{,?])%b\s*+:"
    rb"|(?P<open>[\[{]++)|(?P<close>[\]}]++)"
    rb"|(?<![^\s\[{,:?])(?:\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?)|(?<!\S)#[^\n]*+" % _WORD
)


def looks_like_spec(path: str, limit: int) -> bool:
    """Whether the first `limit` bytes of a file have both keys at their top."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
        if has_both_keys(head):
            return True
        return len(head) == _HEAD and has_both_keys(head + file.read(max(0, limit - _HEAD)))


def has_both_keys(data: bytes) -> bool:
    """Whether `input` and `layers` are keys of the mapping that a text is."""
    data = data.replace(b"\0", b"")  # a file in UTF-16 is found too, and refused with a reason
    if not all(key in data for key in _KEYS):
        return False
    data = _MARK.sub(b"", data)
    for line_end in _BREAKS:
        data = data.replace(line_end, b"\n")
    before = _BEFORE.match(data)
    start = before.end() if before else 0
    keys = _flow_keys if data.startswith(b"{", start) else _block_keys
    missing = set(_KEYS)
    for key in keys(data, start):
        missing.discard(key)
        if not missing:
            return True
    return False


def _block_keys(data: bytes, start: int) -> Iterator[bytes]:
    """The keys on lines that are indented no further than the first one."""
    column = start - (data.rfind(b"\n", 0, start) + 1)
    for found in _BLOCK_KEY.finditer(data):
        if len(found["indent"]) <= column:
            yield found["key"]


def _flow_keys(data: bytes, start: int) -> Iterator[bytes]:
    """The keys inside the first bracket and no other."""
    depth = 0
    for found in islice(_FLOW_TOKEN.finditer(data, start), _MAX_TOKENS):
        if found["key"] and depth <= 1:
            yield found["key"]
        depth += len(found["open"] or b"") - len(found["close"] or b"")
