"""The contexts of the barriers in a file, by its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from klplint.csource.accesses import Called, Seen, Statement
from klplint.csource.declared_names import Names
from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Outline
from klplint.csource.steps import Arm, Step, Steps, steps_of
from klplint.facts.barrier_contexts import Access, Context, FileContexts, Ordering
from klplint.partners.access_rules import AccessRules

# Accesses of one side that are kept: what is farther away says little.
_MOST_ACCESSES = 24
_MOST_STEPS = 60
# Accesses that the call of another function of the file adds.
_MOST_CALLED = 8
# A function with at most so many accesses on a side has what its callers touch there, too.
_THIN = 3
_MOST_CALLERS = 4


class _Part(NamedTuple):
    """Accesses and calls of a step, in the order of the text."""

    accesses: list[Seen]
    calls: list[Called]


class _Function:
    """A function (or macro) as steps; what they access is read when it is needed."""

    def __init__(self, reader: ContextReader, name: str, span: tuple[int, int], head: str) -> None:
        self.name = name
        self.span = span
        self.head = head
        self._reader = reader
        self._parts: dict[int, _Part] = {}

    @cached_property
    def flow(self) -> Steps:
        """The statements."""
        return steps_of(self._reader.text, *self.span)

    @cached_property
    def names(self) -> Names:
        """The names that it declares."""
        names = Names(self.head)
        self._begins = [names.declare(self._reader.text, step) for step in self.flow.steps]
        return names

    def part(self, number: int) -> _Part:
        """What a step accesses and calls."""
        if number not in self._parts:
            names, step = self.names, self.flow.steps[number]
            begin = self._begins[number]
            statement = Statement(
                self._reader.text, (begin, step.end), names, self._reader.rules.effects
            )
            self._parts[number] = _Part(list(statement.accesses()), list(statement.calls()))
        return self._parts[number]

    def step_at(self, offset: int) -> int | None:
        """The number of the step that holds an offset."""
        for number, step in enumerate(self.flow.steps):
            if step.start <= offset < step.end:
                return number
        return None


class ContextReader:
    """Reads the contexts of one file."""

    def __init__(self, text: str, path: str, rules: AccessRules) -> None:
        self.source = Source(text)
        self.text = self.source.statements
        self.rules = rules
        self._path = path
        self._outline = Outline(self.source)
        self._barrier = re.compile(rf"\b(?:{rules.barrier_pattern})(?=\s*\()")

    def contexts(self) -> FileContexts:
        """All barriers in functions of the file."""
        contexts = []
        for match in self._barrier.finditer(self.text):
            body = self._outline.body_at(match.start())
            if body and self.rules.ordering(body.name) is None:
                contexts.append(self._context(match, self._function(body)))
        return FileContexts(self._path, tuple(filter(None, contexts)))

    @cached_property
    def _functions(self) -> dict[int, _Function]:
        return {}

    @cached_property
    def _by_name(self) -> dict[str, Body]:
        return {body.name: body for body in self._outline.bodies}

    def _function(self, body: Body) -> _Function:
        if body.start not in self._functions:
            head = self.text[body.head : body.start]
            span = (body.start + 1, body.end - 1)
            self._functions[body.start] = _Function(self, body.called, span, head)
        return self._functions[body.start]

    def _context(self, match: re.Match[str], function: _Function) -> Context | None:
        number = function.step_at(match.start())
        if number is None:
            return None
        ordering = self.rules.ordering(match[0])
        assert ordering is not None
        sides = _Sides(self, function, number, match.start(), ordering)
        line, column = self.source.position(match.start())
        return Context(
            match[0],
            function.name,
            line,
            column,
            tuple(sides.before()[:_MOST_ACCESSES]),
            tuple(sides.after()[:_MOST_ACCESSES]),
        )

    def access(self, seen: Seen, distance: int, via: str = "") -> Access:
        """An access as a fact."""
        line, column = self.source.position(seen.offset)
        return Access(
            seen.name, seen.structure, seen.bit, seen.kind, line, column, distance, via or seen.via
        )

    def called(self, name: str, distance: int) -> Iterator[Access]:
        """What a function of the file touches, as accesses of the call."""
        body = self._by_name.get(name)
        if body is None:
            return
        function, count = self._function(body), 0
        for number in range(min(len(function.flow.steps), _MOST_STEPS)):
            for seen in function.part(number).accesses:
                yield self.access(seen, distance, name)
                count += 1
                if count >= _MOST_CALLED:
                    return


class _Sides:
    """What a barrier's function touches before and after it."""

    def __init__(
        self,
        reader: ContextReader,
        function: _Function,
        number: int,
        offset: int,
        ordering: Ordering,
    ) -> None:
        self._reader = reader
        self._function = function
        self._number = number
        self._offset = offset
        self._ordering = ordering
        self._steps = function.flow.steps
        self._chain = {arm.branch: arm for arm in self._steps[number].arm.chain()}

    def before(self) -> list[Access]:
        """The accesses before it, nearest first."""
        argument = self._argument()
        if self._ordering == "acquire":
            return argument
        accesses = argument if self._ordering == "store-all" else []
        accesses += self._of_step(self._number, 0, before=True)
        for distance, number in enumerate(self._backward(), 1):
            accesses += reversed(self._of_step(number, distance))
            if len(accesses) >= _MOST_ACCESSES or distance > _MOST_STEPS or self._ends(number):
                break
        return accesses

    def after(self) -> list[Access]:
        """The accesses after it, nearest first."""
        if self._ordering == "release":
            return self._argument()
        accesses = self._of_step(self._number, 0, before=False)
        for distance, number in enumerate(self._forward(), 1):
            accesses += self._of_step(number, distance)
            if len(accesses) >= _MOST_ACCESSES or distance > _MOST_STEPS or self._ends(number):
                break
        return accesses

    def _argument(self) -> list[Access]:
        """The accesses that the barrier itself makes."""
        end = self._argument_end()
        part = self._function.part(self._number)
        inside = [s for s in part.accesses if self._offset <= s.offset < end]
        own = [s for s in inside if s.via and self._reader.rules.ordering(s.via)]
        return [self._reader.access(seen, 0) for seen in own]

    def _argument_end(self) -> int:
        depth, text = 0, self._reader.text
        for place in range(self._offset, self._steps[self._number].end):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if depth == 0 and text[place] == ")":
                return place
        return self._steps[self._number].end

    def _of_step(self, number: int, distance: int, *, before: bool | None = None) -> list[Access]:
        """The accesses of a step; with `before`, those on one side of the barrier in it."""
        part, end = self._function.part(number), self._argument_end() if before is not None else 0
        events: list[tuple[int, Seen | Called]] = [(each.offset, each) for each in part.accesses]
        events += [(each.offset, each) for each in part.calls]
        accesses: list[Access] = []
        for offset, each in sorted(events, key=lambda event: event[0]):
            if before is True and offset >= self._offset:
                continue
            if before is False and offset <= end:
                continue
            if isinstance(each, Seen):
                accesses.append(self._reader.access(each, distance))
            elif each.name != self._function.name:
                accesses += self._reader.called(each.name, distance)
        return accesses

    def _ends(self, number: int) -> bool:
        """Whether a step has a full barrier, at which the context ends."""
        ordering = self._reader.rules.ordering
        return any(ordering(call.name) == "all" for call in self._function.part(number).calls)

    def _excluded(self, arm: Arm, *, before: bool) -> bool:
        """Whether what stands in an arm is not on a way through the barrier."""
        for each in arm.chain():
            mine = self._chain.get(each.branch)
            if mine is not None and mine.number != each.number:
                return True
            if before and mine is None and each.jump in ("return", "goto") and not each.is_loop:
                return True
        return False

    def _backward(self) -> Iterator[int]:
        for number in range(self._number - 1, -1, -1):
            if not self._excluded(self._steps[number].arm, before=True):
                yield number

    def _forward(self) -> Iterator[int]:
        number = self._number + 1
        while number < len(self._steps):
            jumped = self._jumped(number)
            if jumped is None:
                return
            if jumped != number:
                number = jumped
                continue
            if not self._excluded(self._steps[number].arm, before=False):
                yield number
                if self._steps[number].is_return and self._is_mine(self._steps[number].arm):
                    return
            number += 1

    def _is_mine(self, arm: Arm) -> bool:
        return all(each.branch in self._chain for each in arm.chain())

    def _jumped(self, number: int) -> int | None:
        """The step at which control goes on, where arms around the barrier end before `number`."""
        for arm in self._chain.values():
            if arm.last == number and arm.parent is not None:
                if arm.jump == "return":
                    return None
                if arm.jump == "goto":
                    target = self._function.flow.labels.get(arm.label)
                    if target is None or target < number:
                        return None
                    return target
        return number
