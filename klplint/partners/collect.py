"""The contexts of the barriers in a file, by its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec.structs import replace

from klplint.csource.accesses import Seen, SeenCall
from klplint.csource.words import words_in
from klplint.facts.barrier_contexts import (
    Access,
    AccessKind,
    Called,
    Context,
    Exit,
    FileContexts,
    Helped,
    Ordering,
)
from klplint.partners.access_rules import AccessRules
from klplint.partners.barrier_sides import MOST_ACCESSES, MOST_CALLS, THIN, BarrierSides
from klplint.partners.beside import Asked, Beside, Nobody, Questions
from klplint.partners.far_accesses import FarAccesses, Walk, Wanted
from klplint.partners.functions import Function, Functions

_OPENING = re.compile(r"\s*\(")
# Accesses that the call of another function adds, and the statements that are read for them.
_MOST_CALLED = 8
_MOST_CALLED_STEPS = 30
_MOST_CALLERS = 4


class ContextReader:
    """Reads the contexts of one file."""

    def __init__(self, text: str, path: str, rules: AccessRules) -> None:
        self._path = path
        self._rules = rules
        self._functions = Functions(text, rules)
        self._questions = Questions(Nobody())
        self._far = FarAccesses(self._functions, rules, self._questions)
        self._touched: dict[Asked, tuple[Seen, ...] | None] = {}
        self._callers: dict[str, list[tuple[Function, int]]] = {}

    @property
    def shared(self) -> tuple[str, ...]:
        """The functions that other files can call."""
        return tuple(sorted(b.name for b in self._functions.outline.bodies if not b.static))

    def touched_outside(self, name: str, kind: AccessKind | None) -> tuple[Seen, ...]:
        """What a function of the file touches, without the places: for the files beside it."""
        return tuple(replace(seen, offset=0) for seen in self.touched(name, kind) or ())

    def reading(self, beside: Beside) -> tuple[FileContexts, tuple[Asked, ...]]:
        """The contexts, and what was asked about the files of the directory.

        `beside` is asked what functions touch; it answers for those that these files define.
        """
        self._questions = Questions(beside)
        self._far = FarAccesses(self._functions, self._rules, self._questions)
        return self._contexts(), self._questions.asked

    def _contexts(self) -> FileContexts:
        """All barriers in the functions and macros of the file."""
        contexts = []
        for start, name in self._rules.barrier_calls.in_text(self._functions.source.skeleton):
            function = self._functions.at(start)
            if function and self._rules.ordering(function.name) is None:
                number = function.step_at(start)
                if number is not None:
                    contexts.append(self._context(name, start, function, number))
        helpers = self._inline_functions() if self._path.endswith(".h") else ()
        shared = () if self._path.endswith(".h") else self.shared
        return FileContexts(self._path, tuple(contexts), tuple(helpers), shared)

    def _context(self, name: str, start: int, function: Function, number: int) -> Context:
        ordering = self._rules.ordering(name)
        assert ordering is not None
        sides = BarrierSides(self, function, number, start, ordering)
        line, column = self._functions.source.position(start)
        before, calls_before = sides.before()
        after, calls_after = sides.after()
        loop = sides.loop()
        first, last = (self._functions.source.position(at)[0] for at in function.span)
        arm_first, arm_last = (
            self._functions.source.position(at)[0] for at in sides.arm(function.span)
        )
        return Context(
            name,
            function.name,
            line,
            column,
            tuple(before[:MOST_ACCESSES]),
            tuple(after[:MOST_ACCESSES]),
            tuple(calls_before[:MOST_CALLS]),
            tuple(calls_after[:MOST_CALLS]),
            first,
            last,
            is_small=function.is_macro or len(function.flow.steps) <= THIN,
            arm_first_line=arm_first,
            arm_last_line=arm_last,
            beside=tuple(sides.beside()[:MOST_ACCESSES]),
            far_before=sides.far(after, before[:MOST_ACCESSES], before=True),
            far_after=sides.far(before, after[:MOST_ACCESSES], before=False),
            loop_first_line=self._line(loop[0]) if loop else 0,
            loop_last_line=self._line(loop[1]) if loop else 0,
            exits=tuple(self._exits(sides.exits())),
        )

    def _line(self, offset: int) -> int:
        return self._functions.source.position(offset)[0]

    def _exits(self, exits: Iterable[tuple[int, int, int | None]]) -> Iterator[Exit]:
        for first, last, target in exits:
            target_line = 0 if target is None else self._line(target)
            yield Exit(self._line(first), self._line(last), target_line)

    def _inline_functions(self) -> Iterator[Helped]:
        """What the small functions of a header touch."""
        for body in self._functions.outline.bodies:
            function = self._functions.at(body.start + 1) if body.static else None
            if function and self._rules.effects(body.name) is None:
                accesses = tuple(self.access(seen, 0) for seen in _touched(function, None))
                if accesses:
                    yield Helped(body.name, accesses)

    def access(self, seen: Seen, distance: int, via: str = "", caller: str = "") -> Access:
        """An access as a fact."""
        line, column = self._functions.source.position(seen.offset)
        what = seen.name, seen.structure, seen.bit, seen.kind
        return Access(*what, line, column, distance, via or seen.via, caller)

    def call(self, seen: SeenCall, distance: int, caller: str) -> Called:
        """A call as a fact."""
        return Called(seen.name, *self._functions.source.position(seen.offset), distance, caller)

    def orderings(self, function: Function, number: int) -> list[Ordering]:
        """What the barriers in a step order. At a full one, contexts end."""
        part, ordering = function.part(number), self._rules.ordering
        names = [call.name for call in part.calls]
        names += [seen.via for seen in part.accesses if seen.via]
        return [order for name in names if (order := ordering(name))]

    def far(
        self, walks: Iterable[Walk], function: Function, wanted: Wanted, near: Iterable[Access]
    ) -> tuple[Access, ...]:
        """What the steps of some functions access of what is wanted, and is not near."""
        return self._far.of(walks, function, wanted, near)

    def is_barrier(self, name: str) -> bool:
        """Whether a name is that of a barrier."""
        return self._rules.ordering(name) is not None

    def inside(self, call: SeenCall, distance: int, caller: str) -> Iterator[Access] | None:
        """What a function of the file touches, as accesses of its call; None for one of another."""
        asked = call.name, call.kind
        touched: Iterable[Seen] | None = self.touched(*asked)
        if touched is None:
            beside = self._questions.touched(*asked)
            if beside is None:
                return None
            touched = (replace(seen, offset=call.offset) for seen in beside)
        return (self.access(seen, distance, call.name, caller) for seen in touched)

    def touched(self, name: str, kind: AccessKind | None) -> tuple[Seen, ...] | None:
        """What a function of the file touches; None if the file has none of this name."""
        asked = name, kind
        if asked not in self._touched:
            function = self._functions.named(name)
            self._touched[asked] = tuple(_touched(function, kind)) if function else None
        return self._touched[asked]

    def callers(self, function: Function) -> list[tuple[Function, int]]:
        """The functions of the file that call one, each with the number of the step that does."""
        callers = self._callers.get(function.name)
        if callers is not None:
            return callers
        callers = self._callers[function.name] = []
        name, text = function.name, self._functions.text
        for start in words_in(text, name):
            if not _OPENING.match(text, start + len(name)):
                continue
            caller = self._functions.at(start)
            number = caller.step_at(start) if caller and caller is not function else None
            if caller and number is not None:
                callers.append((caller, number))
            if len(callers) == _MOST_CALLERS:
                break
        return callers


def _touched(function: Function, kind: AccessKind | None) -> Iterator[Seen]:
    """What a function touches; `kind` is what happens to the object that it returns."""
    seen = (
        replace(each, kind=kind) if kind and step.is_return and not each.via else each
        for number, step in enumerate(function.flow.steps[:_MOST_CALLED_STEPS])
        for each in function.part(number).accesses
    )
    return islice(seen, _MOST_CALLED)
