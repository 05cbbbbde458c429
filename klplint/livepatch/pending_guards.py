"""What lies between a test of the pending flag and the call that it guards: flow analyses.

A call is guarded where every way to it leads through a branch that a test of the flag opens.
A test may be kept in a variable, and tested later. Of several tests on one way the last counts.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.analysis.name_patterns import fits_any
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Call,
    Event,
    Function,
    If,
    Store,
    VariableKey,
    events_of,
)
from klplint.livepatch.pending_tests import (
    Operand,
    PendingTests,
    Truth,
    is_zero,
    names_flag,
    truth_of,
)

_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
Calls = frozenset[Call]
_K = TypeVar("_K")


class Test(NamedTuple):
    """A test of the flag, or what clears it: where, and as written."""

    region: Region
    text: str


class Between(NamedTuple):
    """The calls that may lie between a test and what it guards, in the order of the file."""

    test: Test
    calls: tuple[Call, ...]


class _Bound(NamedTuple):
    """A value that a variable may hold: true just if a test was (`when`), or just if it was not.

    Without a test, `when` tells an unknown value from one that is plainly false.
    """

    test: Test | None
    when: bool


_Guards = Mapping[Test | None, Calls]
_Held = Mapping[_Bound, Calls]
_NO_CALLS: Calls = frozenset()
_UNKNOWN = _Bound(None, True)
_FALSE = _Bound(None, False)


class _State(NamedTuple):
    """By which tests control may have got here (None: by none), and what variables may hold;
    each with the calls since the test."""

    guards: _Guards
    held: Mapping[VariableKey, _Held]


class Guards:
    """The tests that guard the calls of one function."""

    def __init__(self, function: Function, tests: PendingTests) -> None:
        self._states: dict[Region, _State] = {}
        with contextlib.suppress(NotSettled):  # then nothing can be claimed
            self._states = states_before_calls(function.body, _Pending(function, tests))

    def of(self, call: Region) -> tuple[Between, ...]:
        """The tests that guard a call; none if a way leads to it that no test opens."""
        state = self._states.get(call)
        return () if state is None else _told(state.guards)


class Clearing(NamedTuple):
    """How a function switches a task: what clears the flag, and the members that are its state.

    `clears` and `stores` are patterns of functions; a store's first argument is the member.
    """

    clears: tuple[str, ...]
    flags: tuple[str, ...]
    members: tuple[str, ...]
    stores: tuple[str, ...]

    def is_clearing(self, call: Call) -> bool:
        """Whether a call clears the flag."""
        named = any(names_flag(argument, self.flags) for argument in call.arguments)
        return named and fits_any(call.name, self.clears)

    def is_storing(self, event: Event) -> bool:
        """Whether an event stores the state."""
        if isinstance(event, Store):
            return event.member in self.members
        if not isinstance(event, Call) or not event.arguments:
            return False
        member = re.search(r"(?:->|\.)\s*(\w+)\s*\)*$", event.arguments[0])
        stores = fits_any(event.name, self.stores)
        return stores and member is not None and member[1] in self.members


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
        for between in _told(states.get(event.region, {}))
    )


def _told(guards: _Guards) -> tuple[Between, ...]:
    """Tests with their calls; none where some way has no test."""
    found = []
    for test, calls in guards.items():
        if test is None:
            return ()
        found.append(Between(test, tuple(sorted(calls, key=lambda call: call.region))))
    return tuple(sorted(found))


def _joined(one: Mapping[_K, Calls], other: Mapping[_K, Calls]) -> Mapping[_K, Calls]:
    keys = one.keys() | other.keys()
    return {key: one.get(key, _NO_CALLS) | other.get(key, _NO_CALLS) for key in keys}


class _Pending(Analysis[_State]):
    """The analysis of tests and of the variables that keep them."""

    def __init__(self, function: Function, tests: PendingTests) -> None:
        self._function = function
        self._tests = tests
        self._read: dict[str, Truth] = {}
        events = list(events_of(function.body))
        self._calls = sorted(
            (event for event in events if isinstance(event, Call)), key=lambda call: call.region
        )
        # Who has a variable's address may write to it at any time: nothing is known of it.
        self._shared = {
            self._function.variable_key(event.variable, event.region)
            for event in events
            if isinstance(event, AddressTaken)
        }

    def _truth(self, text: str) -> Truth:
        if text not in self._read:
            self._read[text] = truth_of(text, self._tests)
        return self._read[text]

    def start(self) -> _State:
        return _State({None: _NO_CALLS}, {})

    def join(self, one: _State, other: _State) -> _State:
        unknown: _Held = {_UNKNOWN: _NO_CALLS}
        names = one.held.keys() | other.held.keys()
        held = {n: _joined(one.held.get(n, unknown), other.held.get(n, unknown)) for n in names}
        return _State(_joined(one.guards, other.guards), held)

    def event(self, state: _State, event: Event) -> _State:
        match event:
            case Call():
                guards = {t: calls | {event} if t else calls for t, calls in state.guards.items()}
                held = {
                    name: {b: calls | {event} if b.test else calls for b, calls in bounds.items()}
                    for name, bounds in state.held.items()
                }
                return _State(guards, held)
            case Assign():
                key = self._function.variable_key(event.target, event.region)
                return state._replace(held={**state.held, key: self._value(state, event, key)})
        return state

    def _value(self, state: _State, event: Assign, key: VariableKey) -> _Held:
        """What a variable may hold from here on."""
        if event.value is None or key in self._shared:
            return {_UNKNOWN: _NO_CALLS}
        if is_zero(event.value):
            return {_FALSE: _NO_CALLS}
        truth = self._truth(event.value)
        for operands, when in ((truth.true, True), (truth.false, False)):
            tested = self._tested(operands, event.value, event.region)
            if tested:
                return {_Bound(test, when): calls for test, calls in tested.items()}
        for operands, same in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                known = state.held.get(self._function.variable_key(operand.word, event.region), {})
                if known:
                    return {_Bound(b.test, b.when == same): calls for b, calls in known.items()}
        return {_UNKNOWN: _NO_CALLS}

    def _tested(
        self, operands: Iterable[Operand], text: str, region: Region
    ) -> dict[Test | None, Calls]:
        """The tests among `operands` of an expression, with the calls that follow them in it."""
        found: dict[Test | None, Calls] = {}
        for operand in operands:
            if operand.is_test:
                call = self._call_from(operand.word, region)
                place = call.region if call and call.region.line <= region.end_line else region
                found[Test(place, operand.text)] = self._behind(operand, text, region)
        return found

    def _behind(self, operand: Operand, text: str, region: Region) -> Calls:
        word = re.search(rf"\b{re.escape(operand.word)}\b", text)
        names = _CALLED.findall(text, word.end()) if word else []
        calls = (self._call_from(name, region) for name in names)
        return frozenset(call for call in calls if call)

    def _call_from(self, name: str, region: Region) -> Call | None:
        """The first call of that name from `region` on."""
        return next((c for c in self._calls if c.name == name and c.region >= region), None)

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        truth = self._truth(statement.condition_text)
        return (
            self._entered(state, truth, statement),
            self._entered(state, truth.negated(), statement),
        )

    def _entered(self, state: _State, truth: Truth, statement: If) -> _State:
        """The state in the branch in which a condition tells `truth.true`."""
        region = statement.condition.region
        tested = self._tested(truth.true, statement.condition_text, region)
        if tested:
            return state._replace(guards=tested)
        for operands, when in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                bounds = state.held.get(self._function.variable_key(operand.word, region), {})
                opened: _Guards = {
                    b.test: c for b, c in bounds.items() if b.test and b.when == when
                }
                if opened:
                    others = any(b for b in bounds if b.test not in opened and b != _FALSE)
                    guards = _joined(opened, state.guards) if others else opened
                    return state._replace(guards=guards)
        return state


class _Cleared(Analysis[_Guards]):
    """The analysis of a switching function: what may have cleared the flag, and calls since."""

    def __init__(self, clearing: Clearing) -> None:
        self._clearing = clearing

    def start(self) -> _Guards:
        return {}

    def join(self, one: _Guards, other: _Guards) -> _Guards:
        return _joined(one, other)

    def event(self, state: _Guards, event: Event) -> _Guards:
        if self._clearing.is_storing(event):
            return {}
        if not isinstance(event, Call):
            return state
        if self._clearing.is_clearing(event):
            return {Test(event.region, f"{event.name}({', '.join(event.arguments)})"): _NO_CALLS}
        return {test: calls | {event} for test, calls in state.items()}
