"""What a barrier's function touches before and after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Protocol

from klplint.csource.accesses import Seen, SeenCall
from klplint.csource.brackets import closing
from klplint.csource.steps import Arm
from klplint.facts.barrier_contexts import STORES, Access, Called, Ordering
from klplint.partners.far_accesses import MOST_STEPS, Walk, Wanted, wanted_of
from klplint.partners.functions import Function
from klplint.partners.sides import Surroundings

_SPACE = re.compile(r"\s*")
# Accesses of one side that are kept, and calls.
MOST_ACCESSES = 24
MOST_CALLS = 8
# A function with at most so many statements has what its callers touch, too.
THIN = 7
# What is behind another barrier is ordered by that one: it counts as farther away.
_BEHIND_ANOTHER = 8
_Side = tuple[list[Access], list[Called]]


class _Reader(Protocol):
    """What reads the functions of a file."""

    def access(self, seen: Seen, distance: int, via: str = "", caller: str = "") -> Access: ...

    def call(self, seen: SeenCall, distance: int, caller: str) -> Called: ...

    def orderings(self, function: Function, number: int) -> list[Ordering]: ...

    def far(
        self, walks: Iterable[Walk], function: Function, wanted: Wanted, near: Iterable[Access]
    ) -> tuple[Access, ...]: ...

    def is_barrier(self, name: str) -> bool: ...

    def inside(self, call: SeenCall, distance: int, caller: str) -> Iterator[Access] | None: ...

    def callers(self, function: Function) -> list[tuple[Function, int]]: ...


class BarrierSides:
    """What a barrier's function touches before and after it."""

    def __init__(
        self,
        reader: _Reader,
        function: Function,
        number: int,
        offset: int,
        ordering: Ordering,
    ) -> None:
        self._reader = reader
        self._function = function
        self._number = number
        self._offset = offset
        self._ordering = ordering
        step = function.flow.steps[number]
        opening = function.text.find("(", offset, step.end) + 1
        self._end = closing(function.text, opening, step.end) or step.end
        self._around = Surroundings(function, number)

    def before(self) -> _Side:
        """The accesses before it, nearest first."""
        argument = self._argument()
        if self._ordering == "acquire":
            return argument, []
        side: _Side = ([*argument] if self._ordering == "store-all" else [], [])
        self._add(side, self._function, self._number, 0, slice(None, self._offset))
        self._walk(side, self._around, 0, before=True)
        self._add_callers(side, before=True)
        return side

    def after(self) -> _Side:
        """The accesses after it, nearest first."""
        if self._ordering == "release":
            return self._argument(), []
        side: _Side = ([], [])
        self._add(side, self._function, self._number, 0, slice(self._end, None))
        self._walk(side, self._around, 0, before=False)
        self._add_callers(side, before=False)
        return side

    def far(
        self, others: Iterable[Access], near: Iterable[Access], *, before: bool
    ) -> tuple[Access, ...]:
        """What is accessed on a side, too, of the others' objects, but farther away than `near`.

        `others` are the accesses of the other side. Only what the barrier orders matters.
        """
        if self._ordering == ("acquire" if before else "release"):
            return ()
        wanted = wanted_of(others, self._ordering, near)
        return self._reader.far(self._far_walks(before=before), self._function, wanted, near)

    def _far_walks(self, *, before: bool) -> Iterator[Walk]:
        def walk(around: Surroundings) -> Walk:
            steps = around.before(MOST_STEPS) if before else around.after(MOST_STEPS)
            return around.function, steps

        yield walk(self._around)
        for around in self._callers:
            if self._function.is_macro:
                yield around.function, [around.number]
            if self._is_thin:
                yield walk(around)

    def loop(self) -> tuple[int, int] | None:
        """Where the outermost loop around it begins and ends."""
        loop = self._around.loop()
        return (self._start(loop[0]), self._function.flow.steps[loop[1]].end) if loop else None

    def exits(self) -> Iterator[tuple[int, int, int | None]]:
        """Where branches behind it begin and end that control leaves, and where it goes on."""
        for arm, target in self._around.exits() if self._ordering in STORES else ():
            end = self._function.flow.steps[arm.last - 1].end
            yield self._start(arm.first), end, None if target is None else self._start(target)

    def _start(self, number: int) -> int:
        """Where the text of a step begins, behind white space."""
        step = self._function.flow.steps[number]
        space = _SPACE.match(self._function.text, step.start, step.end)
        return space.end() if space else step.start

    def arm(self, body: tuple[int, int]) -> tuple[int, int]:
        """Where the branch begins and ends that the barrier is in; a loop is not one."""
        steps = self._function.flow.steps
        for arm in steps[self._number].arm.chain()[:-1]:
            if not arm.is_loop and arm.last > arm.first:
                return self._start(arm.first), steps[arm.last - 1].end
        return body

    def beside(self) -> list[Access]:
        """The accesses on the ways that a condition keeps from it, up to a lock or barrier."""
        side: _Side = ([], [])
        closed = set[Arm]()
        for number in self._around.beside() if self._ordering == "reads" else ():
            arm = self._function.flow.steps[number].arm
            names = [call.name for call in self._function.part(number).calls]
            if self._reader.orderings(self._function, number) or any("lock" in n for n in names):
                closed.update(arm.chain()[:-1] or [arm])
            if arm not in closed:
                self._add(side, self._function, number, 1)
        return side[0]

    def _argument(self) -> list[Access]:
        """The accesses that the barrier itself makes."""
        part = self._function.part(self._number)
        inside = [s for s in part.accesses if self._offset <= s.offset < self._end]
        by_barrier = [s for s in inside if self._reader.is_barrier(s.via)]
        return [self._reader.access(seen, 0) for seen in by_barrier]

    def _walk(self, side: _Side, around: Surroundings, base: int, *, before: bool) -> None:
        """Add the accesses of the steps around a place, up to a full barrier."""
        function, numbers = around.function, around.before() if before else around.after()
        for number in numbers:
            base += 1
            self._add(side, function, number, base)
            orderings = self._reader.orderings(function, number)
            if len(side[0]) >= MOST_ACCESSES or ("all" in orderings and around.is_passed(number)):
                break
            if orderings:
                base += _BEHIND_ANOTHER

    def _add(
        self,
        side: _Side,
        function: Function,
        number: int,
        distance: int,
        offsets: slice = slice(None),
    ) -> None:
        """Add the accesses of a step at some offsets, and those of the functions that it calls."""
        accesses, calls = side
        part, caller = function.part(number), self._caller(function)
        for seen in part.accesses:
            if _holds(offsets, seen.offset):
                accesses.append(self._reader.access(seen, distance, caller=caller))
        for call in part.calls:
            if not _holds(offsets, call.offset) or self._reader.is_barrier(call.name):
                continue
            inside = self._reader.inside(call, distance, caller)
            if inside is None:
                calls.append(self._reader.call(call, distance, caller))
            elif call.name != self._function.name:
                accesses.extend(islice(inside, max(MOST_ACCESSES - len(accesses), 0)))

    def _caller(self, function: Function) -> str:
        """The name of a function that calls the barrier's function; "" for that itself."""
        return "" if function is self._function else function.name

    def _add_callers(self, side: _Side, *, before: bool) -> None:
        """Add what the callers touch around the call; for a macro, also what they pass to it."""
        base = len(self._function.flow.steps)
        for around in self._callers if len(side[0]) < MOST_ACCESSES else ():
            if self._function.is_macro:
                self._add(side, around.function, around.number, min(base, THIN))
            if self._is_thin:
                self._walk(side, around, base, before=before)

    @cached_property
    def _is_thin(self) -> bool:
        return len(self._function.flow.steps) <= THIN

    @cached_property
    def _callers(self) -> list[Surroundings]:
        """The calls of a macro or of a thin function."""
        if not (self._is_thin or self._function.is_macro):
            return []
        return [Surroundings(*each) for each in self._reader.callers(self._function)]


def _holds(offsets: slice, offset: int) -> bool:
    start, stop = offsets.start, offsets.stop
    return (start is None or start <= offset) and (stop is None or offset < stop)
