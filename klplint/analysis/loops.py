"""The loops of a reduced function body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from klplint.analysis.name_patterns import fits_any
from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Call,
    Jump,
    Label,
    Loop,
    Simple,
    Statement,
    events_of,
    walk,
)


def loops_in(body: Block, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops in a body, outer before inner.

    `guards` are macros that are written as loops to hold a lock (`scoped_guard`). These do not
    count, nor does `do { } while (0)`: neither repeats anything.
    """
    for statement in walk(body):
        if _repeats(statement, guards):
            yield statement


def _repeats(statement: Statement, guards: tuple[str, ...]) -> TypeGuard[Loop]:
    """Whether a statement is a loop that may run its body more than once."""
    return isinstance(statement, Loop) and statement.macro not in guards and not statement.once


def goto_loops(body: Block, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops that a `goto` back to an earlier label makes.

    A jump inside a loop does not count: where it begins that loop again, the loop is there already.
    """
    labels: dict[str, Region] = {}
    for statement in walk(body, lambda inner: not _repeats(inner, guards)):
        if isinstance(statement, Label):
            labels[statement.name] = statement.region
        elif isinstance(statement, Jump) and statement.label in labels:
            start, end = labels[statement.label], statement.region
            region = Region(start.line, start.column, end.end_line, end.end_column)
            events = tuple(e for e in events_of(body) if region.holds(e.region))
            inner = Block((Simple(events, region),), region)
            yield Loop(kind="while", body=inner, region=region)


def loops_around(body: Block, region: Region, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that hold `region`, outermost first."""
    return [loop for loop in _all_loops(body, guards) if loop.region.holds(region)]


def outermost_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that are not inside another one."""
    loops = _all_loops(body, guards)
    return [
        loop
        for loop in loops
        if not any(other is not loop and other.region.holds(loop.region) for other in loops)
    ]


def _all_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """All loops. Those made with `goto` come first, since they are not inside another loop.

    Of several jumps back to one label, the last one in the source makes the loop.
    """
    by_end = sorted(goto_loops(body, guards), key=lambda loop: loop.region.end_line)
    widest = {loop.region.line: loop for loop in by_end}
    return [*widest.values(), *loops_in(body, guards)]


def main_loops(body: Block, guards: tuple[str, ...], marks: tuple[str, ...]) -> list[Loop]:
    """The outermost loops of a thread in which it runs until it ends.

    These are the endless ones, and those that call one of `marks`, which ask whether to stop,
    or sleep. Where there are none, all loops that are written out may be. Loops that a macro
    makes are not main loops: a thread may walk a list before it begins to work.
    """
    written = [loop for loop in outermost_loops(body, guards) if not loop.macro]
    marked = [loop for loop in written if loop.endless or _calls(loop, marks)]
    return marked or written


def _calls(loop: Loop, names: tuple[str, ...]) -> bool:
    return any(isinstance(e, Call) and fits_any(e.name, names) for e in events_of(loop))
