"""Which locks may be held in a function: by the rule's data, and by what the tree defines."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.analysis.dataflow import NotSettled
from klplint.analysis.loops import loops_in
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function, Statement, events_of
from klplint.livepatch.guard_effects import GuardEffects
from klplint.livepatch.guards import Guards
from klplint.livepatch.held_locks import Held, LockKind, locks_before_calls
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.lock_effects import LockEffects


class FunctionLocks:
    """The locks in the functions of a tree; those of each function are worked out once."""

    def __init__(
        self,
        locks: tuple[LockKind, ...],
        guards: Guards,
        waits: tuple[str, ...],
        reviewed: tuple[KnownLocation, ...],
        tree: TreeFacts,
    ) -> None:
        """Nobody looks into what `waits`, and of a function in `reviewed` only the file is read.

        Such a function calls much of the kernel.
        """
        self._locks = locks
        self._guards = guards
        self._waits = waits
        self._reviewed = reviewed
        self._tree = tree
        self._effects: dict[bool, LockEffects] = {}  # by whether only one file is read
        # By the identity of functions: the tree holds them for as long as this object lives.
        self._held: dict[int, dict[Region, tuple[Held, ...]]] = {}
        self._loop_guards: dict[int, tuple[str, ...]] = {}
        self._asked: list[tuple[FileFacts, Function]] = []
        """The functions in which it matters what is locked."""
        self._asked_loops: list[tuple[LockEffects, tuple[str, ...]]] = []
        """The macros that make loops, in functions in which it matters what a loop is."""

    def before_calls(self, facts: FileFacts, function: Function) -> dict[Region, tuple[Held, ...]]:
        """The locks that may be held before each call; none where that cannot be determined."""
        key = id(function)
        if key not in self._held:
            self._asked.append((facts, function))
            names, effects = called_names(function.body), self._lock_effects(facts, function)
            guards = GuardEffects(self._guards, effects).guards(_calls(function.body))
            guards = guards._replace(around=effects.around(names))
            try:
                held = locks_before_calls(function.body, effects.kinds(names), guards)
            except NotSettled:
                held = {}
            self._held[key] = held
        return self._held[key]

    def loop_guards(self, facts: FileFacts, function: Function) -> tuple[str, ...]:
        """The macros that are written as loops to hold something while a statement is executed."""
        key = id(function)
        if key not in self._loop_guards:
            listed = self._guards.macros
            loops = loops_in(function.body, listed)
            names = tuple(sorted({loop.macro for loop in loops if loop.macro}))
            effects = self._lock_effects(facts, function)
            self._asked_loops.append((effects, names))
            macros = GuardEffects(self._guards, effects)
            self._loop_guards[key] = (*listed, *filter(macros.is_macro_of_guard, names))
        return self._loop_guards[key]

    def queries(self) -> Iterator[Query]:
        """What has to be answered to know what is locked in the functions asked about so far."""
        for effects, names in self._asked_loops:
            yield from GuardEffects(self._guards, effects).loop_queries(names)
        for facts, function in self._asked:
            effects = self._lock_effects(facts, function)
            yield from effects.queries(called_names(function.body))
            yield from GuardEffects(self._guards, effects).queries(_calls(function.body))

    def _lock_effects(self, facts: FileFacts, function: Function) -> LockEffects:
        """What the calls of a function do to locks."""
        location = location_of(self._reviewed, function.name, facts.path, self._tree.version)
        in_file = location is not None
        if in_file not in self._effects:
            self._effects[in_file] = LockEffects(
                self._locks, facts.path, self._tree, self._waits, in_file=in_file
            )
        return self._effects[in_file].of_file(facts.path)


def called_names(code: Statement) -> frozenset[str]:
    """The names of all functions and macros that some code calls."""
    return frozenset(call.name for call in _calls(code))


def _calls(code: Statement) -> Iterator[Call]:
    return (event for event in events_of(code) if isinstance(event, Call))
