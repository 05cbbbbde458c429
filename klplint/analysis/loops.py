"""The loops of a reduced function body."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import TypeGuard

import msgspec

from klplint.analysis.name_patterns import fits_any
from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Call,
    Event,
    Jump,
    Label,
    Loop,
    Simple,
    Statement,
    Switch,
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

    Inside a loop, a jump to where its body begins does not count: the loop is there already.
    Neither does one to a label before the loop.
    """
    events = _EventsByPlace(body)
    for region in _jumped_back(body, guards):
        inside = Simple(tuple(events.within(region)), region)
        yield Loop(kind="while", body=Block((inside,), region), region=region)
    for loop in loops_in(body, guards):
        again = _labels_at_top(loop.body)
        for region in _jumped_back(loop.body, guards, again):
            yield Loop(kind="while", body=Block((), region), region=region)


def _jumped_back(
    body: Statement, guards: tuple[str, ...], passed_over: frozenset[str] = frozenset()
) -> Iterator[Region]:
    """From each label to a jump back to it; loops in `body` and some labels are passed over.

    A jump back to an endless loop only begins that one again.
    """
    labels: dict[str, Region] = {}
    last: Statement | None = None
    for statement in walk(body, lambda inner: not _repeats(inner, guards)):
        if isinstance(last, Label) and isinstance(statement, Loop) and statement.endless:
            labels.pop(last.name, None)
        last = statement
        if isinstance(statement, Label) and statement.name not in passed_over:
            labels[statement.name] = statement.region
        elif isinstance(statement, Jump) and statement.label in labels:
            start, end = labels[statement.label], statement.region
            yield Region(start.line, start.column, end.end_line, end.end_column)


def _labels_at_top(body: Statement) -> frozenset[str]:
    """The labels at the beginning of a loop's body, before anything is done."""
    labels = set[str]()
    for statement in walk(body):
        if isinstance(statement, Label):
            labels.add(statement.name)
        elif not (isinstance(statement, Block) or statement == Simple((), statement.region)):
            break
    return frozenset(labels)


class _EventsByPlace:
    """The events of a body, found by where they are."""

    def __init__(self, body: Block) -> None:
        self._events = list(events_of(body))
        starts = [_start(event.region) for event in self._events]
        self._order = sorted(range(len(starts)), key=lambda n: starts[n])
        self._starts = [starts[n] for n in self._order]

    def within(self, region: Region) -> Iterator[Event]:
        """The events in a region, in the order of evaluation."""
        first = bisect_left(self._starts, _start(region))
        last = bisect_right(self._starts, _end(region))
        inside = (self._events[n] for n in sorted(self._order[first:last]))
        return (event for event in inside if region.holds(event.region))


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
        """Outer loops come before inner ones.

        Of several jumps back to one label, the last one in the source makes the loop.
        """
        by_end = sorted(goto_loops(body, guards), key=lambda loop: _end(loop.region))
        widest = {_start(loop.region): loop for loop in by_end}
        loops = [*widest.values(), *loops_in(body, guards)]
        self.all = sorted(loops, key=lambda loop: (_start(loop.region), *_backward(loop.region)))
        self._order = sorted(range(len(self.all)), key=lambda n: _start(self.all[n].region))
        self._starts = [_start(self.all[n].region) for n in self._order]
        # The last end of all loops up to each one: no loop before it reaches further.
        self._ends = list(accumulate((_end(self.all[n].region) for n in self._order), max))

    def around(self, region: Region) -> list[Loop]:
        """The loops that hold `region`, outermost first.

        What the first part of a `for (;;)` does is before the loop.
        """
        holding = []
        place = bisect_right(self._starts, _start(region)) - 1
        while place >= 0 and self._ends[place] >= _end(region):
            number = self._order[place]
            loop = self.all[number]
            is_before = loop.before is not None and loop.before.region.holds(region)
            if loop.region.holds(region) and not is_before:
                holding.append(number)
            place -= 1
        return [self.all[number] for number in sorted(holding)]


def _start(region: Region) -> tuple[int, int]:
    return region.line, region.column


def _end(region: Region) -> tuple[int, int]:
    return region.end_line, region.end_column


def _backward(region: Region) -> tuple[int, int]:
    """Sorts the region first that ends last."""
    return -region.end_line, -region.end_column


class LoopMarks(msgspec.Struct, frozen=True):
    """What shows that a loop is the main one of a thread: patterns for functions it calls."""

    waits: tuple[str, ...]
    """These ask whether to stop, or wait until there is something to do."""
    delays: tuple[str, ...] = ()
    """These only let time pass: a loop that tries something again does that, too."""


def main_loops(body: Block, guards: tuple[str, ...], marks: LoopMarks) -> list[Loop]:
    """The outermost loops of a thread in which it runs until it ends.

    Where no loop is marked as such, all may be, but for those that walk a list: a thread may do
    that before it begins to work.
    """
    return marked_loops(body, guards, marks) or _candidates(body, guards)


def marked_loops(body: Block, guards: tuple[str, ...], marks: LoopMarks) -> list[Loop]:
    """The outermost loops that are endless, or that wait or ask whether to stop.

    Those that only delay, or count their turns, do only where there are no others.
    """
    candidates = _candidates(body, guards)
    waiting = [loop for loop in candidates if loop.endless or _calls(loop, marks.waits)]
    lasting = [loop for loop in waiting if not _counts(loop)]
    return lasting or waiting or [loop for loop in candidates if _calls(loop, marks.delays)]


def _candidates(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    return [loop for loop in outermost_loops(body, guards) if not loop.walks]


def _counts(loop: Loop) -> bool:
    """Whether a loop has a number of turns: `for (i = 0; i < 3; i++)`, `while (tries--)`."""
    if loop.condition is None or any(isinstance(e, Call) for e in loop.condition.events):
        return False
    return loop.after is not None or "--" in loop.condition_text or "++" in loop.condition_text


def never_ends(loop: Loop) -> bool:
    """Whether a loop is endless, and nothing in it leaves it."""
    if not loop.endless:
        return False
    inside = list(walk(loop.body))
    labels = {statement.name for statement in inside if isinstance(statement, Label)}
    jumps = [statement for statement in inside if isinstance(statement, Jump)]
    if any(jump.kind == "return" for jump in jumps):
        return False
    if any(jump.kind == "goto" and jump.label not in labels for jump in jumps):
        return False
    of_loop = walk(loop.body, lambda inner: not isinstance(inner, Loop | Switch))
    return not any(isinstance(s, Jump) and s.kind == "break" for s in of_loop)


def _calls(loop: Loop, names: tuple[str, ...]) -> bool:
    return any(isinstance(e, Call) and fits_any(e.name, names) for e in events_of(loop))
