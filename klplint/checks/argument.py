"""KLP001: is the task that a switching function gets `current`?

Source: the contract of klp_update_patch_state() in kernel/livepatch/transition.c (a task that is
not current has to be inactive), and the review of klp_patch_task() in May 2016.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks import Check, Reporter, place
from klplint.expression import canonical, identifier, possible_values
from klplint.facts import (
    AddressTaken,
    Assign,
    Event,
    FileFacts,
    Function,
    If,
    Loop,
    Occurrence,
    Region,
    Watch,
)
from klplint.findings import Finding, Place
from klplint.flow import NotSettled, events_of, states_before_calls
from klplint.locations import KnownLocation, location_of
from klplint.version import Version


class ArgumentCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` whose argument number `argument` (from 0) is none of `accept`.

    `accept` are C expressions; `exceptions` are places where the kernel itself documents that
    it breaks the contract.
    """

    functions: tuple[str, ...]
    accept: tuple[str, ...]
    argument: int = 0
    exceptions: tuple[KnownLocation, ...] = ()

    def __post_init__(self) -> None:
        for expression in self.accept:
            if canonical(expression) is None:
                raise ValueError(f"`{expression}` is no C expression that can be compared")

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def run(self, facts: FileFacts, version: Version, rule: Reporter) -> Iterator[Finding]:
        """One finding for each call whose argument is not accepted, or only an alias of it."""
        names = frozenset(self.functions)
        for occurrence in facts.occurrences:
            called = occurrence.kind in ("call", "macro-body") and occurrence.name in names
            if called and occurrence.arguments:
                yield from self._judge(occurrence, facts, version, rule)

    def _judge(
        self, call: Occurrence, facts: FileFacts, version: Version, rule: Reporter
    ) -> Iterator[Finding]:
        if len(call.arguments) <= self.argument:
            return
        written = call.arguments[self.argument]
        accepted = {canonical(expression) for expression in self.accept}
        values = possible_values(written)
        direct = canonical(written)
        if direct in accepted:
            return
        region = call.argument_regions[self.argument]
        if region.line != call.region.line:
            region = call.region
        exception = location_of(self.exceptions, call.function, facts.path, version)
        wanted = self.accept[0]
        if exception:
            yield rule.finding(
                place(facts, region, f"not `{wanted}`"),
                f"{call.name}() is called with `{written}`, not `{wanted}`; "
                f"a known exception: {exception.why} ({exception.source})",
                function=call.function,
                level="note",
            )
            return
        origins = self._origins(call, values, facts)
        if origins is not None and origins <= accepted:
            yield rule.finding(
                place(facts, region, f"always `{wanted}` here"),
                f"{call.name}() is called with `{written}`, which holds `{wanted}`: "
                f"pass {wanted} itself, so that every reader sees it",
                function=call.function,
                level="note",
            )
            return
        yield rule.finding(
            place(facts, region, f"not `{wanted}`"),
            f"{call.name}() is called with `{written}`, not `{wanted}`: the switch is safe only "
            "when the task itself makes it",
            function=call.function,
            related=_assignments(facts, call, identifier(written), accepted),
        )

    def _origins(
        self, call: Occurrence, values: frozenset[str] | None, facts: FileFacts
    ) -> set[str | None] | None:
        """All that the argument may be, local variables followed; None if nothing is known."""
        if values is None:
            return None
        function = facts.function_around(call.region)
        if function is None:
            return set(values)
        variables = _LocalValues(function)
        try:
            state = states_before_calls(function.body, variables).get(call.region, {})
        except NotSettled:
            return None
        return {origin for v in values for origin in variables.of(state, v, call.region)}


_Values = dict[str, frozenset[str | None]]
_UNKNOWN: frozenset[str | None] = frozenset({None})


class _LocalValues:
    """What each local variable may hold: canonical expressions, None for anything else.

    A variable whose address was taken may be written by any call from then on: it is unknown
    for good, marked by an entry of its own.
    """

    def __init__(self, function: Function) -> None:
        self._function = function

    def key(self, name: str, region: Region) -> str:
        """The variable that `name` means at `region`: two of one name are told apart."""
        variable = self._function.variable(name, region)
        return f"{name}@{variable.region.line}:{variable.region.column}" if variable else name

    def of(self, state: _Values, value: str, region: Region) -> frozenset[str | None]:
        """What an expression's value may be, if it is a variable; else the expression itself."""
        return state.get(self.key(value, region), frozenset({value}))

    def start(self) -> _Values:
        return dict.fromkeys(self._function.parameters, _UNKNOWN)

    def join(self, one: _Values, other: _Values) -> _Values:
        names = one.keys() | other.keys()
        return {name: one.get(name, _UNKNOWN) | other.get(name, _UNKNOWN) for name in names}

    def event(self, state: _Values, event: Event) -> _Values:
        match event:
            case Assign():
                return {**state, self.key(event.target, event.region): self._assigned(state, event)}
            case AddressTaken():
                key = self.key(event.variable, event.region)
                return {**state, key: _UNKNOWN, f"&{key}": _UNKNOWN}
        return state

    def _assigned(self, state: _Values, event: Assign) -> frozenset[str | None]:
        values = possible_values(event.value) if event.value is not None else None
        if values is None or f"&{self.key(event.target, event.region)}" in state:
            return _UNKNOWN
        return frozenset().union(*(self.of(state, value, event.region) for value in values))

    def branch(self, state: _Values, statement: If) -> tuple[_Values, _Values]:
        return state, state

    def enter_loop(self, state: _Values, loop: Loop) -> _Values:
        return state

    def leave(self, state: _Values, scope: Region) -> _Values:
        return state


def _assignments(
    facts: FileFacts, call: Occurrence, variable: str | None, accepted: set[str | None]
) -> tuple[Place, ...]:
    """Where a local variable gets what is not accepted."""
    function = facts.function_around(call.region)
    if variable is None or function is None:
        return ()
    found = []
    for event in events_of(function.body):
        if isinstance(event, Assign) and event.target == variable:
            value = None if event.value is None else canonical(event.value)
            if value not in accepted:
                what = f"`{event.value}`" if event.value else "another task"
                found.append(place(facts, event.region, f"`{variable}` may be {what} from here"))
        elif isinstance(event, AddressTaken) and event.variable == variable:
            found.append(
                place(facts, event.region, f"`{variable}` may be written through its address")
            )
    return tuple(found)
