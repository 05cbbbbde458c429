"""Calls that never return: what is behind `panic()` and `BUG()` is not executed."""

from __future__ import annotations

from clang.cindex import Cursor, CursorKind

from klplint.facts.statements import Jump, Statement
from klplint.frontend.reduce.source_ranges import SourceRanges

# What always executes the last expression in it: casts, statement expressions, `do { } while (0)`.
_WRAPPERS = frozenset(
    {
        CursorKind.PAREN_EXPR,
        CursorKind.UNEXPOSED_EXPR,
        CursorKind.CSTYLE_CAST_EXPR,
        CursorKind.StmtExpr,
        CursorKind.COMPOUND_STMT,
        CursorKind.DO_STMT,
    }
)
_ATTRIBUTE = "noreturn"


def with_end(statements: list[Statement], cursor: Cursor, ranges: SourceRanges) -> list[Statement]:
    """The statements that a cursor is, with a jump behind them if control does not get further."""
    if not _never_returns(cursor):
        return statements
    return [*statements, Jump("end", None, "", ranges.region(cursor))]


def _never_returns(cursor: Cursor) -> bool:
    """Whether a statement always calls a function that is declared not to return."""
    if cursor.kind == CursorKind.CALL_EXPR:
        callee = cursor.referenced
        return callee is not None and _ATTRIBUTE in callee.type.spelling
    return cursor.kind in _WRAPPERS and any(map(_never_returns, cursor.get_children()))
