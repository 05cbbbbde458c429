"""What lies between a test of the pending flag and the call that it guards: flow analyses.

A call is guarded if every way to it leads through a branch that depends on a test of the flag.
The result of a test may be kept in a variable or a member and asked later, and so may the flags
themselves. Of several tests on one way, the last one counts.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.analysis.name_patterns import fits_any
from klplint.csource.expressions import canonical
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Call,
    Case,
    Event,
    Function,
    If,
    Store,
    Switch,
    VariableKey,
    events_of,
)
from klplint.livepatch.case_conditions import compared_at
from klplint.livepatch.constants import Constant, constant_of, update_in
from klplint.livepatch.pending_states import MEMBER, State
from klplint.livepatch.pending_tests import (
    PendingTests,
    masked,
    truth_of,
)
from klplint.livepatch.test_results import (
    NO_CALLS,
    UNKNOWN,
    Between,
    Calls,
    Read,
    Test,
    Tested,
    Values,
    constant,
    guards_by,
    in_order,
    joined,
    reads,
    rules_out,
    truth_values,
    with_bits,
)
from klplint.livepatch.tested_names import flag_holders
from klplint.livepatch.truths import Operand, Truth

_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_FIRST_NAME = re.compile(r"[\s(*&]*([A-Za-z_]\w*)")


class Guards:
    """The tests that guard the calls of one function."""

    def __init__(self, function: Function, tests: PendingTests, is_guarded: bool = False) -> None:
        """`is_guarded` says that its callers have tested the flag: its entry counts as a test."""
        self._states: dict[Region, State] = {}
        entry = Test(function.region, function.name, "entry") if is_guarded else None
        with contextlib.suppress(NotSettled):  # then nothing can be claimed
            analysis = _Pending(function, tests, entry)
            self._states = states_before_calls(function.body, analysis)

    def of(self, call: Region) -> tuple[Between, ...]:
        """The tests that guard a call; none if some way to it leads through no test."""
        state = self._states.get(call)
        return () if state is None else in_order(state.guards)

    def is_open(self, call: Region) -> bool:
        """Whether some way to a call leads through no test in this function."""
        state = self._states.get(call)
        return state is not None and (None in state.guards or not state.guards)


class _Pending(Analysis[State]):
    """The analysis of tests and of the variables that keep their results."""

    def __init__(self, function: Function, tests: PendingTests, entry: Test | None) -> None:
        self._function = function
        self._tests = tests
        self._entry = entry
        self._truths: dict[str, Truth] = {}
        """What each condition says; parsing one takes its time."""
        self._constants: dict[str, Constant | None] = {}
        events = list(events_of(function.body))
        self._calls: defaultdict[str, list[Call]] = defaultdict(list)
        """The calls of each name, in the order of the file."""
        calls = (event for event in events if isinstance(event, Call))
        for call in sorted(calls, key=lambda call: call.region):
            self._calls[call.name].append(call)
        self._shared = {
            function.variable_key(event.variable, event.region)
            for event in events
            if isinstance(event, AddressTaken)
        }
        """The variables whose address is taken: any call may write to them."""
        self._holders = flag_holders(function.body, tests.flags)

    def _truth(self, text: str) -> Truth:
        if text not in self._truths:
            self._truths[text] = truth_of(text, self._tests)
        return self._truths[text]

    def _constant(self, text: str) -> Constant | None:
        if text not in self._constants:
            self._constants[text] = constant_of(text)
        return self._constants[text]

    def _key(self, text: str, region: Region) -> VariableKey:
        """Identifies the variable, or the member of one, that an expression means."""
        if not MEMBER.search(text):
            return self._function.variable_key(text, region)
        base = _FIRST_NAME.match(text)
        variable = self._function.variable_key(base[1] if base else "", region)
        return variable._replace(name=canonical(text) or text)

    def start(self) -> State:
        return State({self._entry: NO_CALLS}, {})

    def join(self, one: State, other: State) -> State:
        return one.joined(other)

    def event(self, state: State, event: Event) -> State:
        match event:
            case Call():
                state = state.after(event)
                if len(event.arguments) == 2 and fits_any(event.name, self._tests.stores):
                    target, value = event.arguments
                    return self._stored(state, target.lstrip("& "), value, event.region)
            case Assign():
                return self._stored(state, event.target, event.value, event.region)
            case Store():
                return self._stored(state, event.target, event.value, event.region)
        return state

    def _stored(self, state: State, target: str, value: str | None, region: Region) -> State:
        """The state after an assignment, which ends what the members of the target hold."""
        key = self._key(target, region)
        return state.stored(key, self._assigned(state, value, region, key))

    def _assigned(self, state: State, text: str | None, region: Region, key: VariableKey) -> Values:
        """What the variable `key` may hold after an assignment to it."""
        if text is None or key in self._shared:
            return UNKNOWN
        value = self._constant(text)
        if value is not None:
            return constant(value, state.guards)
        updated = self._updated(state, text, region)
        if updated:
            return updated
        truth = self._truth(text)
        for operands, when in ((truth.true, True), (truth.false, False)):
            tested = self._tests_among(operands, text, state, region)
            if tested:
                return {Tested(test, when): calls for test, calls in tested.items()}
        for operands, when in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                values = self._values_of(operand.text, state, region)
                if values:
                    return truth_values(values, operand, when)
        if self._holders.isdisjoint(re.findall(r"\w+", key.name)):
            return UNKNOWN
        for part in masked(text):
            values = self._values_of(part, state, region)
            if values:
                return reads(values) or UNKNOWN
        return {Read(Test(region, text, "read")): NO_CALLS}

    def _updated(self, state: State, text: str, region: Region) -> Values:
        """What a variable may hold after some bits are set or cleared: `work | RING_SWITCH`."""
        update = update_in(text)
        if update is None:
            return {}
        values = self._values_of(update.variable, state, region)
        return with_bits(values, update.bits, update.is_set, state.guards)

    def _values_of(self, text: str, state: State, region: Region) -> Values:
        """What an operand may hold, if it is a variable or a member that was assigned."""
        return state.variables.get(self._key(text, region), {})

    def _tests_among(
        self, operands: Iterable[Operand], text: str, state: State, region: Region
    ) -> Mapping[Test, Calls]:
        """The tests among the operands of an expression, each with the calls after it.

        Where the flags that are tested were read before, the place where they were read counts.
        """
        tests: Mapping[Test, Calls] = {}
        for operand in operands:
            if operand.is_test:
                call = self._call_from(operand.word, region)
                place = call.region if call and call.region.line <= region.end_line else region
                calls = self._calls_behind(operand, text, region) | self._inside(operand)
                held = self._values_of(operand.flags, state, region) if operand.flags else {}
                earlier = {
                    value.test: since | calls
                    for value, since in reads(held).items()
                    if isinstance(value, Read)
                }
                tests = joined(tests, earlier or {Test(place, operand.text): calls})
        return tests

    def _calls_behind(self, operand: Operand, text: str, region: Region) -> Calls:
        """The calls behind an operand in the text of an expression."""
        word = re.search(rf"\b{re.escape(operand.word)}\b", text)
        names = _CALLED.findall(text, word.end()) if word else []
        calls = (self._call_from(name, region) for name in names)
        return frozenset(call for call in calls if call)

    def _inside(self, operand: Operand) -> Calls:
        """The calls that a helper makes after the test that an operand is."""
        helpers = (each for each in self._tests.helpers if each.name == operand.word)
        return frozenset(call for helper in helpers for call in helper.calls)

    def _call_from(self, name: str, region: Region) -> Call | None:
        """The first call of a name at or after the start of `region`."""
        calls = self._calls.get(name, [])
        place = bisect_left(calls, region, key=lambda call: call.region)
        return calls[place] if place < len(calls) else None

    def branch(self, state: State, statement: If) -> tuple[State, State]:
        """The states of both branches: a test in the condition guards one of them."""
        text, region = statement.condition_text, statement.condition.region
        truth = self._truth(text)
        return (
            self._entered(state, truth, text, region),
            self._entered(state, truth.negated(), text, region),
        )

    def case(self, state: State, switch: Switch, case: Case) -> State:
        """The state at a label, which is a branch like that of an `if` that compares the value."""
        text = compared_at(switch, case)
        truth = self._truth(text) if text else Truth()
        return self._entered(state, truth, switch.condition_text, switch.condition.region)

    def _entered(self, state: State, truth: Truth, text: str, region: Region) -> State:
        """The state in the branch that is taken if the operands have these truth values."""
        tested = self._tests_among(truth.true, text, state, region)
        if tested:
            return state._replace(guards=dict(tested.items()))
        for operands, when in ((truth.true, True), (truth.false, False)):
            for operand in operands:
                values = self._values_of(operand.text, state, region)
                guards = guards_by(values, operand, when, state.guards)
                if guards:
                    return state._replace(guards=guards)
        if any(
            rules_out(self._values_of(operand.text, state, region), operand, when)
            for operand, when in truth.if_true
        ):
            return state.never()
        return state
