"""What may sleep between a test of the pending flag and a switch, also in helpers and macros."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.statements import Call
from klplint.livepatch.sleeping_calls import SleepData, Sleepers, Step
from klplint.livepatch.switch_helpers import Helper, Switch, Switches
from klplint.livepatch.test_results import Between, Test

Way = tuple[Step, ...]
"""A way to what sleeps, from a call in the function down."""


class Late(NamedTuple):
    """A test after which the task may sleep."""

    test: Test
    ways: list[Way]
    """The ways to what sleeps; at least one."""


class LateSleeps:
    """What sleeps before the switches of a tree, according to the answers so far."""

    def __init__(self, sleeping: SleepData, switches: Switches, tree: TreeFacts) -> None:
        """`sleeping` says what sleeps, `tree` holds the answers."""
        self._sleeping = sleeping
        self._switches = switches
        self._tree = tree
        self._sleepers: dict[str, Sleepers] = {}

    def before(self, switch: Switch) -> Late | None:
        """The first test before a switch after which something may sleep."""
        guards = self._switches.guards(switch)
        # What is inside takes long to find out, and matters only behind a test.
        inside = [*self._in_helper(switch.helper), *self._in_macro(switch)] if guards else []
        name = switch.helper.callee.name if switch.helper else switch.call.via
        entry = Step(name, switch.facts.path, switch.call.region)
        for between in guards:
            ways = [*self.ways(between, switch.facts), *((entry, *way) for way in inside)]
            if ways:
                return Late(between.test, ways)
        for text in self._late_in_macro(switch):
            return Late(Test(switch.call.region, text), [(entry,)])
        return None

    def ways(self, between: Between, facts: FileFacts) -> list[Way]:
        """The ways from the calls after a test in a file down to what sleeps."""
        return list(self._ways(between.calls, facts.path))

    def queries(self) -> Iterator[Query]:
        """What has to be known about the calls between tests and switches."""
        for switch in self._switches.all:
            guards = self._switches.guards(switch)
            calls = [call for between in guards for call in between.calls]
            for macro in self._switches.in_macro(switch):
                calls += [call for between in macro.since_entry for call in between.calls]
            yield from self._about(calls, switch.facts.path)
            helper = switch.helper if guards else None
            while helper is not None:
                yield from self._about(self._switches.entered(helper), helper.facts.path)
                helper = helper.inner

    def about(self, between: Between, facts: FileFacts) -> Iterator[Query]:
        """What has to be known about the calls after a test in a file."""
        return self._about(between.calls, facts.path)

    def _about(self, calls: Iterable[Call], path: str) -> Iterator[Query]:
        yield from self._in_file(path).queries(calls)

    def _in_file(self, path: str) -> Sleepers:
        if path not in self._sleepers:
            self._sleepers[path] = Sleepers(self._sleeping, path, self._tree)
        return self._sleepers[path]

    def _ways(self, calls: Iterable[Call], path: str) -> Iterator[Way]:
        for call in calls:
            way = self._in_file(path).way(call.name, call.region, call.arguments)
            if way:
                yield way

    def _in_helper(self, helper: Helper | None) -> Iterator[Way]:
        """The ways to what a helper may do before it switches, below the call of the helper."""
        if helper is None:
            return
        yield from self._ways(self._switches.entered(helper), helper.facts.path)
        if helper.inner is not None:
            step = Step(helper.inner.callee.name, helper.facts.path, helper.switch)
            yield from ((step, *way) for way in self._in_helper(helper.inner))

    def _in_macro(self, switch: Switch) -> Iterator[Way]:
        """An empty way for each call that may sleep in a macro before it switches untested."""
        for macro in self._switches.in_macro(switch):
            for between in macro.since_entry:
                if between.test.kind == "entry":
                    yield from (() for _ in self._ways(between.calls, switch.facts.path))

    def _late_in_macro(self, switch: Switch) -> Iterator[str]:
        """The tests within a macro after which it may sleep, and then switches."""
        for macro in self._switches.in_macro(switch):
            for between in macro.tests:
                if any(self._ways(between.calls, switch.facts.path)):
                    yield between.test.text
