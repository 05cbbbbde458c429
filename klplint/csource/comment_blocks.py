"""Comments as people read them: several on successive lines may be one text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from klplint.csource.comment_text import has_mark

if TYPE_CHECKING:
    from klplint.csource.lexer import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
# In a macro, the line is continued.
_LINE_BETWEEN = re.compile(r"[ \t]*+(?:\\[ \t]*+)?(?:\r\n|\n|\r)[ \t]*+")
_SENTENCE_ENDS = (".", "!", "?")
_FRAME = "/* \t"
_TAB = 8
# The most of a line before a comment that is looked at: lines may be long, and a file may be one.
_LONGEST_BEFORE = 1000


def comment_blocks(text: str, comments: Iterable[Span]) -> list[Span]:
    """The comments of a text, in order, with those on successive lines that are one as one.

    Each but the first is alone on its line, in the same column. `//` comments are one then, and
    `/* */` comments of a line each if the sentence goes on: `/* pairs with */`, `/* foo() */`.
    """
    blocks: list[Span] = []
    last: Span | None = None
    for span in comments:
        if last and _is_continued(text, blocks[-1], last, span):
            blocks[-1] = replace(blocks[-1], end=span.end)
        else:
            blocks.append(span)
        last = span
    return blocks


def _is_continued(text: str, block: Span, last: Span, span: Span) -> bool:
    """Whether a comment continues the block that ends with the comment `last`."""
    if not _LINE_BETWEEN.fullmatch(text, last.end, span.start):
        return False
    first, second = text[last.start : last.end], text[span.start : span.end]
    if first[:2] != second[:2]:
        return False
    if first[:2] == "/*" and not _goes_on(first, second):
        return False
    if has_mark(first) or has_mark(second):
        return False  # a suppression is a comment by itself
    return _column(text, block.start) == _column(text, span.start)


def _goes_on(first: str, second: str) -> bool:
    """Whether a sentence that begins in a comment of one line goes on in another."""
    if _LINE_END.search(first) or _LINE_END.search(second):
        return False
    said, more = first.strip(_FRAME), second.strip(_FRAME)
    if not said or said.endswith(_SENTENCE_ENDS):
        return False
    return more[:1].islower() or more.startswith("_")


def _column(text: str, offset: int) -> int:
    """The column of an offset as an editor shows it."""
    start = max(0, offset - _LONGEST_BEFORE)
    for end in "\n\r":
        start = max(start, text.rfind(end, start, offset) + 1)
    return len(text[start:offset].expandtabs(_TAB))
