"""Function bodies for tests of flow analysis: built by hand, or generated at random."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from klplint.facts.region import Region
from klplint.facts.statements import (
    Assign,
    Block,
    Call,
    Case,
    Event,
    If,
    Jump,
    JumpKind,
    Label,
    Loop,
    LoopKind,
    Simple,
    Statement,
    Store,
    Switch,
)

NOWHERE = Region(1, 1, 1, 1)
NAMES = ("take_a", "drop_a", "take_b", "drop_b", "try_a", "probe")


def simple(*calls: str) -> Simple:
    """Calls, each written `name argument`."""
    split = [call.split() for call in calls]
    return Simple(tuple(Call(name, tuple(rest), NOWHERE) for name, *rest in split), NOWHERE)


def assign(target: str, value: str | None, *calls: str) -> Simple:
    """An assignment, after the calls that are in its value."""
    return Simple((*simple(*calls).events, Assign(target, value, NOWHERE)), NOWHERE)


def store(member: str) -> Simple:
    return Simple((Store(f"task->{member}", member, NOWHERE),), NOWHERE)


def block(*statements: Statement | str) -> Block:
    return Block(tuple(simple(s) if isinstance(s, str) else s for s in statements), NOWHERE)


def when(condition: str, then: Block, otherwise: Block | None = None, text: str = "") -> If:
    return If(
        condition=simple(condition),
        condition_text=text or f"{condition}()",
        then=then,
        otherwise=otherwise,
        region=NOWHERE,
    )


def loop(
    *statements: Statement | str,
    endless: bool = False,
    once: bool = False,
    macro: str = "",
    test: str = "test",
    kind: LoopKind = "while",
    text: str = "",
) -> Loop:
    return Loop(
        kind="do" if once else kind,
        condition=None if endless else simple(test),
        body=block(*statements),
        endless=endless,
        once=once,
        macro=macro,
        region=NOWHERE,
        condition_text=text,
    )


def switch(*statements: Statement | str) -> Switch:
    return Switch(simple("test"), block(*statements), NOWHERE)


def case(default: bool = False) -> Case:
    return Case(default, NOWHERE)


def label(name: str) -> Label:
    return Label(name, NOWHERE)


def jump(kind: JumpKind, to: str = "") -> Jump:
    return Jump(kind, None, to, NOWHERE)


def numbered(body: Block) -> Block:
    """The same body with regions as if each part stood on lines of its own, scopes around."""
    return _Numbering().block(body)


class _Numbering:
    def __init__(self) -> None:
        self._line = 0

    def _next(self) -> int:
        self._line += 1
        return self._line

    def _around(self, start: int) -> Region:
        return Region(start, 1, self._next(), 1)

    def simple(self, statement: Simple) -> Simple:
        start = self._next()
        events: list[Event] = []
        for event in statement.events:
            line = self._next()
            events.append(msgspec.structs.replace(event, region=Region(line, 1, line, 9)))
        return Simple(tuple(events), self._around(start))

    def block(self, statement: Block) -> Block:
        start = self._next()
        inner = tuple(self.statement(s) for s in statement.statements)
        return Block(inner, self._around(start))

    def statement(self, statement: Statement) -> Statement:
        start = self._next()
        match statement:
            case Simple():
                return self.simple(statement)
            case Block():
                return self.block(statement)
            case If(condition=condition, condition_text=text, then=then, otherwise=otherwise):
                return If(
                    condition=self.simple(condition),
                    condition_text=text,
                    then=self.statement(then),
                    otherwise=self.statement(otherwise) if otherwise else None,
                    region=self._around(start),
                )
            case Loop():
                test = self.simple(statement.condition) if statement.condition else None
                body = self.statement(statement.body)
                return msgspec.structs.replace(
                    statement, condition=test, body=body, region=self._around(start)
                )
            case Switch():
                head, body = self.simple(statement.condition), self.statement(statement.body)
                return Switch(head, body, self._around(start))
            case Case():
                return Case(statement.default, self._around(start))
            case Label():
                return Label(statement.name, self._around(start))
            case Jump():
                return Jump(statement.kind, None, statement.label, self._around(start))


def bodies(loops: bool) -> st.SearchStrategy[Block]:
    """Random bodies; without `loops` each path through one ends, and no goto is in it."""
    calls = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(lambda n: simple(*n))
    kinds: list[JumpKind] = ["break", "continue", "return"]
    leaf: st.SearchStrategy[Statement] = calls | st.sampled_from(kinds).map(jump)
    if loops:
        names = st.sampled_from(["x", "y"])
        leaf |= names.map(label) | names.map(lambda n: jump("goto", n)) | st.just(jump("goto"))

    def larger(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
        blocks = st.lists(inner, max_size=3).map(lambda got: block(*got))
        conditions = st.sampled_from(["test", "try_a"])
        negated = st.sampled_from(["try_a()", "!try_a()"])
        cases = st.booleans().map(case)
        made: st.SearchStrategy[Statement] = (
            blocks
            | st.builds(when, conditions, blocks, st.none() | blocks, negated)
            | st.lists(inner | cases, max_size=4).map(lambda got: switch(*got))
            | st.lists(inner, max_size=3).map(lambda got: loop(*got, once=True))
        )
        if loops:
            made |= st.lists(inner, max_size=3).map(lambda got: loop(*got))
            made |= st.lists(inner, max_size=3).map(lambda got: loop(*got, endless=True))
        return made

    tree = st.recursive(leaf, larger, max_leaves=10)
    return st.lists(tree, max_size=4).map(lambda got: numbered(block(*got)))
