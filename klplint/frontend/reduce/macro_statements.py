"""Which statements come out of a macro, and which are written in the file."""

from __future__ import annotations

from clang.cindex import Cursor, CursorKind

from klplint.frontend.reduce.source_ranges import is_written_here

# The kinds of statements that steer the control flow, or hold others.
_STEERING = frozenset(
    {
        CursorKind.COMPOUND_STMT,
        CursorKind.IF_STMT,
        CursorKind.FOR_STMT,
        CursorKind.WHILE_STMT,
        CursorKind.DO_STMT,
        CursorKind.SWITCH_STMT,
        CursorKind.CASE_STMT,
        CursorKind.DEFAULT_STMT,
        CursorKind.LABEL_STMT,
        CursorKind.NULL_STMT,
    }
)
_STATEMENTS = _STEERING | {
    CursorKind.BREAK_STMT,
    CursorKind.CONTINUE_STMT,
    CursorKind.RETURN_STMT,
    CursorKind.GOTO_STMT,
    CursorKind.INDIRECT_GOTO_STMT,
    CursorKind.DECL_STMT,
}


def is_whole_macro(cursor: Cursor) -> bool:
    """Whether a statement that steers comes out of a macro with all that is in it.

    It is then one call of that macro. A jump does not count: a `return` in a macro does return.
    """
    if cursor.kind not in _STEERING or is_written_here(cursor.extent.start):
        return False
    return not _holds_written_statement(cursor)


def _holds_written_statement(cursor: Cursor) -> bool:
    """Whether a statement out of a macro holds statements, or calls, written in the file.

    These are the arguments of the macro, and the body of a loop that the macro begins.
    """
    for child in cursor.get_children():
        if child.kind in _STATEMENTS and is_written_here(child.extent.start):
            return True
        if child.kind.is_expression() and child.kind != CursorKind.StmtExpr:
            if child.kind == CursorKind.CALL_EXPR and is_written_here(child.extent.start):
                return True
            continue
        if _holds_written_statement(child):
            return True
    return False
