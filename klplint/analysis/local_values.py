"""What local variables, and members of local structures, may hold before a call: a flow analysis.

It follows plain assignments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from klplint.analysis.branch_conditions import condition_of
from klplint.analysis.dataflow import Analysis, NotSettled, States, states_at_calls
from klplint.csource.expressions import possible_values
from klplint.facts.region import Region
from klplint.facts.statements import AddressTaken, Assign, Event, Function, If, Store, VariableKey

# A member of a variable, as in `context.task`, but not behind a pointer.
_MEMBER = re.compile(r"([A-Za-z_]\w*)(?:\s*\.\s*[A-Za-z_]\w*)+")


class Parameter(msgspec.Struct, frozen=True):
    """The value that the caller passes for a parameter."""

    name: str


Value = str | Parameter | None
"""An expression in canonical form, what the caller passes, or None: it may be anything."""
Values = frozenset[Value]
_UNKNOWN: Values = frozenset({None})
_NULL: Values = frozenset({"NULL", "0"})


class LocalValues:
    """What expressions may be at the calls of one function; the function is analysed once."""

    def __init__(self, function: Function | None) -> None:
        """Without a function, nothing is known about any variable."""
        self._function = function
        self._states: States[_State] | None = None
        self._analysis = _Assignments(function) if function else None

    def at_call(self, expression: str, name: str, call: Region) -> Values:
        """All values that `expression` may have at a call of the function `name`.

        `call` is the region of the name, or of the macro that makes the call.

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
                self._states = states_at_calls(self._function.body, self._analysis)
            except NotSettled:
                return _UNKNOWN
        state = self._states.at_call(name, call) or _NOTHING_ASSIGNED
        return self._analysis.values_of(values, state, call)


class _State(NamedTuple):
    """What was assigned on the way to a place."""

    values: Mapping[VariableKey, Values]
    """What each variable may hold; one that is not listed was not assigned."""
    shared: frozenset[VariableKey]
    """The variables whose address was taken: from then on, any call may write to them."""
    members: frozenset[VariableKey] = frozenset()
    """The members among the keys of `values`."""


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
        """What an expression may be; a local variable that was not assigned may be anything."""
        key = self._key(expression, region)
        usual = _UNKNOWN if key.declared else frozenset[Value]({expression})
        return state.values.get(key, usual)

    def _key(self, target: str, region: Region) -> VariableKey:
        """Identifies a variable, or a member of one: that has the variable's declaration."""
        member = _MEMBER.fullmatch(target)
        declared = self._function.variable_key(member[1] if member else target, region).declared
        return VariableKey("".join(target.split()) if member else target, declared)

    def start(self) -> _State:
        passed = {name: frozenset({Parameter(name)}) for name in self._function.parameters}
        return _State({VariableKey(name): value for name, value in passed.items()}, frozenset())

    def join(self, one: _State, other: _State) -> _State:
        keys = one.values.keys() | other.values.keys()
        values = {
            key: one.values.get(key, _UNKNOWN) | other.values.get(key, _UNKNOWN) for key in keys
        }
        return _State(values, one.shared | other.shared, one.members | other.members)

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        """Where a variable was tested, it holds something or nothing: `for (; task; )`."""
        condition = condition_of(statement)
        key = self._key(condition.text, statement.condition.region) if condition else None
        held = state.values.get(key, _UNKNOWN) if key else _UNKNOWN
        # What cannot be there at all is left as it is: it is not executed.
        if condition is None or key is None or not held & _NULL or not held - _NULL:
            return state, state
        something = state._replace(values={**state.values, key: held - _NULL})
        return (something, state) if condition.holds else (state, something)

    def event(self, state: _State, event: Event) -> _State:
        match event:
            case Assign():
                key = self._key(event.target, event.region)
                new = {**self._members_of(state, key), **self._copied(state, event, key)}
                members = state.members | new.keys() if new else state.members
                new[key] = self._assigned(state, event, key)
                return state._replace(values={**state.values, **new}, members=members)
            case Store() if _MEMBER.fullmatch(event.target):
                key = self._key(event.target, event.region)
                values = {**state.values, key: self._assigned(state, event, key)}
                return state._replace(values=values, members=state.members | {key})
            case AddressTaken():
                key = self._key(event.variable, event.region)
                values = {**state.values, **self._members_of(state, key), key: _UNKNOWN}
                return state._replace(values=values, shared=state.shared | {key})
        return state

    def _copied(
        self, state: _State, event: Assign, key: VariableKey
    ) -> Mapping[VariableKey, Values]:
        """What the members hold that another structure is copied to: `copy = context`."""
        source = self._key((event.value or "").strip("() "), event.region)
        held = f"{source.name}."
        return {
            VariableKey(f"{key.name}.{each.name.removeprefix(held)}", key.declared): (
                _UNKNOWN if source in state.shared else state.values[each]
            )
            for each in state.members
            if each.declared == source.declared and each.name.startswith(held)
        }

    def _members_of(self, state: _State, key: VariableKey) -> dict[VariableKey, Values]:
        """The members of a variable, which may be anything once it is written to as a whole."""
        dropped = f"{key.name}."
        return {
            each: _UNKNOWN
            for each in state.members
            if each.declared == key.declared and each.name.startswith(dropped)
        }

    def _assigned(self, state: _State, event: Assign | Store, key: VariableKey) -> Values:
        """What the variable or member `key` may hold after an assignment to it."""
        variable = key._replace(name=key.name.partition(".")[0])
        if event.value is None or variable in state.shared:
            return _UNKNOWN
        if event.value not in self._parsed:
            self._parsed[event.value] = possible_values(event.value)
        values = self._parsed[event.value]
        return _UNKNOWN if values is None else self.values_of(values, state, event.region)
