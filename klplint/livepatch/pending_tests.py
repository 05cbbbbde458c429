"""What a condition says: which tests of the pending flag hold where it is true, or false.

Conditions are read as expressions; one that cannot be read says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import NamedTuple

from klplint.analysis.name_patterns import fits_any
from klplint.csource.expressions import (
    Assignment,
    Binary,
    Call,
    Cast,
    Comma,
    Conditional,
    Expression,
    Member,
    Name,
    Unary,
    parse_expression,
)
from klplint.csource.expressions import Constant as Literal
from klplint.facts import statements
from klplint.livepatch.constants import constant_of
from klplint.livepatch.truths import Operand, Truth

_TO_BOOL = re.compile(r"\(\s*bool\s*\)")  # changes no truth, and is a type unknown to the parser
_TRUTH_VALUES = frozenset({"true", "false", "NULL"})
_WORD_LETTERS = f"{ascii_letters}{digits}_"
_ZEROS = frozenset({"0", "false", "NULL"})
# Numbers that are not zero, `true`, and names in capitals, which are enumerators or such macros.
_NOT_ZERO = re.compile(r"true|-?0[xX]0*[1-9a-fA-F]\w*|-?0*[1-9]\w*|[A-Z_][A-Z0-9_]*")


class HelperTest(NamedTuple):
    """A function or macro that returns the result of a test."""

    name: str
    is_same: bool
    """Whether it returns the result; False if it returns the opposite."""
    calls: tuple[statements.Call, ...]
    """What it calls between its test and its return."""


class PendingTests(NamedTuple):
    """How code asks whether a task is to switch."""

    functions: tuple[str, ...]
    """The functions that are such a test, whatever their arguments."""
    flag_functions: tuple[str, ...]
    """Patterns for the functions that are such a test if an argument names one of `flags`."""
    flags: tuple[str, ...]
    """The names of the pending flag; with one as an operand, `&` is such a test, too."""
    transparent: tuple[str, ...] = ()
    """The functions that are true exactly if their first argument is."""
    state_members: tuple[str, ...] = ()
    """The members that are a task's state: one that is not idle is such a test, too."""
    idle_states: tuple[str, ...] = ()
    """The values of these members outside a transition."""
    stores: tuple[str, ...] = ()
    """Patterns for the functions that store their second argument in the first."""
    helpers: tuple[HelperTest, ...] = ()
    """The functions and macros of the project that make such a test."""


def truth_of(text: str, tests: PendingTests) -> Truth:
    """What a condition says about the tests and variables in it; nothing if it is unreadable."""
    tree = parse_expression(_TO_BOOL.sub("", text)) if text else None
    try:
        return Truth() if tree is None else _truth(tree, tests)
    except RecursionError:
        return Truth()


def is_zero(text: str) -> bool:
    """Whether a value is a constant that is false."""
    return text.strip("() ") in _ZEROS


def is_not_zero(text: str) -> bool:
    """Whether a value is a constant that is true."""
    return _NOT_ZERO.fullmatch(text.strip("() ")) is not None and not is_zero(text)


def masked(text: str) -> tuple[str, ...]:
    """The expressions of which a value keeps some bits, as `a & MASK` does of `a`."""
    tree = parse_expression(text)
    try:
        return () if tree is None else tuple(_masked(tree))
    except RecursionError:
        return ()


def _masked(tree: Expression) -> Iterator[str]:
    match tree:
        case Cast() | Unary(operator="~"):
            yield from _masked(tree.operands[-1])
        case Binary(operator="&" | "|"):
            for operand in tree.operands:
                yield from _masked(operand)
        case Name() | Member():
            yield tree.text


def names_flag(text: str, flags: tuple[str, ...]) -> str:
    """The first of `flags` that a piece of code names; "" if it names none."""
    words = re.findall(r"\w+", text)
    return next((flag for flag in flags if flag in words), "")


def _truth(condition: Expression, tests: PendingTests) -> Truth:
    operands = condition.operands
    match condition:
        case Name() if condition.name in _TRUTH_VALUES:
            return Truth()
        case Name() | Member():
            return Truth.of_variable(Operand(condition.text, _last_word(condition.text), False))
        case Cast():
            return _truth(operands[0], tests)
        case Assignment(operator="=") | Comma():
            return _truth(operands[-1], tests)
        case Unary(operator="!"):
            return _truth(operands[0], tests).negated()
        case Binary():
            return _combined(condition, tests)
        case Conditional():
            return _chosen(condition, tests)
        case Call() if condition.name:
            return _called(condition, tests)
    return Truth()


