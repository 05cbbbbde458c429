"""Texts with a barrier moved across the statement of an access."""

from __future__ import annotations

import re

from klplint.facts.barrier_contexts import Context
from klplint.facts.partners import ObjectUse

_ALONE = re.compile(r"\s*\w+\(\);\s*(?:/\*.*\*/\s*)?")
_ENDS = re.compile(r"(?:[;{}:]|\*/)\s*$")
_IF = re.compile(r"\s*if\b")
_KEYWORD = re.compile(r"\s*(?:case|default|\}|else|while|for|return|if)\b")


def moved_up(lines: list[str], context: Context, first: ObjectUse) -> str:
    """The text with the barrier right before the statement of the first access."""
    at, to = context.line - 1, first.line - 1
    if to >= at or not _ALONE.fullmatch(lines[at]):
        return ""
    begin = _begin(lines, to)
    is_if = _IF.match(lines[begin]) is not None
    if _KEYWORD.match(lines[begin]) and not is_if:
        return ""
    if _is_arm(lines, begin):
        return ""
    return "\n".join([*lines[:begin], lines[at], *lines[begin:at], *lines[at + 1 :]])


def moved_down(lines: list[str], context: Context, second: ObjectUse) -> str:
    """The text with the barrier right behind the statement of the second access.

    If that is the condition of a block, it is at the begin of the block.
    """
    at, to = context.line - 1, second.line - 1
    if to <= at or not _ALONE.fullmatch(lines[at]):
        return ""
    begin, end = _begin(lines, to), to
    while not _ENDS.search(lines[end]):
        end += 1
    is_block = _IF.match(lines[begin]) is not None and lines[end].rstrip().endswith("{")
    is_plain = not _KEYWORD.match(lines[begin]) and lines[end].rstrip().endswith(";")
    if begin <= at or not (is_block or (is_plain and not _is_arm(lines, begin))):
        return ""
    return "\n".join([*lines[:at], *lines[at + 1 : end + 1], lines[at], *lines[end + 1 :]])


def _begin(lines: list[str], line: int) -> int:
    """The first line of the statement that a line is a part of."""
    begin = line
    while begin and not (not lines[begin - 1].strip() or _ENDS.search(lines[begin - 1])):
        begin -= 1
    return begin


def _is_arm(lines: list[str], begin: int) -> bool:
    """Whether a statement is all that a condition without braces has."""
    before = [line for line in lines[:begin] if line.strip()]
    return not before or not _ENDS.search(before[-1])
