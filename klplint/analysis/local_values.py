"""What a local variable may hold before a call: a flow analysis over plain assignments."""

from __future__ import annotations

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.csource.expressions import possible_values
from klplint.facts.region import Region
from klplint.facts.statements import AddressTaken, Assign, Event, Function

Values = frozenset[str | None]
_State = dict[str, Values]
_UNKNOWN: Values = frozenset({None})


def parameter(name: str) -> str:
    """The value of a parameter that the function itself never assigned: no expression is this."""
    return f"@{name}"


class LocalValues:
    """What expressions may be at the calls of one function, worked out once for all of them."""

    def __init__(self, function: Function | None) -> None:
        """Without a function nothing is known of any variable."""
        self._function = function
        self._states: dict[Region, _State] | None = None
        self._analysis = _Assignments(function) if function else None

    def at_call(self, expression: str, call: Region) -> Values:
        """All that `expression` may be at a call, in canonical form.

        Local variables are followed to what was assigned to them; None stands for anything, and
        `parameter(p)` for what the caller passes. What is no local variable is its own value.
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
        state = self._states.get(call, {})
        found = (self._analysis.value_of(state, value, call) for value in values)
        return frozenset().union(*found)


class _Assignments(Analysis[_State]):
    """The state maps each variable to what it may hold.

    A variable whose address was taken may be written by any call from then on: it is unknown
    for good, which an entry of its own marks.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._read: dict[str, frozenset[str] | None] = {}  # parsing an expression takes its time

    def _key(self, name: str, region: Region) -> str:
        """The variable that `name` means at `region`: two of one name are told apart."""
        variable = self._function.variable(name, region)
        return f"{name}@{variable.region.line}:{variable.region.column}" if variable else name

    def value_of(self, state: _State, value: str, region: Region) -> Values:
        """What a value may be, if it is a variable; else the value itself."""
        return state.get(self._key(value, region), frozenset({value}))

    def start(self) -> _State:
        return {name: frozenset({parameter(name)}) for name in self._function.parameters}

    def join(self, one: _State, other: _State) -> _State:
        names = one.keys() | other.keys()
        return {name: one.get(name, _UNKNOWN) | other.get(name, _UNKNOWN) for name in names}

    def event(self, state: _State, event: Event) -> _State:
        match event:
            case Assign():
                key = self._key(event.target, event.region)
                return {**state, key: self._assigned(state, event, key)}
            case AddressTaken():
                key = self._key(event.variable, event.region)
                return {**state, key: _UNKNOWN, f"&{key}": _UNKNOWN}
        return state

    def _assigned(self, state: _State, event: Assign, key: str) -> Values:
        if event.value is not None and event.value not in self._read:
            self._read[event.value] = possible_values(event.value)
        values = self._read.get(event.value) if event.value is not None else None
        if values is None or f"&{key}" in state:
            return _UNKNOWN
        return frozenset().union(*(self.value_of(state, v, event.region) for v in values))
