"""A function's body reduced to the statements and events that flow analysis asks for.

Code that a macro brings along is taken as one call of that macro; what its arguments hold, and
the statements that follow a macro that opens a loop, are seen as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clang.cindex import Cursor, CursorKind

from klplint.csource.outline import Outline
from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Case,
    Event,
    Function,
    If,
    Jump,
    JumpKind,
    Label,
    Local,
    Loop,
    LoopKind,
    Simple,
    Statement,
    Switch,
    events_of,
)
from klplint.frontend.parse import TranslationUnitView
from klplint.frontend.reduce.events import Evaluator
from klplint.frontend.reduce.source_ranges import Writing, is_written_here

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
_STATEMENTS = {
    *_LOOPS,
    *_JUMPS,
    CursorKind.COMPOUND_STMT,
    CursorKind.IF_STMT,
    CursorKind.SWITCH_STMT,
    CursorKind.CASE_STMT,
    CursorKind.DEFAULT_STMT,
    CursorKind.LABEL_STMT,
    CursorKind.DECL_STMT,
    CursorKind.NULL_STMT,
}
_FALSE = re.compile(r"\s*\(*\s*(?:false|0)\s*\)*\s*")
_TRUE = re.compile(r"\s*\(*\s*(?:true|0*[1-9]\w*)\s*\)*\s*")


def reduce_function(view: TranslationUnitView, outline: Outline, cursor: Cursor) -> Function | None:
    """The function that `cursor` defines; None if it has no body in the file itself."""
    body = next((c for c in cursor.get_children() if c.kind == CursorKind.COMPOUND_STMT), None)
    if body is None:
        return None
    reducer = _Reducer(view, outline)
    block = reducer.block([body])
    return Function(
        name=cursor.spelling,
        region=Writing(view, outline).region(cursor),
        static=cursor.storage_class.name == "STATIC",
        parameters=tuple(argument.spelling for argument in cursor.get_arguments()),
        variables=tuple(reducer.variables),
        body=block,
    )


class _Reducer:
    """Walks one function's cursors, in the order of evaluation."""

    def __init__(self, view: TranslationUnitView, outline: Outline) -> None:
        self._writing = Writing(view, outline)
        self._evaluator = Evaluator(self._writing, self.block, self._declare)
        self._scopes: list[Region] = []
        self.variables: list[Local] = []

    def block(self, cursors: Iterable[Cursor]) -> Block:
        """Statements as a block; a compound statement gives its own."""
        found = list(cursors)
        if len(found) == 1 and found[0].kind == CursorKind.COMPOUND_STMT:
            region = self._writing.region(found[0])
            self._scopes.append(region)
            inner = [s for child in found[0].get_children() for s in self.statement(child)]
            self._scopes.pop()
            return Block(tuple(inner), region)
        statements = [s for cursor in found for s in self.statement(cursor)]
        return Block(tuple(statements), self._writing.region_of_all(found))

    def statement(self, cursor: Cursor) -> list[Statement]:
        """A statement, with the blocks of statement expressions in it placed before it."""
        kind = cursor.kind
        steers = kind in _STATEMENTS and kind not in _JUMPS and kind != CursorKind.DECL_STMT
        if steers and self._is_whole_macro(cursor):
            return self._simple([cursor])
        children = list(cursor.get_children())
        if kind == CursorKind.COMPOUND_STMT:
            return [self.block([cursor])]
        if kind == CursorKind.IF_STMT and len(children) >= 2:
            return self._if(cursor, children)
        if kind in _LOOPS and children:
            return self._loop(cursor, children)
        if kind == CursorKind.SWITCH_STMT and len(children) >= 2:
            before, condition = self._condition(children[:-1])
            region = self._writing.region(cursor)
            return [*before, Switch(condition, self.block(children[-1:]), region)]
        if kind in (CursorKind.CASE_STMT, CursorKind.DEFAULT_STMT) and children:
            case = Case(kind == CursorKind.DEFAULT_STMT, self._writing.region(cursor))
            return [case, *self.statement(children[-1])]
        if kind == CursorKind.LABEL_STMT:
            label = Label(cursor.spelling, self._writing.region(cursor))
            return [label, *(s for child in children for s in self.statement(child))]
        if kind in _JUMPS:
            return self._jump(cursor, children)
        return self._simple([cursor])

    def _is_whole_macro(self, cursor: Cursor) -> bool:
        """Whether a statement comes out of a macro with all that is in it."""
        return not is_written_here(cursor.extent.start) and not self._holds_written_statement(
            cursor
        )

    def _holds_written_statement(self, cursor: Cursor) -> bool:
        """Whether a statement out of a macro holds statements that are written in the file."""
        for child in cursor.get_children():
            if child.kind in _STATEMENTS and is_written_here(child.extent.start):
                return True
            if child.kind.is_expression() and child.kind != CursorKind.StmtExpr:
                if child.kind == CursorKind.CALL_EXPR and is_written_here(child.extent.start):
                    return True
                continue
            if self._holds_written_statement(child):
                return True
        return False

    def _if(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        before, condition = self._condition(children[:1])
        then = self.block(children[1:2])
        otherwise = self.block(children[2:3]) if len(children) > 2 else None
        text = self._header(cursor, "if") or self._writing.text(children[0]) or ""
        branch = If(
            condition=condition,
            condition_text=text,
            then=then,
            otherwise=otherwise,
            region=self._writing.region(cursor),
        )
        return [*before, branch]

    def _header(self, cursor: Cursor, keyword: str) -> str:
        """What stands in the parentheses behind a keyword; "" where a macro brings that along.

        The text of the condition's own cursor would end with the first macro in it.
        """
        use = self._writing.use(cursor)
        if use is None or use.name != keyword or use.arguments is None:
            return ""
        return " ".join(self._writing.source.code[use.end : use.close].split())[1:-1].strip()

    def _loop(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        kind = _LOOPS[cursor.kind]
        written = is_written_here(cursor.extent.start)
        use = None if written else self._writing.use(cursor)
        body = children[0] if kind == "do" else children[-1]
        controls = children[1:] if kind == "do" else children[:-1]
        prelude: list[Statement] = []
        if use:  # the macro's own call comes before the loop, not at each turn
            whole = self._writing.source.region(use.start, use.close)
            prelude = [Simple(tuple(self._evaluator.call_once(cursor)), whole)]
        before, condition, after = self._loop_header(cursor, kind, controls, written)
        region = self._writing.region(cursor)
        inner = self.block([body])
        if (region.end_line, region.end_column) < (inner.region.end_line, inner.region.end_column):
            region = Region(
                region.line, region.column, inner.region.end_line, inner.region.end_column
            )
        text = self._writing.text_of(condition.region) if written and condition else ""
        endless = written and (condition is None or bool(_TRUE.fullmatch(text)))
        # A macro's `do { } while (0)` is there to be one statement; its 0 has no text of ours.
        constant = controls[-1].kind == CursorKind.INTEGER_LITERAL if controls else False
        once = kind == "do" and (bool(_FALSE.fullmatch(text)) if written else constant)
        loop = Loop(
            kind=kind,
            before=before,
            condition=condition,
            condition_text=self._header(cursor, "while") or text,
            after=after,
            body=inner,
            endless=endless,
            once=once,
            macro=use.name if use else "",
            region=region,
        )
        return [*prelude, loop]

    def _loop_header(
        self, cursor: Cursor, kind: LoopKind, controls: list[Cursor], written: bool
    ) -> tuple[Simple | None, Simple | None, Simple | None]:
        """What is evaluated before the loop, at each turn, and after each turn."""
        if kind != "for" or not written:
            condition = self._joined(controls)
            return None, condition, None
        header = self._writing.use(cursor)
        inside = self._writing.source.skeleton[header.end : header.close] if header else ""
        breaks = (
            [header.end + match.start() for match in re.finditer(";", inside)] if header else []
        )
        parts: list[list[Cursor]] = [[], [], []]
        for control in controls:
            place = sum(self._writing.start(control) > b for b in breaks)
            parts[min(place, 2)].append(control)
        return self._joined(parts[0]), self._joined(parts[1]), self._joined(parts[2])

    def _condition(self, cursors: list[Cursor]) -> tuple[list[Statement], Simple]:
        """A condition as the statements to place before it, and its last events."""
        statements = self._simple(cursors)
        last = statements[-1]
        assert isinstance(last, Simple)  # _simple ends with one
        return statements[:-1], last

    def _joined(self, cursors: list[Cursor]) -> Simple | None:
        if not cursors:
            return None
        events = [e for statement in self._simple(cursors) for e in events_of(statement)]
        return Simple(tuple(events), self._writing.region_of_all(cursors))

    def _jump(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        kind = _JUMPS[cursor.kind]
        region = self._writing.region(cursor)
        if kind == "goto":
            label = children[0].spelling if cursor.kind == CursorKind.GOTO_STMT and children else ""
            return [Jump("goto", None, label, region)]
        if not children:
            return [Jump(kind, None, "", region)]
        before, value = self._condition(children)
        return [*before, Jump(kind, value, "", region)]

    def _declare(self, cursor: Cursor) -> None:
        region = self._writing.region(cursor)
        scope = self._scopes[-1] if self._scopes else region
        self.variables.append(Local(cursor.spelling, region, scope))

    def _simple(self, cursors: list[Cursor]) -> list[Statement]:
        """Straight-line code: simple statements, and a block for each statement expression."""
        found: list[Statement] = []
        events: list[Event] = []
        region = self._writing.region_of_all(cursors)
        for cursor in cursors:
            for item in self._evaluator.events(cursor):
                if isinstance(item, Block):
                    if events:
                        found.append(Simple(tuple(events), region))
                        events = []
                    found.append(item)
                else:
                    events.append(item)
        found.append(Simple(tuple(events), region))
        return found
