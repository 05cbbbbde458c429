"""What an expression does when it is evaluated: calls, assignments, addresses taken, in order."""

from __future__ import annotations

import re
from collections.abc import Callable

from clang.cindex import Cursor, CursorKind

from klplint.facts.statements import AddressTaken, Assign, Block, Call, Event, Store
from klplint.frontend.reduce.source_ranges import Writing, is_written_here

_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)


class Evaluator:
    """Turns expressions and declarations into events, operands before operators.

    `block` gives the statements of a statement expression, `declare` hears of each variable.
    A macro's use is told once, however often its expansion mentions an argument.
    """

    def __init__(
        self,
        writing: Writing,
        block: Callable[[list[Cursor]], Block],
        declare: Callable[[Cursor], None],
    ) -> None:
        self._writing = writing
        self._block = block
        self._declare = declare
        self._told: set[int] = set()

    def events(self, cursor: Cursor, conditional: bool = False) -> list[Event | Block]:
        """The events of an expression or declaration, operands before operators."""
        kind, written = cursor.kind, is_written_here(cursor.extent.start)
        if kind in (CursorKind.StmtExpr, CursorKind.COMPOUND_STMT) and written:
            return (
                [self._block([cursor])]
                if kind == CursorKind.COMPOUND_STMT
                else [self._block([child]) for child in cursor.get_children()]
            )
        found: list[Event | Block] = []
        if not written:
            found += self.call_once(cursor)
        children = list(cursor.get_children())
        for place, child in enumerate(children):
            unsure = conditional or (place > 0 and self._evaluates_on_condition(cursor, children))
            found += self.events(child, unsure)
        found += self._own_events(cursor, children, conditional, written)
        return found

    def _evaluates_on_condition(self, cursor: Cursor, children: list[Cursor]) -> bool:
        """Whether the later operands are evaluated only sometimes: `&&`, `||`, `?:`."""
        if cursor.kind == CursorKind.CONDITIONAL_OPERATOR:
            return True
        if cursor.kind != CursorKind.BINARY_OPERATOR or len(children) != 2:
            return False
        between = self._writing.source.skeleton[
            self._writing.end(children[0]) : self._writing.start(children[1])
        ]
        return "&&" in between or "||" in between

    def _own_events(
        self, cursor: Cursor, children: list[Cursor], conditional: bool, written: bool
    ) -> list[Event]:
        kind = cursor.kind
        if kind == CursorKind.CALL_EXPR and written:
            return list(self.call_once(cursor))
        if kind == CursorKind.ASM_STMT:  # may write to whatever variable it names
            return [event for child in children for event in self._write_to(child, None)]
        if kind == CursorKind.VAR_DECL:
            return self._initialisation(cursor, children)
        if kind == CursorKind.BINARY_OPERATOR and len(children) == 2:
            return self._assignment(cursor, children, conditional)
        if kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR and children:
            return self._write_to(children[0], None)
        if kind == CursorKind.UNARY_OPERATOR and children:
            operator = self._writing.source.text[
                self._writing.start(cursor) : self._writing.start(cursor) + 2
            ]
            if operator[:1] == "&" and written:
                name = _variable(children[0])
                return [AddressTaken(name, self._writing.region(children[0]))] if name else []
            if not written and _takes_address(cursor, children[0]):
                name = _variable(children[0])
                return [AddressTaken(name, self._writing.region(children[0]))] if name else []
            behind = self._writing.source.text[
                self._writing.end(children[0]) : self._writing.end(cursor)
            ]
            if "++" in (operator, behind.strip()) or "--" in (operator, behind.strip()):
                return self._write_to(children[0], None)
        return []

    def _initialisation(self, cursor: Cursor, children: list[Cursor]) -> list[Event]:
        self._declare(cursor)
        values = [child for child in children if child.kind.is_expression()]
        if not values:
            return []
        value = self._writing.text(values[-1]) if is_written_here(cursor.location) else None
        return [Assign(cursor.spelling, value, self._writing.region(cursor))]

    def _assignment(self, cursor: Cursor, children: list[Cursor], conditional: bool) -> list[Event]:
        target, value = children
        between = self._writing.source.skeleton[
            self._writing.end(target) : self._writing.start(value)
        ]
        if re.fullmatch(r"[\s()]*=[\s(]*", between):
            return self._write_to(target, None if conditional else self._writing.text(value))
        out_of_macro = self._writing.start(value) <= self._writing.end(
            target
        ) or not is_written_here(value.extent.start)
        return self._write_to(target, None) if out_of_macro and _variable(target) else []

    def _write_to(self, target: Cursor, value: str | None) -> list[Event]:
        name, region = _variable(target), self._writing.region(target)
        if name:
            return [Assign(name, value, region)]
        member = _seen_through(target)
        if member is None or member.kind != CursorKind.MEMBER_REF_EXPR:
            return []
        return [Store(self._writing.text(target) or "", member.spelling, region)]

    def call_once(self, cursor: Cursor) -> list[Call]:
        """The call written where a cursor begins, unless none is, or it was told before."""
        use = self._writing.use(cursor)
        if use is None or use.start in self._told:
            return []
        if use.arguments is None and cursor.kind != CursorKind.CALL_EXPR:
            return []  # a name alone: none that stands for a call
        self._told.add(use.start)
        return [self._writing.call(use)]


def _takes_address(cursor: Cursor, operand: Cursor) -> bool:
    """Whether an operator that a macro brings along is `&`: its type points to its operand's."""
    pointee = cursor.type.get_canonical().get_pointee()
    return bool(pointee.spelling and pointee == operand.type.get_canonical())


def _variable(cursor: Cursor) -> str | None:
    """The plain variable that an expression is, parentheses and implicit casts seen through."""
    bare = _seen_through(cursor)
    if bare is None or bare.kind != CursorKind.DECL_REF_EXPR or bare.referenced is None:
        return None
    return str(bare.spelling) if bare.referenced.kind in _VARIABLES else None


def _seen_through(cursor: Cursor) -> Cursor | None:
    """The expression within parentheses and implicit casts; None where there is more than one."""
    while cursor.kind in (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            return None
        cursor = children[0]
    return cursor
