"""What a local variable may hold before a call: a flow analysis over plain assignments."""

from __future__ import annotations

from klplint.expression import possible_values
from klplint.facts import AddressTaken, Assign, Event, Function, If, Loop, Region
from klplint.flow import states_before_calls

Values = frozenset[str | None]
_State = dict[str, Values]
_UNKNOWN: Values = frozenset({None})


def values_at_call(expression: str, function: Function | None, call: Region) -> Values:
    """All that `expression` may be at a call in `function`, in canonical form.

    Local variables are followed to what was assigned to them; None stands for anything. What is
    no local variable is its own value. Raises flow.NotSettled.
    """
    values = possible_values(expression)
    if values is None:
        return _UNKNOWN
    if function is None:
        return frozenset(values)
    analysis = _Assignments(function)
    state = states_before_calls(function.body, analysis).get(call, {})
    return frozenset().union(*(analysis.value_of(state, value, call) for value in values))


class _Assignments:
    """The state maps each variable to what it may hold.

    A variable whose address was taken may be written by any call from then on: it is unknown
    for good, which an entry of its own marks.
    """

    def __init__(self, function: Function) -> None:
        self._function = function

    def _key(self, name: str, region: Region) -> str:
        """The variable that `name` means at `region`: two of one name are told apart."""
        variable = self._function.variable(name, region)
        return f"{name}@{variable.region.line}:{variable.region.column}" if variable else name

    def value_of(self, state: _State, value: str, region: Region) -> Values:
        """What a value may be, if it is a variable; else the value itself."""
        return state.get(self._key(value, region), frozenset({value}))

    def start(self) -> _State:
        return dict.fromkeys(self._function.parameters, _UNKNOWN)

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
        values = possible_values(event.value) if event.value is not None else None
        if values is None or f"&{key}" in state:
            return _UNKNOWN
        return frozenset().union(*(self.value_of(state, v, event.region) for v in values))

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        return state, state

    def enter_loop(self, state: _State, loop: Loop) -> _State:
        return state

    def leave(self, state: _State, scope: Region) -> _State:
        return state
