"""What a condition says: which tests of the pending flag hold where it is true, or false.

Conditions are read as expressions; one that cannot be read says nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.analysis.name_patterns import fits_any
from klplint.csource.expressions import (
    Assignment,
    Binary,
    Call,
    Cast,
    Comma,
    Constant,
    Expression,
    Name,
    Unary,
    parse_expression,
)

_TO_BOOL = re.compile(r"\(\s*bool\s*\)")  # changes no truth, and is a type unknown to the parser
_ZEROS = frozenset({"0", "false", "NULL"})


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


class Operand(NamedTuple):
    """A test of the flag, or a variable, in a condition."""

    text: str
    word: str
    """A name in the text, to find the operand in the source by."""
    is_test: bool


class Truth(NamedTuple):
    """What a condition says about its operands.

    Of `a && b` and `a || b`, all operands count: each contributes to what is done then.
    """

    true: frozenset[Operand] = frozenset()
    """The operands that are true where the condition is true."""
    false: frozenset[Operand] = frozenset()
    """The operands that are true where the condition is false."""

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.true | other.true, self.false | other.false)

    def negated(self) -> Truth:
        """What the condition says with `!` before it."""
        return Truth(self.false, self.true)


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


def names_flag(text: str, flags: tuple[str, ...]) -> str:
    """The first of `flags` that a piece of code names; "" if it names none."""
    words = re.findall(r"\w+", text)
    return next((flag for flag in flags if flag in words), "")


def _truth(condition: Expression, tests: PendingTests) -> Truth:
    operands = condition.operands
    match condition:
        case Name():
            return Truth(frozenset({Operand(condition.name, condition.name, False)}))
        case Cast():
            return _truth(operands[0], tests)
        case Assignment(operator="=") | Comma():
            return _truth(operands[-1], tests)
        case Unary(operator="!"):
            return _truth(operands[0], tests).negated()
        case Binary(operator="&&" | "||"):
            return _truth(operands[0], tests) | _truth(operands[1], tests)
        case Binary(operator="==" | "!="):
            return _compared(condition, tests)
        case Binary(operator="&"):
            flag = names_flag(condition.text, tests.flags)
            return _test(condition, flag) if flag else Truth()
        case Call() if condition.name:
            return _called(condition, tests)
    return Truth()


def _compared(comparison: Binary, tests: PendingTests) -> Truth:
    """`pending == false` negates; any other value is one that the operand has if it is true."""
    left, right = comparison.operands
    for operand, value in ((left, right), (right, left)):
        plain = isinstance(value, Constant | Name)
        if plain and (operand is left or value.text in _ZEROS):
            truth = _truth(operand, tests)
            is_zero_test = (comparison.operator == "==") == (value.text in _ZEROS)
            return truth.negated() if is_zero_test else truth
    return Truth()


def _called(call: Call, tests: PendingTests) -> Truth:
    if call.name in tests.transparent and call.operands:
        return _truth(call.operands[0], tests)
    if call.name in tests.functions:
        return _test(call, call.name)
    if fits_any(call.name, tests.flag_functions):
        flags = (names_flag(argument.text, tests.flags) for argument in call.operands)
        flag = next(filter(None, flags), "")
        return _test(call, flag) if flag else Truth()
    return Truth()


def _test(expression: Expression, word: str) -> Truth:
    return Truth(frozenset({Operand(expression.text, word, True)}))
