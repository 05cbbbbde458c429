"""The loops of a reduced function body."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
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
    events = list(events_of(body))
    order = sorted(range(len(events)), key=lambda n: _start(events[n].region))
    starts = [_start(events[n].region) for n in order]
    for statement in walk(body, lambda inner: not _repeats(inner, guards)):
        if isinstance(statement, Label):
            labels[statement.name] = statement.region
        elif isinstance(statement, Jump) and statement.label in labels:
            start, end = labels[statement.label], statement.region
            region = Region(start.line, start.column, end.end_line, end.end_column)
            first, last = bisect_left(starts, _start(region)), bisect_right(starts, _end(region))
            inside = (events[n] for n in sorted(order[first:last]))
            simple = Simple(tuple(e for e in inside if region.holds(e.region)), region)
            inner = Block((simple,), region)
            yield Loop(kind="while", body=inner, region=region)


def loops_around(body: Block, region: Region, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that hold `region`, outermost first."""
    return Loops(body, guards).around(region)


def outermost_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that are not inside another one."""
    loops = Loops(body, guards)
    return [loop for loop in loops.all if all(other is loop for other in loops.around(loop.region))]


class Loops:
    """All loops of a body, and those around a place, found without a look at each of them."""

    def __init__(self, body: Block, guards: tuple[str, ...]) -> None:
        """Loops made with `goto` come first, since they are not inside another loop.

        Of several jumps back to one label, the last one in the source makes the loop.
        """
        by_end = sorted(goto_loops(body, guards), key=lambda loop: loop.region.end_line)
        widest = {loop.region.line: loop for loop in by_end}
        self.all = [*widest.values(), *loops_in(body, guards)]
        self._order = sorted(range(len(self.all)), key=lambda n: _start(self.all[n].region))
        self._starts = [_start(self.all[n].region) for n in self._order]
        # The last end of all loops up to each one: no loop before it reaches further.
        self._ends = list(accumulate((_end(self.all[n].region) for n in self._order), max))

    def around(self, region: Region) -> list[Loop]:
        """The loops that hold `region`, outermost first."""
        holding = []
        place = bisect_right(self._starts, _start(region)) - 1
        while place >= 0 and self._ends[place] >= _end(region):
            number = self._order[place]
            if self.all[number].region.holds(region):
                holding.append(number)
            place -= 1
        return [self.all[number] for number in sorted(holding)]


def _start(region: Region) -> tuple[int, int]:
    return region.line, region.column


def _end(region: Region) -> tuple[int, int]:
    return region.end_line, region.end_column


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
