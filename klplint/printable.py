"""Kernel text made safe to print: it may hold control characters, and bytes of any encoding."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKING = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_PICTURES = 0x2400
_DELETE = 0x7F
_PICTURE_OF_DELETE = "\u2421"


def encodable(text: str) -> str:
    """`text` fit for UTF-8: undecodable bytes (lone surrogates) become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def visible(character: str) -> str:
    """A character as shown: itself, or a picture of it where a terminal would obey it.

    Besides escape sequences this disarms what reorders or hides source text (bidirectional
    controls, zero-width joiners): a reader must see what the compiler sees.
    """
    code = ord(character)
    if character.isprintable():
        return character
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return _PICTURE_OF_DELETE
    if _SURROGATE.match(character):
        return "\ufffd"
    return f"<U+{code:04X}>"


def one_line(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal would obey."""
    joined = _LINE_BREAKING.sub(" ", text)
    return joined if joined.isprintable() else "".join(map(visible, joined))
