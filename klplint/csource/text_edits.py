"""Edits of a text, by offsets, and whether edits left the code as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from klplint.csource.lexer import Source

_NOT_CODE = re.compile(r"[\s\\]+")
_BYTE_ORDER_MARK = "\ufeff"


class TextEdit(NamedTuple):
    """Text in place of what is between two offsets."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with edits, of which no two overlap; insertions at one place keep their order."""
    pieces, last = list[str](), 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        pieces += (text[last : edit.start], edit.text)
        last = edit.end
    return "".join([*pieces, text[last:]])


def same_code(before: str, after: str) -> bool:
    """Whether two texts differ in nothing but comments, white space and continued lines.

    White space that separates two tokens has to stay: without it they may be one.
    """
    return _code_of(before) == _code_of(after)


def _code_of(text: str) -> str:
    return _NOT_CODE.sub(" ", Source(text.removeprefix(_BYTE_ORDER_MARK)).code).strip()
