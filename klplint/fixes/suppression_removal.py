"""Suppressions that suppress nothing, taken out of the text of a file."""

from __future__ import annotations

import re

from klplint.csource.lexer import Source
from klplint.csource.text_edits import TextEdit
from klplint.findings.fix import SuppressionRemoval

_CODES = re.compile(r"\[([^\]]*)\]")
_CODE = re.compile(r"[^\s,]+")
_BLANK = " \t\\"


def removal(source: Source, change: SuppressionRemoval) -> TextEdit | None:
    """The edit that removes codes from a suppression, or all of its comment."""
    comment = source.span(change.region)
    start, end = comment.start, comment.end
    codes = _CODES.search(source.text, start, end)
    if codes is None:
        return None
    listed = _CODE.findall(codes[1])
    kept = [code for code in listed if code not in change.codes]
    if len(kept) == len(listed):
        return None
    if kept:
        return TextEdit(codes.start(1), codes.end(1), ", ".join(kept))
    return _whole(source, start, end)


def _whole(source: Source, start: int, end: int) -> TextEdit:
    """The edit that removes a comment: with its lines if nothing else is on them."""
    first, last = source.position(start)[0], source.position(end)[0]
    line_start, next_line = source.offset(first, 1), source.offset(last + 1, 1)
    before, after = source.text[line_start:start], source.text[end:next_line]
    if not before.strip(_BLANK) and not after.strip(f"{_BLANK}\r\n"):
        return TextEdit(line_start, next_line, "")
    if not after.strip("\r\n \t"):
        return TextEdit(start - (len(before) - len(before.rstrip(" \t"))), end, "")
    if before and not before[-1].isspace():
        return TextEdit(start, end, "" if after[0].isspace() else " ")  # the tokens stay apart
    return TextEdit(start, end + len(after) - len(after.lstrip(" \t")), "")
