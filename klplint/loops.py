"""The loops of a reduced function body."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.flow import events_of
from klplint.locks import fits_any
from klplint.region import Region
from klplint.statements import (
    Block,
    Call,
    If,
    Jump,
    Label,
    Loop,
    Simple,
    Statement,
    Switch,
)


def loops_in(statement: Statement | None, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops in a statement, outer before inner.

    What a guard macro makes is no loop; `do { } while (0)` never turns and is none.
    """
    match statement:
        case Block():
            for inner in statement.statements:
                yield from loops_in(inner, guards)
        case If():
            yield from loops_in(statement.then, guards)
            yield from loops_in(statement.otherwise, guards)
        case Switch():
            yield from loops_in(statement.body, guards)
        case Loop():
            if statement.macro not in guards and not statement.once:
                yield statement
            yield from loops_in(statement.body, guards)


def goto_loops(body: Block, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops that a `goto` back to an earlier label makes.

    A jump out of a loop to begin it again makes none: the loop is there already.
    """
    labels: dict[str, Region] = {}
    for statement in _outside_loops(body, guards):
        if isinstance(statement, Label):
            labels[statement.name] = statement.region
        elif isinstance(statement, Jump) and statement.label in labels:
            start, end = labels[statement.label], statement.region
            region = Region(start.line, start.column, end.end_line, end.end_column)
            events = tuple(e for e in events_of(body) if region.holds(e.region))
            inner = Block((Simple(events, region),), region)
            yield Loop("while", None, None, None, inner, False, False, "", region)


def _outside_loops(statement: Statement | None, guards: tuple[str, ...]) -> Iterator[Statement]:
    """A statement and those within it, but for what stands in a loop."""
    if statement is None:
        return
    yield statement
    match statement:
        case Block():
            for inner in statement.statements:
                yield from _outside_loops(inner, guards)
        case If():
            yield from _outside_loops(statement.then, guards)
            yield from _outside_loops(statement.otherwise, guards)
        case Switch():
            yield from _outside_loops(statement.body, guards)
        case Loop() if statement.macro in guards or statement.once:
            yield from _outside_loops(statement.body, guards)


def loops_around(body: Block, region: Region, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that hold `region`, outermost first."""
    return [loop for loop in _all_loops(body, guards) if loop.region.holds(region)]


def outermost_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that stand in no other one."""
    loops = _all_loops(body, guards)
    return [
        loop
        for loop in loops
        if not any(other is not loop and other.region.holds(loop.region) for other in loops)
    ]


def _all_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """All loops; those made with `goto` come first, for they stand in no other."""
    made = sorted(goto_loops(body, guards), key=lambda loop: loop.region.end_line, reverse=True)
    widest = {loop.region.line: loop for loop in reversed(made)}
    return [*widest.values(), *loops_in(body, guards)]


def main_loops(body: Block, guards: tuple[str, ...], marks: tuple[str, ...]) -> list[Loop]:
    """The outermost loops in which a thread spends its life.

    These are the endless ones, and those that call one of `marks` (it asks whether to stop, or
    sleeps); where there are none, all that no macro makes. A thread may walk a list before.
    """
    own = [loop for loop in outermost_loops(body, guards) if not loop.macro]
    marked = [loop for loop in own if loop.endless or _calls(loop, marks)]
    return marked or own


def _calls(loop: Loop, names: tuple[str, ...]) -> bool:
    return any(isinstance(e, Call) and fits_any(e.name, names) for e in events_of(loop))
