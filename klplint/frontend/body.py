"""A function's body reduced to the statements and events that flow analysis asks for.

Code that a macro brings along is taken as one call of that macro; what its arguments hold, and
the statements that follow a macro that opens a loop, are seen as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clang.cindex import Cursor, CursorKind

from klplint.facts import (
    AddressTaken,
    Assign,
    Block,
    Call,
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
    Region,
    Simple,
    Statement,
    Switch,
)
from klplint.frontend.locations import file_offset, is_written_here
from klplint.frontend.parse import TranslationUnitView
from klplint.outline import Outline

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
_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)
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
        region=reducer.region(cursor),
        static=cursor.storage_class.name == "STATIC",
        parameters=tuple(argument.spelling for argument in cursor.get_arguments()),
        variables=tuple(reducer.variables),
        body=block,
    )


class _Reducer:
    """Walks one function's cursors, in the order of evaluation."""

    def __init__(self, view: TranslationUnitView, outline: Outline) -> None:
        self._view = view
        self._outline = outline
        self._source = view.source
        self._calls_seen: set[int] = set()
        self._scopes: list[Region] = []
        self.variables: list[Local] = []

    # Places

    def _start(self, cursor: Cursor) -> int:
        return self._view.text_offset(file_offset(cursor.extent.start))

    def _end(self, cursor: Cursor) -> int:
        return self._view.text_offset(file_offset(cursor.extent.end))

    def region(self, cursor: Cursor) -> Region:
        """Where a cursor is written. One that ends in a macro ends with the macro's arguments."""
        start, end = self._start(cursor), self._end(cursor)
        if not is_written_here(cursor.extent.end):
            use = self._outline.use_at(end)
            end = use.close if use else end
        for child in cursor.get_children() if end < start else ():
            end = max(end, self._end(child))
        return self._source.region(start, max(start, end))

    def _text(self, cursor: Cursor) -> str | None:
        """The source text of a cursor; None where a macro makes part of it."""
        if not is_written_here(cursor.extent.start):
            use = self._outline.use_at(self._start(cursor))
            return self._source.code[use.start : use.close] if use else None
        region_end = self._end(cursor)
        if not is_written_here(cursor.extent.end):
            use = self._outline.use_at(region_end)
            region_end = use.close if use else region_end
        text = self._source.code[self._start(cursor) : region_end]
        return " ".join(text.split()) or None

    # Statements

    def block(self, cursors: Iterable[Cursor]) -> Block:
        """Statements as a block; a compound statement gives its own."""
        found = list(cursors)
        if len(found) == 1 and found[0].kind == CursorKind.COMPOUND_STMT:
            region = self.region(found[0])
            self._scopes.append(region)
            inner = [s for child in found[0].get_children() for s in self.statement(child)]
            self._scopes.pop()
            return Block(tuple(inner), region)
        statements = [s for cursor in found for s in self.statement(cursor)]
        start = self.region(found[0]) if found else Region(1, 1, 1, 1)
        end = self.region(found[-1]) if found else start
        return Block(
            tuple(statements), Region(start.line, start.column, end.end_line, end.end_column)
        )

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
            return [*before, Switch(condition, self.block(children[-1:]), self.region(cursor))]
        if kind in (CursorKind.CASE_STMT, CursorKind.DEFAULT_STMT) and children:
            case = Case(kind == CursorKind.DEFAULT_STMT, self.region(cursor))
            return [case, *self.statement(children[-1])]
        if kind == CursorKind.LABEL_STMT:
            label = Label(cursor.spelling, self.region(cursor))
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
        text = self._text(children[0]) or ""
        return [*before, If(condition, text, then, otherwise, self.region(cursor))]

    def _loop(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        kind = _LOOPS[cursor.kind]
        written = is_written_here(cursor.extent.start)
        use = None if written else self._outline.use_at(self._start(cursor))
        body = children[0] if kind == "do" else children[-1]
        controls = children[1:] if kind == "do" else children[:-1]
        before, condition, after = self._loop_header(cursor, kind, controls, written)
        prelude: list[Statement] = []
        if use:
            prelude = [
                Simple((self._macro_call(use.start),), self._source.region(use.start, use.close))
            ]
        region = self.region(cursor)
        inner = self.block([body])
        if (region.end_line, region.end_column) < (inner.region.end_line, inner.region.end_column):
            region = Region(
                region.line, region.column, inner.region.end_line, inner.region.end_column
            )
        text = self._source_text(condition.region) if written and condition else ""
        endless = written and (condition is None or bool(_TRUE.fullmatch(text)))
        once = kind == "do" and bool(_FALSE.fullmatch(text))
        macro = use.name if use else ""
        loop = Loop(kind, before, condition, after, inner, endless, once, macro, region)
        return [*prelude, loop]

    def _loop_header(
        self, cursor: Cursor, kind: LoopKind, controls: list[Cursor], written: bool
    ) -> tuple[Simple | None, Simple | None, Simple | None]:
        """What is evaluated before the loop, at each turn, and after each turn."""
        if kind != "for" or not written:
            condition = self._joined(controls)
            return None, condition, None
        header = self._outline.use_at(self._start(cursor))
        inside = self._source.skeleton[header.end : header.close] if header else ""
        breaks = (
            [header.end + match.start() for match in re.finditer(";", inside)] if header else []
        )
        parts: list[list[Cursor]] = [[], [], []]
        for control in controls:
            place = sum(self._start(control) > b for b in breaks)
            parts[min(place, 2)].append(control)
        return self._joined(parts[0]), self._joined(parts[1]), self._joined(parts[2])

    def _source_text(self, region: Region) -> str:
        start = self._source.offset(region.line, region.column)
        return self._source.code[start : self._source.offset(region.end_line, region.end_column)]

    def _condition(self, cursors: list[Cursor]) -> tuple[list[Statement], Simple]:
        """A condition as the statements to place before it, and its last events."""
        statements = self._simple(cursors)
        last = statements[-1]
        assert isinstance(last, Simple)  # _simple ends with one
        return statements[:-1], last

    def _joined(self, cursors: list[Cursor]) -> Simple | None:
        if not cursors:
            return None
        events = [e for s in self._simple(cursors) for e in _events_of(s)]
        first, last = self.region(cursors[0]), self.region(cursors[-1])
        return Simple(
            tuple(events), Region(first.line, first.column, last.end_line, last.end_column)
        )

    def _jump(self, cursor: Cursor, children: list[Cursor]) -> list[Statement]:
        kind = _JUMPS[cursor.kind]
        region = self.region(cursor)
        if kind == "goto":
            label = children[0].spelling if cursor.kind == CursorKind.GOTO_STMT and children else ""
            return [Jump("goto", None, label, region)]
        if not children:
            return [Jump(kind, None, "", region)]
        before, value = self._condition(children)
        return [*before, Jump(kind, value, "", region)]

    # Expressions

    def _simple(self, cursors: list[Cursor]) -> list[Statement]:
        """Straight-line code: simple statements, and a block for each statement expression."""
        found: list[Statement] = []
        events: list[Event] = []
        regions = [self.region(cursor) for cursor in cursors]
        region = regions[0] if regions else Region(1, 1, 1, 1)
        if regions:
            region = Region(
                region.line, region.column, regions[-1].end_line, regions[-1].end_column
            )
        for cursor in cursors:
            for item in self._evaluate(cursor, False):
                if isinstance(item, Block):
                    if events:
                        found.append(Simple(tuple(events), region))
                        events = []
                    found.append(item)
                else:
                    events.append(item)
        found.append(Simple(tuple(events), region))
        return found

    def _evaluate(self, cursor: Cursor, conditional: bool) -> list[Event | Block]:
        """The events of an expression or declaration, operands before operators."""
        kind, written = cursor.kind, is_written_here(cursor.extent.start)
        if kind in (CursorKind.StmtExpr, CursorKind.COMPOUND_STMT) and written:
            return (
                [self.block([cursor])]
                if kind == CursorKind.COMPOUND_STMT
                else [self.block([child]) for child in cursor.get_children()]
            )
        found: list[Event | Block] = []
        if not written:
            call = self._macro_call_once(self._start(cursor))
            found += [call] if call else []
        children = list(cursor.get_children())
        for place, child in enumerate(children):
            unsure = conditional or (place > 0 and self._evaluates_on_condition(cursor, children))
            found += self._evaluate(child, unsure)
        found += self._own_events(cursor, children, conditional, written)
        return found

    def _evaluates_on_condition(self, cursor: Cursor, children: list[Cursor]) -> bool:
        """Whether the later operands are evaluated only sometimes: `&&`, `||`, `?:`."""
        if cursor.kind == CursorKind.CONDITIONAL_OPERATOR:
            return True
        if cursor.kind != CursorKind.BINARY_OPERATOR or len(children) != 2:
            return False
        between = self._source.skeleton[self._end(children[0]) : self._start(children[1])]
        return "&&" in between or "||" in between

    def _own_events(
        self, cursor: Cursor, children: list[Cursor], conditional: bool, written: bool
    ) -> list[Event]:
        kind = cursor.kind
        if kind == CursorKind.CALL_EXPR and written:
            call = self._macro_call_once(self._start(cursor))
            return [call] if call else []
        if kind == CursorKind.VAR_DECL:
            return self._initialisation(cursor, children)
        if kind == CursorKind.BINARY_OPERATOR and len(children) == 2:
            return self._assignment(cursor, children, conditional)
        if kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR and children:
            return self._write_to(children[0], None)
        if kind == CursorKind.UNARY_OPERATOR and children:
            operator = self._source.text[self._start(cursor) : self._start(cursor) + 2]
            if operator[:1] == "&" and written:
                name = _variable(children[0])
                return [AddressTaken(name, self.region(children[0]))] if name else []
            behind = self._source.text[self._end(children[0]) : self._end(cursor)]
            if "++" in (operator, behind.strip()) or "--" in (operator, behind.strip()):
                return self._write_to(children[0], None)
        return []

    def _initialisation(self, cursor: Cursor, children: list[Cursor]) -> list[Event]:
        scope = self._scopes[-1] if self._scopes else self.region(cursor)
        self.variables.append(Local(cursor.spelling, self.region(cursor), scope))
        values = [child for child in children if child.kind.is_expression()]
        if not values:
            return []
        value = self._text(values[-1]) if is_written_here(cursor.location) else None
        return [Assign(cursor.spelling, value, self.region(cursor))]

    def _assignment(self, cursor: Cursor, children: list[Cursor], conditional: bool) -> list[Event]:
        target, value = children
        between = self._source.skeleton[self._end(target) : self._start(value)]
        if re.fullmatch(r"[\s()]*=[\s(]*", between):
            return self._write_to(target, None if conditional else self._text(value))
        out_of_macro = self._start(value) <= self._end(target) or not is_written_here(
            value.extent.start
        )
        return self._write_to(target, None) if out_of_macro and _variable(target) else []

    def _write_to(self, target: Cursor, value: str | None) -> list[Event]:
        name = _variable(target)
        return [Assign(name, value, self.region(target))] if name else []

    def _macro_call_once(self, offset: int) -> Call | None:
        """The call written at `offset`, unless it was told before or nothing is called there."""
        if offset in self._calls_seen:
            return None
        use = self._outline.use_at(offset)
        if use is None or use.arguments is None:
            return None
        self._calls_seen.add(offset)
        return self._macro_call(offset)

    def _macro_call(self, offset: int) -> Call:
        use = self._outline.use_at(offset)
        assert use is not None  # callers have seen a name there
        self._calls_seen.add(offset)
        texts = tuple(self._source.code[a.start : a.end] for a in use.arguments or ())
        return Call(use.name, texts, self._source.region(use.start, use.end))


def _events_of(statement: Statement) -> list[Event]:
    """All events of simple statements and blocks, flattened: where order of turns is not asked."""
    if isinstance(statement, Simple):
        return list(statement.events)
    if isinstance(statement, Block):
        return [event for inner in statement.statements for event in _events_of(inner)]
    return []


def _variable(cursor: Cursor) -> str | None:
    """The plain variable that an expression is, parentheses and implicit casts seen through."""
    while cursor.kind in (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            return None
        cursor = children[0]
    if cursor.kind != CursorKind.DECL_REF_EXPR or cursor.referenced is None:
        return None
    return str(cursor.spelling) if cursor.referenced.kind in _VARIABLES else None
