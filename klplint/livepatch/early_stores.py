"""A switching function itself: what it stores in the state before it clears the flag."""

from __future__ import annotations

from collections.abc import Callable

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.facts.region import Region
from klplint.facts.statements import Call, Event, Function, events_of
from klplint.livepatch.state_stores import Clearing

_Seen = tuple[bool, frozenset[Region]]
"""Whether a path may have cleared the flag, and where paths that had not stored the state."""


def stores_before_clearing(
    function: Function, clearing: Clearing, stores: Callable[[Event], bool]
) -> tuple[tuple[Region, Region], ...]:
    """Where a function stores the state and then clears the flag, which it had not cleared before.

    Each store comes with the clearing that may follow it.
    """
    try:
        states = states_before_calls(function.body, _Stored(clearing, stores))
    except NotSettled:
        return ()
    pairs: dict[Region, Region] = {}
    for event in events_of(function.body):
        if isinstance(event, Call) and clearing.is_clearing(event) and event.region in states:
            for region in sorted(states[event.region][1]):
                pairs.setdefault(region, event.region)
    return tuple(pairs.items())


class _Stored(Analysis[_Seen]):
    """The analysis: the stores of the state on paths on which the flag cannot be clear yet."""

    def __init__(self, clearing: Clearing, stores: Callable[[Event], bool]) -> None:
        self._clearing = clearing
        self._stores = stores

    def start(self) -> _Seen:
        return False, frozenset()

    def join(self, one: _Seen, other: _Seen) -> _Seen:
        return one[0] or other[0], one[1] | other[1]

    def event(self, state: _Seen, event: Event) -> _Seen:
        is_cleared, stored = state
        if isinstance(event, Call) and self._clearing.is_clearing(event):
            return True, frozenset()
        if self._stores(event) and not is_cleared:
            return is_cleared, stored | {event.region}
        return state
