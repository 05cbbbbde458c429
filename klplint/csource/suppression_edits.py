"""Suppression comments added to the text of a file: nothing else in the text changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from klplint.csource.comment_layout import comment_lines, continued
from klplint.csource.comment_text import MARK
from klplint.csource.lexer import Source
from klplint.csource.suppressions import find_suppressions
from klplint.csource.text_edits import same_code

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_BYTE_ORDER_MARK = "\ufeff"
_INDENT = re.compile(rf"({_BYTE_ORDER_MARK}?)([ \t]*)")
_END = re.compile(r"[\r\n]*\Z")
_CONTINUED = re.compile(r"\\[ \t]*[\r\n]*\Z")
_WIDTH = 100
"""The columns that the kernel's style allows."""

Wanted = Mapping[int, AbstractSet[str]]
"""The codes to suppress, by line."""


class Edited(msgspec.Struct, frozen=True):
    """A text with suppressions added."""

    text: str
    impossible: tuple[int, ...] = ()
    """The lines at which no comment can be added, such as lines within a literal."""


def add_suppressions(text: str, wanted: Wanted, reason: str) -> Edited:
    """A text with a comment above each line in `wanted`.

    Where a comment would not suppress what it should, or would change the code, none is added.
    """
    impossible: set[int] = set()
    while True:
        kept = {line: codes for line, codes in wanted.items() if line not in impossible}
        edited, moved = _inserted(text, kept, reason)
        failed = _failing(edited, kept, moved)
        if not failed and not same_code(text, edited):
            failed = {*kept}
        if not failed:
            return Edited(edited, tuple(sorted(impossible)))
        impossible |= failed


def _inserted(text: str, wanted: Wanted, reason: str) -> tuple[str, dict[int, int]]:
    """The text with comments, and where each line of `wanted` is then."""
    lines = _LINES.findall(text)
    parts: list[str] = []
    moved: dict[int, int] = {}
    added = 0
    for number, line in enumerate(lines, 1):
        if number in wanted:
            before = lines[number - 2] if number > 1 else ""
            comment = _comment(sorted(wanted[number]), reason, line, _end_of(line, lines))
            if _CONTINUED.search(before):
                comment = [continued(each) for each in comment]
            mark = _INDENT.match(line)
            if mark and mark[1]:  # the byte order mark stays the first character
                comment[0] = mark[1] + comment[0]
            parts += comment
            added += len(comment)
            moved[number] = number + added
            parts.append(line.removeprefix(mark[1]) if mark else line)
        else:
            parts.append(line)
    return "".join(parts), moved


def _end_of(line: str, lines: list[str]) -> str:
    """The end of a line; that of the first line for a last one without an end."""
    for candidate in (line, lines[0]):
        match = _END.search(candidate)
        if match and match[0]:
            return match[0]
    return "\n"


def _comment(codes: list[str], reason: str, line: str, end: str) -> list[str]:
    """The lines of a comment, indented like `line`: one, or several for a long reason."""
    match = _INDENT.match(line)
    indent = match[2] if match else ""
    return comment_lines(f"{MARK}: ignore[{', '.join(codes)}] {reason}", indent, end, _WIDTH)


def _failing(text: str, wanted: Wanted, moved: Mapping[int, int]) -> set[int]:
    """The lines of `wanted` of which a code is not suppressed in the text with the comments."""
    suppressions = find_suppressions(_source(text))
    return {
        line
        for line, codes in wanted.items()
        if not all(any(s.covers(code, moved.get(line, 0)) for s in suppressions) for code in codes)
    }


def _source(text: str) -> Source:
    """A text as klplint reads it: without a byte order mark."""
    return Source(text.removeprefix(_BYTE_ORDER_MARK))
