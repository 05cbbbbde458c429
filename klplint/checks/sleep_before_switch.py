"""KLP006: may the task sleep between the test of the pending flag and the switch?

Source: the review of klp_patch_task() in May 2016: between the test and the switch, or inside the
switch, the task may be rescheduled; if it sleeps at a strange place, strange values get assigned
at strange times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.memo import Memo
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft, Place
from klplint.livepatch.pending_guards import Between, Guards
from klplint.livepatch.pending_tests import PendingTests
from klplint.livepatch.sleeping_calls import Sleepers, SleepKind, Step
from klplint.livepatch.state_stores import Clearing, stores_after_clearing

# Further sleeps help nobody: the first ones say what is wrong.
_MOST_SLEEPS = 5


class SleepBeforeSwitchCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` before which the task may sleep, their guard being tested already.

    `pending_functions`, `flag_functions` with `flags`, and `transparent` say what a test is; see
    tested.PendingTests. `clears`, `members` and `stores` say how a switching function itself
    works; see pending.Clearing. `sleeps` is what may sleep.
    """

    functions: tuple[str, ...]
    pending_functions: tuple[str, ...]
    flag_functions: tuple[str, ...]
    flags: tuple[str, ...]
    transparent: tuple[str, ...]
    clears: tuple[str, ...]
    members: tuple[str, ...]
    stores: tuple[str, ...]
    sleeps: tuple[SleepKind, ...]

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the functions of a file do that are called between a test and a switch in it."""
        for facts in tree.files.values():
            between = [
                *(b for _, found in self._guarded(facts, tree.memo) for b in found),
                *(b for _, _, b in self._stores(facts, tree.memo)),
            ]
            names = {call.name for one in between for call in one.calls}
            yield from Sleepers(self.sleeps, facts.path, tree).queries(
                sorted(names - frozenset(self.functions))
            )

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each guarded call, and each store of the state, that comes late."""
        for facts in tree.files.values():
            yield from self._in_file(facts, tree)

    def _in_file(self, facts: FileFacts, tree: TreeFacts) -> Iterator[Draft]:
        sleepers = Sleepers(self.sleeps, facts.path, tree)
        for call, found in self._guarded(facts, tree.memo):
            late = _late(found, sleepers)
            if late:
                yield _at_call(call, late, facts)
        for function, region, between in self._stores(facts, tree.memo):
            late = _late([between], sleepers)
            if late:
                yield _at_store(function, region, late, facts)

    def _guarded(
        self, facts: FileFacts, memo: Memo
    ) -> Iterator[tuple[Occurrence, tuple[Between, ...]]]:
        """The calls that a test guards, and what lies between."""
        tests = PendingTests(
            self.pending_functions, self.flag_functions, self.flags, self.transparent
        )
        for call in facts.calls_of(frozenset(self.functions)):
            function = facts.function_around(call)
            if function is not None:
                yield call, memo.once(Guards, function, tests).of(call.region)

    def _stores(self, facts: FileFacts, memo: Memo) -> Iterator[tuple[Function, Region, Between]]:
        """The stores of the state in the bodies of switching functions."""
        clearing = Clearing(self.clears, self.flags, self.members, self.stores)
        for function in facts.functions:
            if function.name in self.functions:
                for region, between in memo.once(stores_after_clearing, function, clearing):
                    yield function, region, between


class _Late:
    """A test after which the task may sleep, and the ways to where it does."""

    def __init__(self, between: Between, ways: list[tuple[Step, ...]]) -> None:
        self.test = between.test
        self.ways = ways

    @property
    def line(self) -> int:
        return self.test.region.line

    def __str__(self) -> str:
        more = f" and {len(self.ways) - 1} more" if len(self.ways) > 1 else ""
        return _told(self.ways[0]) + more

    def places(self, facts: FileFacts, label: str) -> Iterator[Place]:
        """The test, and each step down to what sleeps."""
        yield place(facts, self.test.region, label)
        for first, *inner in self.ways[:_MOST_SLEEPS]:
            yield place(facts, first.region, f"{first.name}() may sleep")
            for step in inner:
                yield place(facts, step.region, f"{step.name}() is called here")


def _late(found: Iterable[Between], sleepers: Sleepers) -> _Late | None:
    """The first test after which something may sleep."""
    for between in found:
        ways = [way for way in (_way(call, sleepers) for call in between.calls) if way]
        if ways:
            return _Late(between, ways)
    return None


def _way(call: Call, sleepers: Sleepers) -> tuple[Step, ...]:
    return sleepers.way(call.name, call.region, call.arguments)


def _told(way: tuple[Step, ...]) -> str:
    """A way in words: `f() at line 3, which calls g() at line 9`."""
    return ", which calls ".join(f"{step.name}() at line {step.region.line}" for step in way)


def _at_call(call: Occurrence, late: _Late, facts: FileFacts) -> Draft:
    return Draft(
        place=place(facts, call.region, "the task may have slept since the test"),
        message=f"{call.callee} is called in {call.function}(), but the task may sleep between "
        f"the test `{late.test.text}` at line {late.line}, which guards the call, and the call: {late}",
        function=call.function,
        related=tuple(late.places(facts, "the test that guards the call")),
    )


def _at_store(function: Function, region: Region, late: _Late, facts: FileFacts) -> Draft:
    return Draft(
        place=place(facts, region, "the task may have slept since the flag was cleared"),
        message=f"{function.name}() stores the task's state, but the task may sleep between "
        f"`{late.test.text}` at line {late.line}, which clears the flag, and the store: {late}",
        function=function.name,
        related=tuple(late.places(facts, "the flag is cleared here")),
    )
