"""Where the comment on a barrier goes: the line of its statement, and what surrounds it."""

from __future__ import annotations

import re

from klplint.csource.brackets import outward
from klplint.csource.lexer import Source

# What a line of a statement ends with, if the next one begins another statement.
_ENDS_STATEMENT = (";", "{", "}", ":", ")")
_KEYWORD_BEFORE = re.compile(r"\b(?:else|do)\Z")
_LABELS = re.compile(r"(?:\s*(?:case\b[^:;{}]*|default|\w+)\s*:(?!:)[ \t]*\r?\n)+")
_INDENT = re.compile(r"[ \t]*")


def line_for_comment(source: Source, offset: int) -> int | None:
    """The line above which a comment on the code at `offset` goes.

    None where no line is right: in the middle of a directive, behind the brace of another block.
    """
    directive = source.directive_at(offset)
    line = source.position(offset)[0]
    if directive is not None:
        is_first = line == source.position(directive.start)[0]
        return None if is_first or not begins_line(source, offset) else line
    if not (begins_line(source, offset) and _is_statement_start(source, offset)):
        start = _statement_start(source, offset)
        if "#" in source.skeleton[start:offset]:  # a directive in the middle of the statement
            return None
        line = source.position(start)[0]
    if _is_within_token(source, source.offset(line, 1)):
        return None
    first = source.statements[source.offset(line, 1) : source.offset(line + 1, 1)].lstrip()[:1]
    return None if first in ("}", ")", "") else line


def _is_within_token(source: Source, offset: int) -> bool:
    """Whether a comment or a string began before `offset` and goes on there."""
    spans = (source.comment_at(offset), source.string_at(offset))
    return any(span is not None and span.start < offset for span in spans)


def begins_line(source: Source, offset: int) -> bool:
    """Whether only white space is before `offset` on its line."""
    line_start = source.offset(source.position(offset)[0], 1)
    return not source.text[line_start:offset].strip()


def indent_of(source: Source, line: int) -> str:
    """The white space that a line begins with."""
    match = _INDENT.match(source.text, source.offset(line, 1))
    return match[0] if match else ""


def line_end(source: Source, line: int) -> str:
    """What ends a line; a line feed for a last one without an end."""
    text = source.text[source.offset(line, 1) : source.offset(line + 1, 1)]
    return text[len(text.rstrip("\r\n")) :] or "\n"


def _is_statement_start(source: Source, offset: int) -> bool:
    """Whether the code before `offset` ends a statement, or what one begins with."""
    before = source.statements[:offset].rstrip()
    return before.endswith(_ENDS_STATEMENT) or bool(_KEYWORD_BEFORE.search(before[-8:]))


def _statement_start(source: Source, offset: int) -> int:
    """Where the statement begins that holds the code at `offset`, behind its labels."""
    text, start = source.statements, 0
    for place in outward(text, offset):
        if text[place] in ";{}":
            start = place + 1
            break
    labels = _LABELS.match(text, start, offset)
    start = labels.end() if labels else start
    return start + len(text[start:offset]) - len(text[start:offset].lstrip())
