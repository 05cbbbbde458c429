"""What an expression does when it is evaluated: calls, assignments, addresses taken, in order."""

from __future__ import annotations

import re
from collections.abc import Callable

from clang.cindex import Cursor, CursorKind

from klplint.csource.brackets import top_level_parts
from klplint.errors import TooDeep
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Block,
    Call,
    Event,
    Loop,
    MacroCall,
    Simple,
    Store,
)
from klplint.frontend.reduce.expressions import (
    called_in_parentheses,
    evaluated_children,
    is_initialiser,
    union_variable,
)
from klplint.frontend.reduce.initialisers import initialised_members
from klplint.frontend.reduce.macro_statements import repeats_written_code
from klplint.frontend.reduce.macro_variables import MacroVariables, assigns, is_step
from klplint.frontend.reduce.operands import (
    addressed,
    is_in_variable,
    takes_address_of,
    variable_name,
    without_parentheses,
)
from klplint.frontend.reduce.scopes import Scopes
from klplint.frontend.reduce.source_ranges import SourceRanges, is_written_here

# `a + b + c` nests two levels deep; kernel code has a tenth as many.
_DEEPEST = 250
# A binary operator between its operands, but no assignment.
_OTHER_OPERATOR = re.compile(r"[\s)]*(?:[=!]=|[<>]=?|<<|>>|&&?|\|\|?|[-+*/%^])[\s(]*")
# A name that may as well stand without them, as in `(s).task`.
_IN_PARENTHESES = re.compile(r"(?<![\w)\]])\(\s*(\w+)\s*\)(?=\s*(?:\.|->))")
_WHOLE = (CursorKind.DECL_REF_EXPR, CursorKind.MEMBER_REF_EXPR, CursorKind.CALL_EXPR)