def _combined(condition: Binary, tests: PendingTests) -> Truth:
    """What a condition says that an operator makes of two."""
    left, right = condition.operands
    match condition.operator:
        case "&&":
            return _truth(left, tests).and_also(_truth(right, tests))
        case "||" | "|":
            return _truth(left, tests).or_else(_truth(right, tests))
        case "==" | "!=":
            return _compared(condition, tests)
        case ">" | "<":
            more, less = (left, right) if condition.operator == ">" else (right, left)
            truth = _truth(more, tests) if less.text in _ZEROS else Truth()
            return Truth(truth.true, truth.false)
        case "&":
            flag = names_flag(condition.text, tests.flags)
            if flag:
                return _test(condition, flag, _flags_in(condition, flag))
            return _masked_by_constant(condition, tests)
    return Truth()


def _chosen(conditional: Conditional, tests: PendingTests) -> Truth:
    """`a ? b : 0` is `a && b`, `a ? 1 : b` is `a || b`, and the other way round with `!a`."""
    condition, one, other = conditional.operands
    tested = _truth(condition, tests)
    if is_zero(other.text):
        return tested.and_also(_truth(one, tests))
    if is_not_zero(one.text):
        return tested.or_else(_truth(other, tests))
    if is_zero(one.text):
        return tested.negated().and_also(_truth(other, tests))
    if is_not_zero(other.text):
        return tested.negated().or_else(_truth(one, tests))
    return Truth()


def _masked_by_constant(conjunction: Binary, tests: PendingTests) -> Truth:
    """`work & RING_SWITCH` asks for some bits of a variable."""
    for operand, value in (conjunction.operands, conjunction.operands[::-1]):
        mask = constant_of(value.text)
        if mask is not None and isinstance(operand, Name | Member):
            return _truth(operand, tests).of_part(mask=mask)
    return Truth()


def _compared(comparison: Binary, tests: PendingTests) -> Truth:
    """`pending == false` negates; any other value is one that the operand has if it is true."""
    left, right = comparison.operands
    for operand, value in ((left, right), (right, left)):
        if isinstance(value, Name | Literal | Unary) and _is_state(operand, tests):
            return _state_compared(comparison, value, tests)
    operand, value = (right, left) if constant_of(left.text) is not None else (left, right)
    if not isinstance(value, Literal | Name):
        return Truth()
    truth = _truth(operand, tests)
    if value.text in _ZEROS:
        return truth.negated() if comparison.operator == "==" else truth
    truth = truth.of_part(equal=constant_of(value.text))
    return truth if comparison.operator == "==" else truth.negated()


def _is_state(operand: Expression, tests: PendingTests) -> bool:
    """Whether an operand is a task's state, perhaps read by a function such as READ_ONCE()."""
    while isinstance(operand, Cast) or (
        isinstance(operand, Call) and operand.name in tests.transparent and operand.operands
    ):
        operand = operand.operands[0]
    return isinstance(operand, Member) and operand.member in tests.state_members


def _state_compared(comparison: Binary, value: Expression, tests: PendingTests) -> Truth:
    """A state that differs from the idle one, or from the one to switch to, is still to change."""
    state = comparison.operands[0] if comparison.operands[1] is value else comparison.operands[1]
    truth = _test(comparison, _last_word(state.text.rstrip(")")))
    if comparison.operator == "!=":
        return truth
    return truth.negated() if value.text in tests.idle_states else Truth()


def _called(call: Call, tests: PendingTests) -> Truth:
    if call.name in tests.transparent and call.operands:
        return _truth(call.operands[0], tests)
    if call.name in tests.functions:
        return _test(call, call.name)
    for helper in tests.helpers:
        if helper.name == call.name:
            truth = _test(call, helper.name)
            return truth if helper.is_same else truth.negated()
    if fits_any(call.name, tests.flag_functions):
        arguments = [(names_flag(a.text, tests.flags), a) for a in call.operands]
        flag = next((flag for flag, _ in arguments if flag), "")
        others = [a.text.removeprefix("&") for flag_in, a in arguments if not flag_in]
        return _test(call, flag, others[0] if others else "") if flag else Truth()
    return Truth()


def _flags_in(condition: Binary, flag: str) -> str:
    """The operand of `&` that is not the flag."""
    others = [
        operand.text for operand in condition.operands if not names_flag(operand.text, (flag,))
    ]
    return others[0] if others else ""


def _last_word(text: str) -> str:
    return text[len(text.rstrip(_WORD_LETTERS)) :]


def _test(expression: Expression, word: str, flags: str = "") -> Truth:
    return Truth(frozenset({Operand(expression.text, word, True, flags)}))
