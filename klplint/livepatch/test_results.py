"""The result of a test of the pending flag, in a branch or in a variable, and the calls since."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Literal, NamedTuple, TypeVar

from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.livepatch.constants import Constant
from klplint.livepatch.truths import Operand

Calls = frozenset[Call]
_K = TypeVar("_K")
# Each value carries the calls since its test, so many of them in a long function take time.
_MOST_VALUES = 20
# At each place, so many calls after a test are kept. Without a limit, a function would take time
# and memory by the square of their number.
_MOST_CALLS = 200


class Test(NamedTuple):
    """A place at which code learns that the task has to switch."""

    region: Region
    text: str
    """The code as written."""
    kind: Literal["test", "read", "entry"] = "test"
    """A `test` of the flag, or a call that clears it; a `read` of flags that are tested later;
    or the `entry` of a function whose caller may have tested the flag."""


class Between(NamedTuple):
    """The calls that may lie between a test and what it guards, in the order of the file."""

    test: Test
    calls: tuple[Call, ...]


TestedBy = Mapping[Test | None, Calls]
"""Tests with the calls since each; None stands for the ways that lead through no test."""
NO_CALLS: Calls = frozenset()


class Tested(NamedTuple):
    """A value that is true exactly if the result of a test is `when`."""

    test: Test
    when: bool


class Chosen(NamedTuple):
    """A constant that was assigned in a branch that `test` guards."""

    test: Test
    value: Constant


class Read(NamedTuple):
    """A value of which no more is known than where it was read: it may hold the flag."""

    test: Test


class Plain(Enum):
    """A value of which nothing is known."""

    UNKNOWN = "unknown"
    MANY = "many"
    """More values than are worth following."""


Value = Tested | Chosen | Constant | Read | Plain
Values = Mapping[Value, Calls]
"""What a variable may hold, with the calls since the test."""
UNKNOWN: Values = {Plain.UNKNOWN: NO_CALLS}


def in_order(guards: TestedBy) -> tuple[Between, ...]:
    """Tests with their calls in the order of the file; none if a way leads through no test."""
    between = []
    for test, calls in guards.items():
        if test is None:
            return ()
        between.append(Between(test, tuple(sorted(calls, key=lambda call: call.region))))
    return tuple(sorted(between))


def joined(one: Mapping[_K, Calls], other: Mapping[_K, Calls]) -> Mapping[_K, Calls]:
    """What holds where two ways meet: the calls of either."""
    keys = one.keys() | other.keys()
    return {key: one.get(key, NO_CALLS) | other.get(key, NO_CALLS) for key in keys}


def joined_guards(one: TestedBy, other: TestedBy) -> TestedBy:
    """The guards where two ways meet: with a way without a test, no test matters any more."""
    return {None: NO_CALLS} if None in one or None in other else joined(one, other)


def joined_values(one: Values, other: Values) -> Values:
    """What a variable may hold where two ways meet, unless it is too much to follow."""
    values = joined(one, other)
    many = Plain.MANY in values or len(values) > _MOST_VALUES
    return {Plain.MANY: NO_CALLS} if many else values


def followed_by(calls: Calls, call: Call) -> Calls:
    """The calls since a test, after one more; of very many, only the first ones are kept."""
    return calls | {call} if len(calls) < _MOST_CALLS else calls


def with_call(values: Mapping[_K, Calls], call: Call) -> Mapping[_K, Calls]:
    """Tests or values after one more call, which counts for those that depend on a test."""
    return {
        key: calls if key is None or isinstance(key, Plain | Constant) else followed_by(calls, call)
        for key, calls in values.items()
    }


def constant(value: Constant, guards: TestedBy) -> Values:
    """What a variable holds to which a constant is assigned in a branch with these guards."""
    if not guards or None in guards:
        return {value: NO_CALLS}
    return {Chosen(test, value): calls for test, calls in guards.items() if test is not None}


def with_bits(values: Values, bits: Constant, is_set: bool, guards: TestedBy) -> Values:
    """What a variable holds after some bits are set or cleared in a branch with these guards.

    Empty if it may hold something else than constants.
    """
    changed: Values = {}
    for value, calls in values.items():
        earlier = value.value if isinstance(value, Chosen) else value
        if not isinstance(earlier, Constant):
            return {}
        new = earlier | bits if is_set else earlier.without(bits)
        if new == earlier:
            changed = joined(changed, {value: calls})
        elif isinstance(value, Chosen) and (not guards or None in guards):
            changed = joined(changed, {Chosen(value.test, new): calls})
        else:
            changed = joined(changed, constant(new, guards))
    return changed


def truth_values(values: Values, operand: Operand, when: bool) -> Values:
    """The values of a variable as an operand that is true, or `!` of it if `when` is False."""
    if when and operand.equal is None and operand.mask is None:
        return values
    truths: Values = {}
    for value, calls in values.items():
        truths = joined(truths, {_truth_value(value, operand, when): calls})
    return truths


def _truth_value(value: Value, operand: Operand, when: bool) -> Value:
    """The value 1 or 0 for whether an operand is `when` if the variable holds `value`."""
    constant_value = value.value if isinstance(value, Chosen) else value
    if isinstance(constant_value, Constant):
        truth = operand.of(constant_value)
        if truth is None:
            return Plain.UNKNOWN
        new = Constant(int(truth == when))
        return Chosen(value.test, new) if isinstance(value, Chosen) else new
    if isinstance(value, Tested):
        return Tested(value.test, value.when == when)
    return Plain.UNKNOWN


def reads(values: Values) -> Values:
    """The values as flags of which some bits are tested: all that counts is where they come from.

    Empty if some of them come from an unknown place.
    """
    if Plain.UNKNOWN in values or Plain.MANY in values:
        return {}
    sources: Values = {}
    for value, calls in values.items():
        if not isinstance(value, Plain | Constant):
            sources = joined(sources, {Read(value.test): calls})
    return sources


def guards_by(values: Values, operand: Operand, when: bool, before: TestedBy) -> TestedBy:
    """The guards in a branch that is taken if a variable is true (`when`), or if it is false.

    Empty if the variable says nothing about a test. Where it may also hold something else, the
    guards from `before` the branch remain possible.
    """
    opened: TestedBy = {}
    for value, calls in values.items():
        if (isinstance(value, Tested) and value.when == when) or (
            isinstance(value, Chosen) and operand.of(value.value) is when
        ):
            opened = joined(opened, {value.test: calls})
    if opened and any(_leaves_open(value, operand, when, opened) for value in values):
        return joined(opened, before)
    return opened


def _leaves_open(value: Value, operand: Operand, when: bool, opened: TestedBy) -> bool:
    """Whether a variable with this value may lead to the branch without one of the tests."""
    match value:
        case Tested():
            return value.test not in opened
        case Chosen():
            return operand.of(value.value) is None
        case Constant():
            return operand.of(value) is not (not when)
    return True


def rules_out(values: Values, operand: Operand, when: bool) -> bool:
    """Whether a branch that is taken if a variable is `when` is none with these values."""
    constants = [each.value if isinstance(each, Chosen) else each for each in values]
    return bool(constants) and all(
        isinstance(each, Constant)
        and operand.of(each) is (not when)
        and (each.is_sure or operand.equal is not None or operand.mask is not None)
        for each in constants
    )
