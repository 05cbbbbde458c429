"""The expressions of #if: which macros decide them, and their values.

`defined X` and kbuild's IS_ENABLED() and the like are understood as what they test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from klplint.csource.expressions import (
    Binary,
    Call,
    Conditional,
    Constant,
    Expression,
    Name,
    Unary,
    parse_expression,
)

Value = int | None
"""A macro's value as the preprocessor sees it; None for one that is not defined."""

_DEFINED = re.compile(r"\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))")
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")
_SHIFT_LIMIT = 64


class Opaque(Exception):
    """A condition whose value cannot be worked out from the values of macros."""


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Expression:
    """The expression of an #if. Raises Opaque if it cannot be read."""
    plain = _DEFINED.sub(lambda m: f"defined({m[1] or m[2]})", text)
    expression = parse_expression(_SUFFIX.sub(r"\1", plain))
    if expression is None:
        raise Opaque(f"the condition `{text}` cannot be parsed")
    return expression


# The macros that kbuild's tests of an option look at: X itself, or X_MODULE for a module.
_CONFIG_TESTS = {
    "IS_ENABLED": ("{}", "{}_MODULE"),
    "IS_REACHABLE": ("{}", "{}_MODULE"),
    "IS_BUILTIN": ("{}",),
    "IS_MODULE": ("{}_MODULE",),
}


def names_in(expression: Expression) -> set[str]:
    """The macros whose values decide an expression; X_MODULE for an option that is a module.

    Raises Opaque if something else decides it, too.
    """
    if isinstance(expression, Name):
        return {expression.name}
    if isinstance(expression, Call):
        if expression.name == "defined":
            return {_tested_name(expression)}
        if expression.name in _CONFIG_TESTS:
            name = _tested_name(expression)
            return {form.format(name) for form in _CONFIG_TESTS[expression.name]}
        if expression.name == "KERNEL_VERSION":
            return set()
        raise Opaque(f"the condition uses {expression.name}(), which only a compiler can evaluate")
    return {name for operand in expression.operands for name in names_in(operand)}


def _tested_name(call: Call) -> str:
    """The macro that defined(), IS_ENABLED() or the like asks for. Raises Opaque if it is none."""
    match call.operands:
        case (Name() as tested,):
            return tested.name
    raise Opaque(f"{call.name} needs the name of a macro")


def compared_with(name: str, expression: Expression) -> set[int]:
    """The numbers that a macro is compared with, and their neighbours: these decide either way."""
    numbers: set[int] = set()
    if isinstance(expression, Binary):
        left, right = expression.operands
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Name) and one.name == name:
                try:
                    number = evaluate(other, {})
                except (Opaque, ZeroDivisionError):
                    continue
                numbers |= {number - 1, number, number + 1}
    for operand in expression.operands:
        numbers |= compared_with(name, operand)
    return numbers


def calculated_names(expression: Expression, is_truth: bool = True) -> set[str]:
    """The macros that an expression calculates with, so that a few values do not decide it.

    `is_truth` says that of the expression only matters whether it is zero.
    """
    match expression:
        case Name():
            return set() if is_truth else {expression.name}
        case Call():
            return set()
        case Unary():
            return calculated_names(expression.operands[0], expression.operator == "!")
        case Binary() if expression.operator in _COMPARISONS:
            left, right = expression.operands
            if _is_with_number(left, right) or _is_with_number(right, left):
                return set()
            return calculated_names(left, False) | calculated_names(right, False)
    is_logical = isinstance(expression, Binary) and expression.operator in ("&&", "||")
    return {n for operand in expression.operands for n in calculated_names(operand, is_logical)}


def _is_with_number(one: Expression, other: Expression) -> bool:
    """Whether a comparison is one of a macro with a number. Raises Opaque as `names_in` does."""
    return isinstance(one, Name) and not names_in(other)


def evaluate(expression: Expression, values: Mapping[str, Value]) -> int:
    """The value of an expression; a macro that is not defined counts as 0, as in C.

    Raises Opaque if more than the values of macros is needed.
    """
    match expression:
        case Constant():
            return _number(expression)
        case Name():
            return values.get(expression.name) or 0
        case Unary():
            return _unary(expression.operator, evaluate(expression.operands[0], values))
        case Binary() if expression.operator in _OPERATORS:
            one, other = expression.operands
            left, right = evaluate(one, values), evaluate(other, values)
            return int(_OPERATORS[expression.operator](left, right))
        case Conditional():
            condition, one, other = expression.operands
            return evaluate(one if evaluate(condition, values) else other, values)
        case Call():
            return _call(expression, values)
    raise Opaque("the condition is not valid in an #if")


def _number(constant: Constant) -> int:
    """The value of a constant. Raises Opaque if it is not a whole number."""
    if constant.is_character:
        raise Opaque("the condition compares characters")
    text = constant.text
    try:
        return int(text, 8 if re.fullmatch(r"0[0-7]+", text) else 0)
    except ValueError:
        raise Opaque(f"the condition contains {text}, which is not an integer") from None


def _unary(operator: str, value: int) -> int:
    """The value of an operation with one operand. Raises Opaque for `*`, `sizeof` and the like."""
    results = {"!": int(not value), "-": -value, "+": value, "~": ~value}
    if operator not in results:
        raise Opaque(f"the condition uses the operator {operator}")
    return results[operator]


def _call(call: Call, values: Mapping[str, Value]) -> int:
    """The value of defined(), IS_ENABLED() and the like. Raises Opaque for any other call."""
    if call.name == "defined":
        return int(values.get(_tested_name(call)) is not None)
    if call.name in _CONFIG_TESTS:
        name = _tested_name(call)
        return int(any(values.get(form.format(name)) for form in _CONFIG_TESTS[call.name]))
    if call.name == "KERNEL_VERSION" and len(call.operands) == 3:
        major, minor, update = (evaluate(operand, values) for operand in call.operands)
        return (major << 16) + (minor << 8) + min(update, 255)
    raise Opaque(f"the condition uses {call.name}(), which only a compiler can evaluate")


def _quotient(dividend: int, divisor: int) -> int:
    """A quotient rounded towards zero, as in C; 0 for a division by zero."""
    if divisor == 0:
        return 0
    size = abs(dividend) // abs(divisor)
    return size if (dividend < 0) == (divisor < 0) else -size


_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "%": lambda a, b: a - b * _quotient(a, b),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << min(max(b, 0), _SHIFT_LIMIT),
    ">>": lambda a, b: a >> max(b, 0),
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}
