"""A function's body reduced to the statements and events that flow analysis needs.

Code from a macro's body is one call of that macro. Code in the macro's arguments, and the
statements behind a macro that begins a loop, are reduced as they are written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from clang.cindex import Cursor, CursorKind

from klplint.csource.asm_labels import asm_labels
from klplint.csource.outline import Outline
from klplint.errors import TooDeep
from klplint.facts.statements import (
    Block,
    Case,
    Event,
    Function,
    If,
    Jump,
    JumpKind,
    Label,
    Loop,
    LoopKind,
    Simple,
    Statement,
    Switch,
    events_of,
)
from klplint.frontend.parse import TranslationUnitView
from klplint.frontend.reduce.conditional_statements import Choice, choice_of
from klplint.frontend.reduce.events import EventReader
from klplint.frontend.reduce.macro_statements import is_true, is_whole_macro
from klplint.frontend.reduce.macro_variables import MacroVariables
from klplint.frontend.reduce.never_returning import with_end
from klplint.frontend.reduce.scopes import Scopes
from klplint.frontend.reduce.source_ranges import SourceRanges, is_written_here, with_end_of

_LOOPS: dict[CursorKind, LoopKind] = {
    CursorKind.FOR_STMT: "for",
    CursorKind.WHILE_STMT: "while",
    CursorKind.DO_STMT: "do",
}
_JUMPS: dict[CursorKind, JumpKind] = {
    CursorKind.BREAK_STMT: "break",
    CursorKind.CONTINUE_STMT: "continue",
    CursorKind.RETURN_STMT: "return",
    CursorKind.GOTO_STMT: "goto",
    CursorKind.INDIRECT_GOTO_STMT: "goto",
}
# Statements in statements; an `else if` is in the `if` before it. Kernel code has a tenth of it.
_DEEPEST = 200
# Enough frames of Python for these, with an expression in the innermost one: a RecursionError in a
# callback of libclang would be lost, and with it children of a cursor.
_FRAMES = 3000
_FALSE = re.compile(r"\s*\(*\s*(?:false|0)\s*\)*\s*")
_TRUE = re.compile(r"\s*\(*\s*(?:true|0*[1-9]\w*)\s*\)*\s*")


def reduce_function(
    view: TranslationUnitView,
    outline: Outline,
    cursor: Cursor,
    followed: frozenset[str] = frozenset(),
) -> Function | None:
    """The function that `cursor` defines; None if it has no body in the file. Raises TooDeep.

    Calls of the functions `followed` are events of their own where the body of a macro makes them.
    """
    body = next((c for c in cursor.get_children() if c.kind == CursorKind.COMPOUND_STMT), None)
    if body is None:
        return None
    reducer = _Reducer(view, outline, body, followed)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _FRAMES))
    try:
        block = reducer.block([body])
    finally:
        sys.setrecursionlimit(usual)
    return Function(
        name=cursor.spelling,
        region=SourceRanges(view, outline).region(cursor),
        static=cursor.storage_class.name == "STATIC",
        parameters=tuple(argument.spelling for argument in cursor.get_arguments()),
        variables=tuple(reducer.scopes.variables),
        body=block,
    )


class _Reducer:
    """Reduces the cursors of one function, in the order of evaluation."""

    def __init__(
        self,
        view: TranslationUnitView,
        outline: Outline,
        body: Cursor,
        followed: frozenset[str],
    ) -> None:
        self._ranges = SourceRanges(view, outline)
        self.scopes = Scopes(self._ranges)
        in_macros = MacroVariables(self._ranges, body)
        self._events = EventReader(self._ranges, self.block, self.scopes, in_macros, followed)
        self._depth = 0

    def block(self, cursors: Iterable[Cursor]) -> Block:
        """Statements as a block: that of a compound statement, or one around other statements."""
        members = list(cursors)
        if len(members) == 1 and members[0].kind == CursorKind.COMPOUND_STMT:
            region = self._ranges.region(members[0])
            with self.scopes.within(region):
                inner = [s for child in members[0].get_children() for s in self.statement(child)]
            return Block(tuple(inner), region)
        statements = [s for cursor in members for s in self.statement(cursor)]
        return Block(tuple(statements), self._ranges.region_of_all(members))

    def statement(self, cursor: Cursor) -> list[Statement]:
        """A statement, after the blocks of the statement expressions in it.

        A label and the statement behind it are two statements. Raises TooDeep.
        """
        if self._depth > _DEEPEST:
            raise TooDeep(f"statements nest more than {_DEEPEST} levels deep")
        self._depth += 1
        try:
            return self._statement(cursor)
        finally:
            self._depth -= 1

    def _statement(self, cursor: Cursor) -> list[Statement]:
        kind = cursor.kind
        if is_whole_macro(cursor):
            return with_end(self._simple([cursor]), cursor, self._ranges)
        children = list(cursor.get_children())
        if kind == CursorKind.COMPOUND_STMT:
            return [self.block([cursor])]
        if kind == CursorKind.IF_STMT and len(children) >= 2:
            return self._if(cursor, Choice(children[0], children[1:2], children[2:3]))
        if kind in _LOOPS and children:
            return self._loop(cursor, children)
        if kind == CursorKind.SWITCH_STMT and len(children) >= 2:
            before, condition = self._condition(children[:-1])
            region = self._ranges.region(cursor)
            text = self._header(cursor, "switch") or self._ranges.text(children[0]) or ""
            return [*before, Switch(condition, self.block(children[-1:]), region, text)]
        if kind in (CursorKind.CASE_STMT, CursorKind.DEFAULT_STMT) and children:
            value = "" if len(children) == 1 else self._ranges.text(children[0]) or ""
            case = Case(kind == CursorKind.DEFAULT_STMT, self._ranges.region(cursor), value)
            return [case, *self.statement(children[-1])]
        if kind == CursorKind.LABEL_STMT:
            label = Label(cursor.spelling, self._ranges.region(cursor))
            return [label, *(s for child in children for s in self.statement(child))]
        if kind in _JUMPS:
            return self._jump(cursor, children)
        if choice := choice_of(cursor, self._ranges):
            return self._if(cursor, choice)
        if kind == CursorKind.ASM_STMT:
            return [*self._simple([cursor]), *self._asm_gotos(cursor)]
        return with_end(self._simple([cursor]), cursor, self._ranges)

    def _asm_gotos(self, cursor: Cursor) -> list[Statement]:
        """The jumps that `asm goto` may make, each on a condition without a text."""
        region = self._ranges.region(cursor)
        return [
            If(
                condition=Simple((), region),
                condition_text="",
                then=Block((Jump("goto", None, label, region),), region),
                region=region,
            )
            for label in asm_labels(self._ranges.source.skeleton, self._ranges.start(cursor))
        ]

    def _if(self, cursor: Cursor, choice: Choice) -> list[Statement]:
        """A branch, after the blocks of the statement expressions in its condition."""
        before, condition = self._condition([choice.condition])
        text = self._header(cursor, "if") or self._ranges.text(choice.condition) or ""
        branch = If(
            condition=condition,
            condition_text=text,
            then=self.block(choice.then) if choice.then else Block((), condition.region),
            otherwise=self.block(choice.otherwise) if choice.otherwise else None,
            region=self._ranges.region(cursor),
        )
        return [*before, branch]

    def _header(self, cursor: Cursor, keyword: str) -> str:
        """The text in the parentheses behind a keyword; "" if the keyword comes from a macro.

        The text of the condition's cursor would end with the first macro in it.
        """
        use = self._ranges.use(cursor)
        if use is None or use.name != keyword or use.arguments is None:
            return ""
        return " ".join(self._ranges.source.code[use.end : use.close].split())[1:-1].strip()

    def _loop(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        """A loop, after the call of the macro that makes it, if one does."""
        kind = _LOOPS[cursor.kind]
        body = children[0] if kind == "do" else children[-1]
        controls = children[1:] if kind == "do" else children[:-1]
        # A `for` may declare variables in its header.
        whole = with_end_of(self._ranges.region(cursor), self._ranges.region(body))
        with self.scopes.within(whole):
            if is_written_here(cursor.extent.start):
                return [self._written_loop(cursor, kind, controls, body)]
            return self._macro_loop(cursor, kind, controls, body)

    def _written_loop(
        self, cursor: Cursor, kind: LoopKind, controls: list[Cursor], body: Cursor
    ) -> Loop:
        """A loop that is written out: `controls` are its cursors but for the body."""
        before, condition, after = (
            self._for_header(cursor, controls)
            if kind == "for"
            else (None, self._joined(controls), None)
        )
        inner = self.block([body])
        text = self._ranges.text_of(condition.region) if condition else ""
        return Loop(
            kind=kind,
            before=before,
            condition=condition,
            condition_text=self._header(cursor, "while") or text,
            after=after,
            body=inner,
            endless=condition is None or bool(_TRUE.fullmatch(text)),
            once=kind == "do" and bool(_FALSE.fullmatch(text)),
            region=with_end_of(self._ranges.region(cursor), inner.region),
        )

    def _macro_loop(
        self, cursor: Cursor, kind: LoopKind, controls: list[Cursor], body: Cursor
    ) -> list[Statement]:
        """A loop that a macro makes, with the statements behind the macro as its body.

        The macro's call comes before the loop: what its arguments do, it does not do each turn.
        """
        use = self._ranges.use(cursor)
        call: list[Statement] = []
        if use:
            whole = self._ranges.source.region(use.start, use.close)
            call = [Simple(tuple(self._events.call_once(cursor)), whole)]
        condition = self._joined(controls)
        inner = self.block([body])
        # The 0 of a macro's `do { } while (0)` has no text in this file.
        is_constant = bool(controls) and controls[-1].kind == CursorKind.INTEGER_LITERAL
        loop = Loop(
            kind=kind,
            condition=condition,
            body=inner,
            endless=not controls or (kind == "while" and is_true(controls[-1])),
            once=kind == "do" and is_constant,
            macro=use.name if use else "",
            walks=kind == "for" and len(controls) > 1,
            region=with_end_of(self._ranges.region(cursor), inner.region),
        )
        return [*call, loop]

    def _for_header(
        self, cursor: Cursor, controls: list[Cursor]
    ) -> tuple[Simple | None, Simple | None, Simple | None]:
        """The three parts of a `for (;;)`, each of which may be missing.

        The cursors do not say which part they are, so the semicolons between them do.
        """
        header = self._ranges.use(cursor)
        inside = self._ranges.source.skeleton[header.end : header.close] if header else ""
        semicolons = (
            [header.end + match.start() for match in re.finditer(";", inside)] if header else []
        )
        parts: list[list[Cursor]] = [[], [], []]
        for control in controls:
            before = sum(self._ranges.start(control) > semicolon for semicolon in semicolons)
            parts[min(before, 2)].append(control)
        return self._joined(parts[0]), self._joined(parts[1]), self._joined(parts[2])

    def _condition(self, cursors: list[Cursor]) -> tuple[list[Statement], Simple]:
        """A condition as the statements to place before it, and its events after them."""
        statements = self._simple(cursors)
        last = statements[-1]
        assert isinstance(last, Simple)  # _simple ends with one
        return statements[:-1], last

    def _joined(self, cursors: list[Cursor]) -> Simple | None:
        """Expressions as one simple statement, with the events of statement expressions in it."""
        if not cursors:
            return None
        events = [e for statement in self._simple(cursors) for e in events_of(statement)]
        return Simple(tuple(events), self._ranges.region_of_all(cursors))

    def _jump(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        kind = _JUMPS[cursor.kind]
        region = self._ranges.region(cursor)
        if kind == "goto":
            label = children[0].spelling if cursor.kind == CursorKind.GOTO_STMT and children else ""
            return [Jump("goto", None, label, region)]
        if not children:
            return [Jump(kind, None, "", region)]
        if choice := choice_of(children[0], self._ranges):  # what is done matters, not the value
            return [*self._if(children[0], choice), Jump(kind, None, "", region)]
        before, value = self._condition(children)
        return [*before, Jump(kind, value, "", region)]

    def _simple(self, cursors: list[Cursor]) -> list[Statement]:
        """Straight-line code: simple statements, and a block for each statement expression.

        The last one is a simple statement, if an empty one.
        """
        statements: list[Statement] = []
        events: list[Event] = []
        region = self._ranges.region_of_all(cursors)
        for cursor in cursors:
            for item in self._events.events(cursor):
                if isinstance(item, Block):
                    if events:
                        statements.append(Simple(tuple(events), region))
                        events = []
                    statements.append(item)
                else:
                    events.append(item)
        statements.append(Simple(tuple(events), region))
        return statements
