"""Expressions that are statements, and choose what to do: `a ? b() : c();`, `a && b();`."""

from __future__ import annotations

import re
from typing import NamedTuple

from clang.cindex import Cursor, CursorKind

from klplint.frontend.reduce.source_ranges import SourceRanges, is_written_here

_WRAPPERS = (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR, CursorKind.CSTYLE_CAST_EXPR)


class Choice(NamedTuple):
    """A condition, and the expressions that are evaluated if it is true, or if it is false."""

    condition: Cursor
    then: list[Cursor]
    otherwise: list[Cursor]


def choice_of(cursor: Cursor, ranges: SourceRanges) -> Choice | None:
    """The choice that an expression is, casts and parentheses seen through; None if it is none."""
    children = list(cursor.get_children())
    while cursor.kind in _WRAPPERS and children:
        cursor = children[-1]
        children = list(cursor.get_children())
    if not is_written_here(cursor.extent.start):
        return None
    if cursor.kind == CursorKind.CONDITIONAL_OPERATOR and len(children) == 3:
        return Choice(children[0], children[1:2], children[2:])
    if cursor.kind == CursorKind.BINARY_OPERATOR and len(children) == 2:
        operator = re.sub(r"[\s()]", "", ranges.between(children[0], children[1]))
        if operator == "&&":
            return Choice(children[0], children[1:], [])
        if operator == "||":
            return Choice(children[0], [], children[1:])
    return None
