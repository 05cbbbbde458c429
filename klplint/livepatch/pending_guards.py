"""What lies between a test of the pending flag and the call that it guards: flow analyses.

A call is guarded if every way to it leads through a branch that depends on a test of the flag.
The result of a test may be kept in a variable and asked later. Of several tests on one way, the
last one counts.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple, TypeVar

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Call,
    Event,
    Function,
    If,
    VariableKey,
    events_of,
)
from klplint.livepatch.pending_tests import Operand, PendingTests, Truth, is_zero, truth_of

_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
Calls = frozenset[Call]
_K = TypeVar("_K")


class Test(NamedTuple):
    """A test of the flag, or a call that clears it."""

    region: Region
    text: str
    """The test as written."""


class Between(NamedTuple):
    """The calls that may lie between a test and what it guards, in the order of the file."""

    test: Test
    calls: tuple[Call, ...]


TestedBy = Mapping[Test | None, Calls]
"""Tests with the calls since each; None stands for the ways that lead through no test."""
NO_CALLS: Calls = frozenset()
UNGUARDED: TestedBy = {None: NO_CALLS}
"""What holds where some way leads through no test: which tests the others lead through is moot."""


class _Tested(NamedTuple):
    """A value that is true exactly if the result of a test is `when`."""

    test: Test
    when: bool


class _Plain(Enum):
    """A value that does not depend on a test."""

    FALSE = "false"
    UNKNOWN = "unknown"


_Value = _Tested | _Plain
_Values = Mapping[_Value, Calls]
"""What a variable may hold, with the calls since the test."""
_NOTHING_KNOWN: _Values = {_Plain.UNKNOWN: NO_CALLS}
# At each place, so many calls after a test are kept, and so many variables. Without a limit, a
# function would take time and memory by the square of their number.
_MOST_CALLS = 200
_MOST_VARIABLES = 200


class _State(NamedTuple):
    """What holds at a place in the function."""

    guards: TestedBy
    """The tests by which control may have got here."""
    variables: Mapping[VariableKey, _Values]


class Guards:
    """The tests that guard the calls of one function."""

    def __init__(self, function: Function, tests: PendingTests) -> None:
        self._states: dict[Region, _State] = {}
        with contextlib.suppress(NotSettled):  # then nothing can be claimed
            self._states = states_before_calls(function.body, _Pending(function, tests))

    def of(self, call: Region) -> tuple[Between, ...]:
        """The tests that guard a call; none if some way to it leads through no test."""
        state = self._states.get(call)
        return () if state is None else in_order(state.guards)


def in_order(guards: TestedBy) -> tuple[Between, ...]:
    """Tests with their calls in the order of the file; none if a way leads through no test."""
    between = []
    for test, calls in guards.items():
        if test is None:
            return ()
        between.append(Between(test, tuple(sorted(calls, key=lambda call: call.region))))
    return tuple(sorted(between))


def met(one: TestedBy, other: TestedBy) -> TestedBy:
    """The tests through which control may have got to where two ways meet."""
    return UNGUARDED if None in one or None in other else joined(one, other)


def joined(one: Mapping[_K, Calls], other: Mapping[_K, Calls]) -> Mapping[_K, Calls]:
    """What holds where two ways meet: the calls of either."""
    keys = one.keys() | other.keys()
    return {key: one.get(key, NO_CALLS) | other.get(key, NO_CALLS) for key in keys}


def _negated(value: _Value) -> _Value:
    """The value of `!x`; of one that is false, only that it is not worth following."""
    return _Tested(value.test, not value.when) if isinstance(value, _Tested) else _Plain.UNKNOWN


class _Pending(Analysis[_State]):
    """The analysis of tests and of the variables that keep their results."""

    def __init__(self, function: Function, tests: PendingTests) -> None:
        self._function = function
        self._tests = tests
        self._truths: dict[str, Truth] = {}
        """What each condition says; parsing one takes its time."""
        events = list(events_of(function.body))
        self._calls = sorted(
            (event for event in events if isinstance(event, Call)), key=lambda call: call.region
        )
        self._shared = {
            function.variable_key(event.variable, event.region)
            for event in events
            if isinstance(event, AddressTaken)
        }
        """The variables whose address is taken: any call may write to them."""

    def _truth(self, text: str) -> Truth:
        if text not in self._truths:
            self._truths[text] = truth_of(text, self._tests)
        return self._truths[text]

    def start(self) -> _State:
        return _State(UNGUARDED, {})

    def join(self, one: _State, other: _State) -> _State:
        variables = {
            key: joined(
                one.variables.get(key, _NOTHING_KNOWN), other.variables.get(key, _NOTHING_KNOWN)
            )
            for key in one.variables.keys() | other.variables.keys()
        }
        variables = {key: values for key, values in variables.items() if values != _NOTHING_KNOWN}
        return _State(met(one.guards, other.guards), variables)

    def event(self, state: _State, event: Event) -> _State:
        match event:
            case Call():
                return _called(state, event)
            case Assign():
                key = self._function.variable_key(event.target, event.region)
                values = self._assigned(state, event, key)
                return state._replace(variables=_with(state.variables, key, values))
        return state

    def _assigned(self, state: _State, event: Assign, key: VariableKey) -> _Values:
        """What the variable `key` may hold after an assignment to it."""
        if event.value is None or key in self._shared:
            return _NOTHING_KNOWN
        if is_zero(event.value):
            return {_Plain.FALSE: NO_CALLS}
        truth = self._truth(event.value)
        for operands, when in ((truth.true, True), (truth.false, False)):
            tested = self._tests_among(operands, event.value, event.region)
            if tested:
                return {_Tested(test, when): calls for test, calls in tested}
        for operands, when in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                values = self._values_of(operand, state, event.region)
                if values and when:
                    return values
                if values:
                    return {_negated(value): calls for value, calls in values.items()}
        return _NOTHING_KNOWN

    def _values_of(self, operand: Operand, state: _State, region: Region) -> _Values:
        """What an operand may hold, if it is a variable that was assigned."""
        return state.variables.get(self._function.variable_key(operand.word, region), {})

    def _tests_among(
        self, operands: Iterable[Operand], text: str, region: Region
    ) -> list[tuple[Test, Calls]]:
        """The tests among the operands of an expression, each with the calls after it in there."""
        tests = []
        for operand in operands:
            if operand.is_test:
                call = self._call_from(operand.word, region)
                place = call.region if call and call.region.line <= region.end_line else region
                calls = self._calls_behind(operand, text, region)
                tests.append((Test(place, operand.text), calls))
        return tests

    def _calls_behind(self, operand: Operand, text: str, region: Region) -> Calls:
        """The calls behind an operand in the text of an expression."""
        word = re.search(rf"\b{re.escape(operand.word)}\b", text)
        names = _CALLED.findall(text, word.end()) if word else []
        calls = (self._call_from(name, region) for name in names)
        return frozenset(call for call in calls if call)

    def _call_from(self, name: str, region: Region) -> Call | None:
        """The first call of a name at or after the start of `region`."""
        return next((c for c in self._calls if c.name == name and c.region >= region), None)

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        """The states of both branches: a test in the condition guards one of them."""
        truth = self._truth(statement.condition_text)
        return (
            self._entered(state, truth, statement),
            self._entered(state, truth.negated(), statement),
        )

    def _entered(self, state: _State, truth: Truth, statement: If) -> _State:
        """The state in the branch that is taken if the operands have these truth values."""
        region = statement.condition.region
        tested = self._tests_among(truth.true, statement.condition_text, region)
        if tested:
            return state._replace(guards=dict(tested))
        for operands, when in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                guards = _guards_by(self._values_of(operand, state, region), when, state.guards)
                if guards:
                    return state._replace(guards=guards)
        return state


def _called(state: _State, call: Call) -> _State:
    """The state after a call, which follows all tests made so far."""
    guards = {
        test: followed_by(calls, call) if test else calls for test, calls in state.guards.items()
    }
    variables = {
        key: {
            value: followed_by(calls, call) if isinstance(value, _Tested) else calls
            for value, calls in values.items()
        }
        for key, values in state.variables.items()
    }
    return _State(guards, variables)


def _with(
    variables: Mapping[VariableKey, _Values], key: VariableKey, values: _Values
) -> Mapping[VariableKey, _Values]:
    """Variables, of which one holds other values now; one that is not there is unknown."""
    others = {other: held for other, held in variables.items() if other != key}
    if values == _NOTHING_KNOWN or len(others) >= _MOST_VARIABLES:
        return others if key in variables else variables
    return {**others, key: values}


def followed_by(calls: Calls, call: Call) -> Calls:
    """The calls since a test, after one more."""
    return calls | {call} if len(calls) < _MOST_CALLS else calls


def _guards_by(values: _Values, when: bool, before: TestedBy) -> TestedBy:
    """The guards in a branch that is taken if a variable is true (`when`), or if it is false.

    Empty if the variable says nothing about a test. Where it may also hold something unknown,
    the guards from `before` the branch remain possible.
    """
    opened: TestedBy = {
        value.test: calls
        for value, calls in values.items()
        if isinstance(value, _Tested) and value.when == when
    }
    if opened and any(
        value.test not in opened if isinstance(value, _Tested) else value is _Plain.UNKNOWN
        for value in values
    ):
        return met(opened, before)
    return opened
