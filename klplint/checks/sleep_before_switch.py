"""KLP006: may the task sleep between the test of the pending flag and the switch?

Source: the review of klp_patch_task() in May 2016: between the test and the switch, or inside the
switch, the task may be rescheduled. If it sleeps there, it may store a stale state.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.analysis.call_graph import files_called
from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts
from klplint.facts.memo import Memo
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Function
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Place
from klplint.livepatch.late_sleeps import Late, LateSleeps
from klplint.livepatch.pending_tests import PendingTests
from klplint.livepatch.sleeping_calls import SleepData, SleepKind
from klplint.livepatch.state_stores import Clearing, stores_after_clearing
from klplint.livepatch.switch_helpers import Switch, Switches
from klplint.livepatch.test_helpers import HelperTests
from klplint.livepatch.test_results import Between

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
    atomic: tuple[str, ...] = ()
    """Patterns for functions that never sleep, whatever they call."""

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The helpers that switch without a test: their callers have to test."""
        yield from self._switches(tree).helpers

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Which helpers test the flag, and what is called between a test and a switch."""
        for facts in files_called(tree):
            yield from self._helpers(facts, tree).queries()
        sleeps = LateSleeps(SleepData(self.sleeps, self.atomic), self._switches(tree), tree)
        yield from sleeps.queries()
        for facts in tree.files.values():
            for _, _, between in self._stores(facts, tree.memo):
                yield from sleeps.about(between, facts)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each guarded call, and each store of the state, that comes too late."""
        switches = self._switches(tree)
        sleeps = LateSleeps(SleepData(self.sleeps, self.atomic), switches, tree)
        for switch in switches.all:
            late = sleeps.before(switch)
            if late:
                yield _at_call(switch, late)
        for facts in tree.files.values():
            for function, region, between in self._stores(facts, tree.memo):
                ways = sleeps.ways(between, facts)
                if ways:
                    yield _at_store(function, region, Late(between.test, ways), facts)

    def _switches(self, tree: TreeFacts) -> Switches:
        """The switching calls of the tree, and the helpers that make them."""
        tests = {path: self._helpers(facts, tree).all() for path, facts in tree.files.items()}
        return Switches(tree.files, frozenset(self.functions), tests, tree.memo)

    def _helpers(self, facts: FileFacts, tree: TreeFacts) -> HelperTests:
        tests = PendingTests(
            functions=self.pending_functions,
            flag_functions=self.flag_functions,
            flags=self.flags,
            transparent=self.transparent,
            state_members=self.members,
            idle_states=self.idle_states,
            stores=self.stores,
        )
        return HelperTests(tests, facts, tree)

    def _stores(self, facts: FileFacts, memo: Memo) -> Iterator[tuple[Function, Region, Between]]:
        """The stores of the state in switching functions, each after the flag was cleared."""
        clearing = Clearing(self.clears, self.flags, self.members, self.stores)
        for function in facts.functions:
            if function.name in self.functions:
                for region, between in memo.once(stores_after_clearing, function, clearing):
                    yield function, region, between


def _in_words(late: Late) -> str:
    """The first way in words: `f() at line 3, which calls g() at line 9 and 2 more`.

    The file of a call is named where it is not that of the call before.
    """
    first, *_ = late.ways[0]
    steps, path = [], first.path
    for step in late.ways[0]:
        where = "" if step.path == path else f" of {step.path}"
        steps.append(f"{step.name}() at line {step.region.line}{where}")
        path = step.path
    more = f" and {len(late.ways) - 1} more" if len(late.ways) > 1 else ""
    return ", which calls ".join(steps) + more


def _places(late: Late, facts: FileFacts, label: str) -> Iterator[Place]:
    """The test, and each step down to what sleeps."""
    yield place(facts, late.test.region, label)
    for first, *inner in late.ways[:_MOST_SLEEPS]:
        yield Place(first.path, first.region, f"{first.name}() may sleep")
        for step in inner:
            yield Place(step.path, step.region, f"{step.name}() is called here")


def _at_call(switch: Switch, late: Late) -> Draft:
    """The finding for a switching call, or for the call of a helper that makes it."""
    facts, call, helper = switch
    callee = f"{call.name}(), which switches the task," if helper else call.callee
    tested = f"`{late.test.text}` at line {late.test.region.line}"
    if late.test.kind == "read":
        label, advice = "the flags that guard the call are read here", "read them again"
        guard = f"after {tested} reads the flags that guard the call"
    else:
        label, advice = "the test that guards the call", "test again"
        guard = f"after the test {tested}, which guards the call"
    return Draft(
        place=place(facts, call.region, "the task may have slept since the test"),
        message=f"{callee} is called in {call.function}() although the task may sleep "
        f"{guard}: {_in_words(late)}; {advice} after the sleep",
        function=call.function,
        related=tuple(_places(late, facts, label)),
    )


def _at_store(function: Function, region: Region, late: Late, facts: FileFacts) -> Draft:
    """The finding for a store of the state in a switching function."""
    return Draft(
        place=place(facts, region, "the task may have slept since the flag was cleared"),
        message=f"{function.name}() stores the task's state although the task may sleep after "
        f"`{late.test.text}` at line {late.test.region.line}, which clears the flag: "
        f"{_in_words(late)}; do not sleep in between",
        function=function.name,
        related=tuple(_places(late, facts, "the flag is cleared here")),
    )
