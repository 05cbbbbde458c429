"""The loops of a reduced function body."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.analysis.name_patterns import fits_any
from klplint.facts.region import Region
from klplint.facts.statements import Block, Call, Jump, Label, Loop, Simple, events_of, walk


def loops_in(body: Block, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops in a body, outer before inner.

    What a guard macro makes is no loop; `do { } while (0)` never turns and is none.
    """
    for statement in walk(body):
        if isinstance(statement, Loop) and _turns(statement, guards):
            yield statement


def _turns(loop: Loop, guards: tuple[str, ...]) -> bool:
    return loop.macro not in guards and not loop.once


def goto_loops(body: Block, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops that a `goto` back to an earlier label makes.

    A jump out of a loop to begin it again makes none: the loop is there already.
    """
    labels: dict[str, Region] = {}
    for statement in walk(body, lambda s: not (isinstance(s, Loop) and _turns(s, guards))):
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
