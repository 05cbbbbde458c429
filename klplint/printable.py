"""Text of a kernel made safe to print: it may hold control characters and undecodable bytes."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKING = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
# Longer expressions and names are cut in a message. Those that people write are shorter.
_LONGEST_PART = 160
_LONGEST_MESSAGE = 1200
_PART = re.compile(rf"`[^`]{{{_LONGEST_PART + 1},}}`|\w{{{_LONGEST_PART + 1},}}")
_ELLIPSIS = " [...] "
_PICTURES = 0x2400
_DELETE = 0x7F
_PICTURE_OF_DELETE = "\u2421"


def encodable(text: str) -> str:
    """`text` with U+FFFD for undecodable bytes (lone surrogates), which UTF-8 cannot encode."""
    return _SURROGATE.sub("\ufffd", text)


def visible(character: str) -> str:
    """The character itself, or a picture of one that a terminal would interpret.

    This disarms escape sequences, and also what reorders or hides source text (bidirectional
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
    """`text` on one line, with nothing in it that a terminal would interpret."""
    joined = _LINE_BREAKING.sub(" ", text)
    return joined if joined.isprintable() else "".join(map(visible, joined))


def readable(message: str) -> str:
    """A message, of which the middle of very long expressions and names is left out.

    So somebody who reads it still sees how they begin and end.
    """
    if len(message) <= _LONGEST_PART:
        return message
    cut = _PART.sub(lambda match: _without_middle(match[0], _LONGEST_PART), message)
    return _without_middle(cut, _LONGEST_MESSAGE)


def _without_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = (most - len(_ELLIPSIS)) // 2
    return f"{text[:half]}{_ELLIPSIS}{text[-half:]}"
