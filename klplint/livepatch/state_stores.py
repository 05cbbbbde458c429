"""A switching function itself: what lies between clearing the flag and storing the state."""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.analysis.name_patterns import fits_any
from klplint.facts.region import Region
from klplint.facts.statements import Call, Event, Function, Store, events_of
from klplint.livepatch.pending_tests import names_flag
from klplint.livepatch.test_results import (
    NO_CALLS,
    Between,
    Test,
    TestedBy,
    followed_by,
    in_order,
    joined_guards,
)

_MEMBER = re.compile(r"(?:->|\.)\s*(\w+)\s*\)*$")


class Clearing(NamedTuple):
    """How a function switches a task: what clears the flag, and what stores the state."""

    clears: tuple[str, ...]
    """Patterns for the functions that clear a flag."""
    flags: tuple[str, ...]
    """The names of the pending flag, one of which an argument has to contain."""
    members: tuple[str, ...]
    """The members that are a task's state."""
    stores: tuple[str, ...]
    """Patterns for the functions that store in their first argument."""

    def is_clearing(self, call: Call) -> bool:
        """Whether a call clears the flag."""
        names_a_flag = any(names_flag(argument, self.flags) for argument in call.arguments)
        return names_a_flag and fits_any(call.name, self.clears)

    def is_storing(self, event: Event) -> bool:
        """Whether an event stores the state."""
        if isinstance(event, Store):
            return event.member in self.members
        if not isinstance(event, Call) or not event.arguments:
            return False
        member = _MEMBER.search(event.arguments[0])
        is_store = fits_any(event.name, self.stores)
        return is_store and member is not None and member[1] in self.members


def stores_after_clearing(
    function: Function, clearing: Clearing
) -> tuple[tuple[Region, Between], ...]:
    """Where a function stores the state after it has cleared the flag, and what lies between."""
    try:
        states = states_before_calls(function.body, _Cleared(clearing))
    except NotSettled:
        return ()
    return tuple(
        (event.region, between)
        for event in events_of(function.body)
        if clearing.is_storing(event) and isinstance(event, Call | Store)
        for between in in_order(states.get(event.region, {}))
    )


class _Cleared(Analysis[TestedBy]):
    """The analysis of a switching function: what may have cleared the flag, and the calls since."""

    def __init__(self, clearing: Clearing) -> None:
        self._clearing = clearing

    def start(self) -> TestedBy:
        return {}

    def join(self, one: TestedBy, other: TestedBy) -> TestedBy:
        return joined_guards(one, other)

    def event(self, state: TestedBy, event: Event) -> TestedBy:
        if self._clearing.is_storing(event):
            return {}
        if not isinstance(event, Call):
            return state
        if self._clearing.is_clearing(event):
            return {Test(event.region, f"{event.name}({', '.join(event.arguments)})"): NO_CALLS}
        return {test: followed_by(calls, event) for test, calls in state.items()}
