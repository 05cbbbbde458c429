"""What single expressions mean: a callee in parentheses, an initialiser, a member of a union."""

from __future__ import annotations

from clang.cindex import Cursor, CursorKind, TypeKind

from klplint.facts.statements import Call
from klplint.frontend.reduce.source_ranges import SourceRanges, is_written_here

_TRANSPARENT = (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR)
_AROUND_CALLEE = (*_TRANSPARENT, CursorKind.UNARY_OPERATOR)


def called_in_parentheses(cursor: Cursor, ranges: SourceRanges) -> Call | None:
    """The call that `(schedule)()` or `(*schedule)()` is; None for other expressions."""
    if cursor.kind != CursorKind.CALL_EXPR or not is_written_here(cursor.extent.start):
        return None
    callee = next(cursor.get_children(), None)
    while callee is not None and callee.kind in _AROUND_CALLEE:
        callee = next(callee.get_children(), None)
    if callee is None or callee.kind != CursorKind.DECL_REF_EXPR:
        return None
    use, meant = ranges.use(callee), callee.referenced
    if use is None or meant is None or meant.kind != CursorKind.FUNCTION_DECL:
        return None
    arguments = tuple(ranges.text(argument) or "" for argument in cursor.get_arguments())
    return Call(callee.spelling, arguments, ranges.source.region(use.start, use.end))


def evaluated_children(cursor: Cursor, ranges: SourceRanges) -> list[Cursor]:
    """The children of a cursor without the operand of `typeof` in a declaration."""
    children = list(cursor.get_children())
    if cursor.kind != CursorKind.VAR_DECL or not is_written_here(cursor.location):
        return children
    name = ranges.name(cursor)
    return [c for c in children if not c.kind.is_expression() or ranges.start(c) > name]


def is_initialiser(value: Cursor, variable: Cursor, ranges: SourceRanges) -> bool:
    """Whether an expression in a declaration is what the variable is initialised with.

    The others are operands of `typeof`, and the lengths of arrays.
    """
    if not value.kind.is_expression():
        return False
    if not is_written_here(variable.location):
        return True
    return "=" in ranges.source.skeleton[ranges.name(variable) : ranges.start(value)]


def union_variable(member: Cursor) -> str | None:
    """The variable of which a member is in a union, so that it shares its place with others.

    None if there is no union, or if the member is behind a pointer.
    """
    is_shared = False
    while member.kind in (CursorKind.MEMBER_REF_EXPR, *_TRANSPARENT):
        field, inner = member.referenced, next(member.get_children(), None)
        if inner is None or inner.type.get_canonical().kind == TypeKind.POINTER:
            return None
        if member.kind == CursorKind.MEMBER_REF_EXPR and field is not None:
            owner = field.semantic_parent
            is_shared |= owner is not None and owner.kind == CursorKind.UNION_DECL
        member = inner
    is_variable = is_shared and member.kind == CursorKind.DECL_REF_EXPR
    return str(member.spelling) if is_variable else None