class EventReader:
    """Reads the events of expressions and declarations, for the reduction of one function.

    The use of a macro is one call, however often its expansion mentions an argument. The calls
    that its body makes are events only if they are calls of the functions that are `followed`.
    """

    def __init__(
        self,
        ranges: SourceRanges,
        block: Callable[[list[Cursor]], Block],
        scopes: Scopes,
        macro_variables: MacroVariables,
        followed: frozenset[str],
    ) -> None:
        """`block` reduces the statements of a statement expression."""
        self._ranges = ranges
        self._block = block
        self._scopes = scopes
        self._macro_variables = macro_variables
        self._followed = followed
        self._called: set[int] = set()

    def events(
        self, cursor: Cursor, conditional: bool = False, depth: int = 0
    ) -> list[Event | Block]:
        """The events of an expression or declaration, operands before operators.

        A statement expression is a block among them. `conditional` says that the expression is
        evaluated only sometimes, as the right side of `&&` is: the values that it assigns count
        as unknown then.
        """
        if depth > _DEEPEST:
            raise TooDeep(f"an expression nests more than {_DEEPEST} levels deep")
        kind, written = cursor.kind, is_written_here(cursor.extent.start)
        if kind == CursorKind.COMPOUND_STMT and written:
            return [self._block([cursor])]
        if kind == CursorKind.StmtExpr and written:
            return [self._block([child]) for child in cursor.get_children()]
        if kind == CursorKind.CXX_UNARY_EXPR and written:
            return []  # sizeof evaluates nothing
        events: list[Event | Block] = []
        if not written:
            events += self.call_once(cursor)
            if repeats_written_code(cursor):
                return [*events, *self._repeated(cursor, depth)]
        if kind == CursorKind.COMPOUND_STMT:
            with self._scopes.within(self._ranges.region(cursor)):
                return [*events, *self._in_order(cursor, conditional, depth)]
        return [*events, *self._in_order(cursor, conditional, depth)]

    def _in_order(self, cursor: Cursor, conditional: bool, depth: int) -> list[Event | Block]:
        """The events of the parts of an expression or declaration, and then its own."""
        events: list[Event | Block] = []
        children = evaluated_children(cursor, self._ranges)
        for place, child in enumerate(children):
            unsure = conditional or (place > 0 and self._evaluates_on_condition(cursor, children))
            events += self.events(child, unsure, depth + 1)
        events += self._of_operator(cursor, children, conditional)
        return events

    def _repeated(self, cursor: Cursor, depth: int) -> list[Event | Block]:
        """The loop that a macro makes around code in its arguments, in a block."""
        inner = [e for child in cursor.get_children() for e in self.events(child, True, depth + 1)]
        use = self._ranges.use(cursor)
        if use is None:
            return inner
        region = self._ranges.source.region(use.start, use.close)
        events = tuple(event for event in inner if not isinstance(event, Block))
        blocks = (event for event in inner if isinstance(event, Block))
        body = Block((Simple(events, region), *blocks), region)
        loop = Loop(kind="while", body=body, macro=use.name, walks=True, region=region)
        return [Block((loop,), region)]

    def _evaluates_on_condition(self, cursor: Cursor, children: list[Cursor]) -> bool:
        """Whether the later operands are evaluated only sometimes: `&&`, `||`, `?:`."""
        if cursor.kind == CursorKind.CONDITIONAL_OPERATOR:
            return True
        if cursor.kind != CursorKind.BINARY_OPERATOR or len(children) != 2:
            return False
        between = self._ranges.between(children[0], children[1])
        return "&&" in between or "||" in between

    def _of_operator(
        self, cursor: Cursor, children: list[Cursor], conditional: bool
    ) -> list[Event]:
        """What an expression does itself, once its operands are evaluated."""
        kind = cursor.kind
        if kind == CursorKind.CALL_EXPR:
            is_written = is_written_here(cursor.extent.start)
            return [*(self.call_once(cursor) if is_written else ()), *self._in_macro(cursor)]
        if kind == CursorKind.ASM_STMT:  # may write to whatever variable it names
            return [event for child in children for event in self._write_to(child, None)]
        if kind == CursorKind.VAR_DECL:
            return self._initialisation(cursor, children)
        if kind == CursorKind.BINARY_OPERATOR and len(children) == 2:
            return self._assignment(cursor, children, conditional)
        if kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR and children:
            return self._update(children, conditional)
        if kind == CursorKind.UNARY_OPERATOR and children:
            return self._of_unary_operator(cursor, children[0])
        return []

    def _in_macro(self, call: Cursor) -> list[Event]:
        """The call of a function by the body of a macro, if it is one."""
        use, name = self._ranges.use(call), call.spelling
        if use is None or name not in self._followed or use.name == name:
            return []
        return [MacroCall(name, self._ranges.call(use).region)]

    def _of_unary_operator(self, cursor: Cursor, operand: Cursor) -> list[Event]:
        """An address taken, or a value written by `++` and `--`."""
        start, end, text = self._ranges.start, self._ranges.end, self._ranges.source.text
        operator = text[start(cursor) : start(cursor) + 2]
        if is_written_here(cursor.extent.start):
            takes_address = operator[:1] == "&"
        else:
            takes_address = takes_address_of(cursor, operand)
        if takes_address:
            name = variable_name(operand)
            if not name and operator[:1] == "&" and is_in_variable(operand):
                return self._write_to(operand, None)  # by who gets the address
            return [AddressTaken(name, self._ranges.region(operand))] if name else []
        behind = text[end(operand) : end(cursor)].strip()
        steps = {operator, behind} & {"++", "--"}
        return self._write_to(operand, None) if steps or is_step(cursor) else []

    def _initialisation(self, cursor: Cursor, children: list[Cursor]) -> list[Event]:
        self._scopes.declare(cursor)
        region = self._ranges.region(cursor)
        initialised = self._macro_variables.initialised(cursor)
        if initialised:
            value, text = initialised
        else:
            values = [child for child in children if is_initialiser(child, cursor, self._ranges)]
            if not values:
                return []
            value = values[-1]
            text = self._ranges.text(value) if is_written_here(cursor.location) else None
        assigned = Assign(cursor.spelling, text, region)
        return [assigned, *self._stored_in(cursor.spelling, value, region)]

    def _stored_in(self, variable: str, value: Cursor, region: Region) -> list[Event]:
        """What a structure's initialiser stores in the members of a variable."""
        return [
            Store(".".join((variable, *path)), path[-1], region, self._ranges.text(inner))
            for path, inner in initialised_members(value)
        ]

    def _assignment(self, cursor: Cursor, children: list[Cursor], conditional: bool) -> list[Event]:
        """The assignment that a binary operator is, if it is one.

        libclang does not name the operator: the text between the operands does. Where a macro
        brings the operator along, there is no such text.
        """
        target, value = children
        between = self._ranges.between(target, value)
        if re.fullmatch(r"[\s()]*=[\s(]*", between):
            if conditional:
                return self._write_to(target, None)
            name, written = variable_name(target), self._write_to(target, self._ranges.text(value))
            inner = self._stored_in(name, value, self._ranges.region(target)) if name else []
            return [*written, *inner]
        if _OTHER_OPERATOR.fullmatch(between):
            return []
        stored = without_parentheses(addressed(target) or target)
        is_named = stored and (variable_name(stored) or is_written_here(stored.extent.start))
        if not (is_named and assigns(cursor)):
            return []
        return self._write_to(target, None if conditional else self._argument(value))

    def _argument(self, value: Cursor) -> str | None:
        """The text of a value that a macro's argument is; None if the macro makes another of it."""
        bare = without_parentheses(value)
        if bare is None or bare.kind not in _WHOLE or not is_written_here(bare.extent.end):
            return None
        text = self._ranges.text(bare) if is_written_here(bare.extent.start) else None
        return text if text and len(top_level_parts(text)) == 1 else None

    def _update(self, children: list[Cursor], conditional: bool) -> list[Event]:
        """What `|=` and `&=` store, as if written out; that of other operators is unknown."""
        target, value = children[0], children[-1]
        operator = self._ranges.between(target, value).strip(" \t\r\n(")
        operands = [self._ranges.text(operand) for operand in (target, value)]
        if conditional or operator not in ("|=", "&=") or None in operands:
            return self._write_to(target, None)
        return self._write_to(target, f"{operands[0]} {operator[0]} ({operands[1]})")

    def _write_to(self, target: Cursor, value: str | None) -> list[Event]:
        """A value stored in a variable or a member; other targets are not recorded."""
        region = self._ranges.region(target)
        target = addressed(target) or target
        if name := variable_name(target):
            return [Assign(name, value, region)]
        member = without_parentheses(target)
        if member is None or member.kind != CursorKind.MEMBER_REF_EXPR:
            return []
        union = union_variable(member)
        overwritten = [Assign(union, None, region)] if union else []
        text = _IN_PARENTHESES.sub(r"\1", self._ranges.text(member) or "")
        return [*overwritten, Store(text, member.spelling, region, value)]

    def call_once(self, cursor: Cursor) -> list[Call]:
        """The call written where a cursor begins; empty if there is none, or it was read before."""
        use = self._ranges.use(cursor)
        if use is None:
            call = called_in_parentheses(cursor, self._ranges)
            return [] if call is None else [call]
        if use.start in self._called:
            return []
        if use.arguments is None and cursor.kind != CursorKind.CALL_EXPR:
            return []  # only a name
        self._called.add(use.start)
        return [self._ranges.call(use)]
