"""What the operand of an operator is: a variable, a member, or what `*&` leads back to."""

from __future__ import annotations

from clang.cindex import Cursor, CursorKind, TypeKind

from klplint.frontend.reduce.macro_variables import dereferences

_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)


def takes_address_of(cursor: Cursor, operand: Cursor) -> bool:
    """Whether an operator out of a macro is `&`: its type then points to its operand's."""
    pointee = cursor.type.get_canonical().get_pointee()
    return bool(pointee.spelling and pointee == operand.type.get_canonical())


def addressed(target: Cursor) -> Cursor | None:
    """The `x` of `*&x`, a variable or a part of one; None for another expression.

    Its address may be cast, as in `WRITE_ONCE(s.x, 1)`. For `WRITE_ONCE(p->x, 1)`, the rules read
    the call instead.
    """
    bare = without_parentheses(target)
    if bare is None or bare.kind != CursorKind.UNARY_OPERATOR or not dereferences(bare):
        return None
    address = without_parentheses(next(bare.get_children(), bare))
    while address is not None and address.kind == CursorKind.CSTYLE_CAST_EXPR:
        operands = list(address.get_children())
        address = without_parentheses(operands[-1]) if operands else None
    if address is None or address.kind != CursorKind.UNARY_OPERATOR:
        return None
    operand = next(address.get_children(), None)
    if operand is None or not takes_address_of(address, operand):
        return None
    return operand if variable_name(operand) or is_in_variable(operand) else None


def is_in_variable(cursor: Cursor) -> bool:
    """Whether an expression is a member of a variable, and not of what a pointer points to."""
    bare = without_parentheses(cursor)
    while bare is not None and bare.kind == CursorKind.MEMBER_REF_EXPR:
        whole = next(bare.get_children(), None)
        if whole is None or whole.type.get_canonical().kind == TypeKind.POINTER:
            return False
        if variable_name(whole):
            return True
        bare = without_parentheses(whole)
    return False


def variable_name(cursor: Cursor) -> str | None:
    """The plain variable that an expression is, but for parentheses and implicit casts."""
    bare = without_parentheses(cursor)
    if bare is None or bare.kind != CursorKind.DECL_REF_EXPR or bare.referenced is None:
        return None
    return str(bare.spelling) if bare.referenced.kind in _VARIABLES else None


def without_parentheses(cursor: Cursor) -> Cursor | None:
    """The expression within parentheses and implicit casts; None where there is more than one."""
    while cursor.kind in (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            return None
        cursor = children[0]
    return cursor
