"""Which statements come out of a macro, which are written in the file, and which repeat code."""

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

_LOOPS = frozenset({CursorKind.FOR_STMT, CursorKind.WHILE_STMT, CursorKind.DO_STMT})


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


def is_true(cursor: Cursor) -> bool:
    """Whether a loop's condition out of a macro is the constant 1 or `true`."""
    while cursor.kind in (CursorKind.UNEXPOSED_EXPR, CursorKind.PAREN_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            return False
        cursor = children[0]
    return bool(cursor.kind == CursorKind.INTEGER_LITERAL or cursor.spelling == "true")


def repeats_written_code(cursor: Cursor) -> bool:
    """Whether this is a loop out of a macro that repeats code in the macro's arguments.

    `wait_event(queue, condition)` evaluates its condition until it is true.
    """
    if cursor.kind not in _LOOPS or is_written_here(cursor.extent.start):
        return False
    children = list(cursor.get_children())
    is_once = cursor.kind == CursorKind.DO_STMT and (
        children[-1].kind == CursorKind.INTEGER_LITERAL if children else True
    )
    return not is_once and any(map(_holds_written_code, children))


def _holds_written_code(cursor: Cursor) -> bool:
    is_code = cursor.kind in (CursorKind.CALL_EXPR, CursorKind.COMPOUND_STMT)
    if is_code and is_written_here(cursor.extent.start):
        return True
    return any(map(_holds_written_code, cursor.get_children()))
