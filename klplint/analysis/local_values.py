"""What a local variable may hold before a call: a flow analysis over plain assignments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.csource.expressions import possible_values
from klplint.facts.region import Region
from klplint.facts.statements import AddressTaken, Assign, Event, Function, VariableKey


class Parameter(msgspec.Struct, frozen=True):
    """The value that the caller passes for a parameter."""

    name: str


Value = str | Parameter | None
"""An expression in canonical form, what the caller passes, or None: it may be anything."""
Values = frozenset[Value]
_UNKNOWN: Values = frozenset({None})


class LocalValues:
    """What expressions may be at the calls of one function; the function is analysed once."""

    def __init__(self, function: Function | None) -> None:
        """Without a function, nothing is known about any variable."""
        self._function = function
        self._states: dict[Region, _State] | None = None
        self._analysis = _Assignments(function) if function else None

    def at_call(self, expression: str, call: Region) -> Values:
        """All values that `expression` may have at a call.

        Local variables are followed to what was assigned to them. An expression that is not a
        local variable is its own value.
        """
        values = possible_values(expression)
        if values is None:
            return _UNKNOWN
        if self._function is None or self._analysis is None:
            return frozenset(values)
        if self._states is None:
            try:
                self._states = states_before_calls(self._function.body, self._analysis)
            except NotSettled:
                return _UNKNOWN
        state = self._states.get(call, _NOTHING_ASSIGNED)
        return self._analysis.values_of(values, state, call)


class _State(NamedTuple):
    """What was assigned on the way to a place."""

    values: Mapping[VariableKey, Values]
    """What each variable may hold; one that is not listed was not assigned."""
    shared: frozenset[VariableKey]
    """The variables whose address was taken: from then on, any call may write to them."""


_NOTHING_ASSIGNED = _State({}, frozenset())


class _Assignments(Analysis[_State]):
    """The analysis of assignments to the variables of one function."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._parsed: dict[str, frozenset[str] | None] = {}
        """The possible values of each expression; parsing one takes its time."""

    def values_of(self, expressions: frozenset[str], state: _State, region: Region) -> Values:
        """What expressions, as they stand at `region`, may be in a state."""
        return frozenset().union(*(self._value_of(text, state, region) for text in expressions))

    def _value_of(self, expression: str, state: _State, region: Region) -> Values:
        key = self._function.variable_key(expression, region)
        return state.values.get(key, frozenset({expression}))

    def start(self) -> _State:
        passed = {name: frozenset({Parameter(name)}) for name in self._function.parameters}
        return _State({VariableKey(name): value for name, value in passed.items()}, frozenset())

    def join(self, one: _State, other: _State) -> _State:
        keys = one.values.keys() | other.values.keys()
        values = {
            key: one.values.get(key, _UNKNOWN) | other.values.get(key, _UNKNOWN) for key in keys
        }
        return _State(values, one.shared | other.shared)

    def event(self, state: _State, event: Event) -> _State:
        match event:
            case Assign():
                key = self._function.variable_key(event.target, event.region)
                assigned = self._assigned(state, event, key)
                return state._replace(values={**state.values, key: assigned})
            case AddressTaken():
                key = self._function.variable_key(event.variable, event.region)
                return _State({**state.values, key: _UNKNOWN}, state.shared | {key})
        return state

    def _assigned(self, state: _State, event: Assign, key: VariableKey) -> Values:
        """What the variable `key` may hold after an assignment to it."""
        if event.value is None or key in state.shared:
            return _UNKNOWN
        if event.value not in self._parsed:
            self._parsed[event.value] = possible_values(event.value)
        values = self._parsed[event.value]
        return _UNKNOWN if values is None else self.values_of(values, state, event.region)
