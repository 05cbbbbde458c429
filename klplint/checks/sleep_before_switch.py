"""KLP006: may the task sleep between the test of the pending flag and the switch?

Source: the review of klp_patch_task() in May 2016: between the test and the switch, or inside the
switch, the task may be rescheduled. If it sleeps there, it may store a stale state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.memo import Memo
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Function
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft, Place
from klplint.livepatch.pending_guards import Guards
from klplint.livepatch.pending_tests import PendingTests
from klplint.livepatch.sleeping_calls import Sleepers, SleepKind, Step
from klplint.livepatch.state_stores import Clearing, stores_after_clearing
from klplint.livepatch.test_results import Between, Test

# More sleeps help nobody: the first ones say what is wrong.
_MOST_SLEEPS = 5


class SleepBeforeSwitchCheck(Check, frozen=True, kw_only=True):
    """Switching calls before which the task may sleep although its flag was tested already."""

    functions: tuple[str, ...]
    """The switching functions."""
    pending_functions: tuple[str, ...]
    """Functions that test the pending flag, whatever their arguments."""
    flag_functions: tuple[str, ...]
    """Patterns for functions that test the pending flag if an argument names one of `flags`."""
    flags: tuple[str, ...]
    """The names of the pending flag."""
    transparent: tuple[str, ...]
    """Functions that are true exactly if their first argument is."""
    clears: tuple[str, ...]
    """Patterns for functions that clear the pending flag if an argument names one of `flags`."""
    members: tuple[str, ...]
    """The members that are a task's state."""
    idle_states: tuple[str, ...]
    """The values of these members outside a transition."""
    stores: tuple[str, ...]
    """Patterns for functions that store in their first argument."""
    sleeps: tuple[SleepKind, ...]
    """What may sleep."""

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the functions do that are called between a test and a switch."""
        for facts in tree.files.values():
            between = [
                *(b for _, tests in self._guarded(facts, tree.memo) for b in tests),
                *(b for _, _, b in self._stores(facts, tree.memo)),
            ]
            names = {call.name for one in between for call in one.calls}
            yield from Sleepers(self.sleeps, facts.path, tree).queries(
                sorted(names - frozenset(self.functions))
            )

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each guarded call, and each store of the state, that comes too late."""
        for facts in tree.files.values():
            sleepers = Sleepers(self.sleeps, facts.path, tree)
            for call, tests in self._guarded(facts, tree.memo):
                late = _late(tests, sleepers)
                if late:
                    yield _at_call(call, late, facts)
            for function, region, between in self._stores(facts, tree.memo):
                late = _late([between], sleepers)
                if late:
                    yield _at_store(function, region, late, facts)

    def _guarded(
        self, facts: FileFacts, memo: Memo
    ) -> Iterator[tuple[Occurrence, tuple[Between, ...]]]:
        """The switching calls of a file, each with the tests that guard it."""
        tests = PendingTests(
            functions=self.pending_functions,
            flag_functions=self.flag_functions,
            flags=self.flags,
            transparent=self.transparent,
            state_members=self.members,
            idle_states=self.idle_states,
            stores=self.stores,
        )
        for call in facts.calls_of(frozenset(self.functions)):
            function = facts.function_around(call)
            if function is not None:
                yield call, memo.once(Guards, function, tests).of(call.region)

    def _stores(self, facts: FileFacts, memo: Memo) -> Iterator[tuple[Function, Region, Between]]:
        """The stores of the state in switching functions, each after the flag was cleared."""
        clearing = Clearing(self.clears, self.flags, self.members, self.stores)
        for function in facts.functions:
            if function.name in self.functions:
                for region, between in memo.once(stores_after_clearing, function, clearing):
                    yield function, region, between


class _Late(NamedTuple):
    """A test after which the task may sleep."""

    test: Test
    ways: list[tuple[Step, ...]]
    """The ways to what sleeps, each from a call in the function down; at least one."""

    @property
    def line(self) -> int:
        """The line of the test."""
        return self.test.region.line

    def __str__(self) -> str:
        """The first way in words: `f() at line 3, which calls g() at line 9 and 2 more`."""
        steps = (f"{step.name}() at line {step.region.line}" for step in self.ways[0])
        more = f" and {len(self.ways) - 1} more" if len(self.ways) > 1 else ""
        return ", which calls ".join(steps) + more

    def places(self, facts: FileFacts, label: str) -> Iterator[Place]:
        """The test, and each step down to what sleeps."""
        yield place(facts, self.test.region, label)
        for first, *inner in self.ways[:_MOST_SLEEPS]:
            yield place(facts, first.region, f"{first.name}() may sleep")
            for step in inner:
                yield place(facts, step.region, f"{step.name}() is called here")


def _late(tests: Iterable[Between], sleepers: Sleepers) -> _Late | None:
    """The first of some tests after which something may sleep."""
    for between in tests:
        ways = (sleepers.way(call.name, call.region, call.arguments) for call in between.calls)
        ways_down = [way for way in ways if way]
        if ways_down:
            return _Late(between.test, ways_down)
    return None


def _at_call(call: Occurrence, late: _Late, facts: FileFacts) -> Draft:
    """The finding for a switching call."""
    return Draft(
        place=place(facts, call.region, "the task may have slept since the test"),
        message=f"{call.callee} is called in {call.function}() although the task may sleep after "
        f"the test `{late.test.text}` at line {late.line}, which guards the call: {late}; "
        "test again after the sleep",
        function=call.function,
        related=tuple(late.places(facts, "the test that guards the call")),
    )


def _at_store(function: Function, region: Region, late: _Late, facts: FileFacts) -> Draft:
    """The finding for a store of the state in a switching function."""
    return Draft(
        place=place(facts, region, "the task may have slept since the flag was cleared"),
        message=f"{function.name}() stores the task's state although the task may sleep after "
        f"`{late.test.text}` at line {late.line}, which clears the flag: {late}; "
        "do not sleep in between",
        function=function.name,
        related=tuple(late.places(facts, "the flag is cleared here")),
    )
