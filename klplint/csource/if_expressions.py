"""The arithmetic of #if: which macros decide an expression, and what it comes to for their values.

Expressions are read with pycparser; `defined X` and kbuild's IS_ENABLED() and its kin are
understood as what they test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from pycparser import c_ast

from klplint.csource.expressions import parse_expression

# A macro's value as the preprocessor sees it; None for one that is not defined.
Value = int | None

_DEFINED = re.compile(r"\bdefined\s*(?:\(\s*(\w+)\s*\)|(\w+))")
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")
_SHIFT_LIMIT = 64


class Opaque(Exception):
    """A condition that cannot be worked out: it asks for more than macros' values."""


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> c_ast.Node:
    """The expression of an #if; Opaque where it is none that can be read."""
    plain = _DEFINED.sub(lambda m: f"defined({m[1] or m[2]})", text)
    try:
        expression = parse_expression(_SUFFIX.sub(r"\1", plain))
    except RecursionError:
        expression = None
    if expression is None:
        raise Opaque(f"the condition `{text}` cannot be parsed")
    return expression


# Which macros kbuild's tests of an option look at: X itself, or X_MODULE for a module.
_CONFIG_TESTS = {
    "IS_ENABLED": ("{}", "{}_MODULE"),
    "IS_REACHABLE": ("{}", "{}_MODULE"),
    "IS_BUILTIN": ("{}",),
    "IS_MODULE": ("{}_MODULE",),
}


def names_in(node: c_ast.Node) -> set[str]:
    """The macros whose values decide an expression; modules are X_MODULE, as kbuild has it."""
    if isinstance(node, c_ast.ID):
        return {node.name}
    if isinstance(node, c_ast.FuncCall):
        name, arguments = _call(node)
        if name == "defined":
            return {arguments[0].name}
        if name in _CONFIG_TESTS:
            return {form.format(arguments[0].name) for form in _CONFIG_TESTS[name]}
        if name == "KERNEL_VERSION":
            return set()
        raise Opaque(f"the condition uses {name}(), which only a compiler can evaluate")
    return {name for _, child in node.children() for name in names_in(child)}


def _call(node: c_ast.FuncCall) -> tuple[str, list[c_ast.ID]]:
    arguments = node.args.exprs if node.args else []
    name = node.name.name if isinstance(node.name, c_ast.ID) else ""
    needs_names = name == "defined" or name in _CONFIG_TESTS
    if needs_names and not (len(arguments) == 1 and isinstance(arguments[0], c_ast.ID)):
        raise Opaque(f"{name} needs the name of a macro")
    return name, arguments


def compared_with(name: str, node: c_ast.Node) -> set[int]:
    """The numbers next to those that a macro is compared with: enough to decide either way."""
    found: set[int] = set()
    if isinstance(node, c_ast.BinaryOp):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, c_ast.ID) and one.name == name:
                try:
                    number = evaluate(other, {})
                except (Opaque, ZeroDivisionError):
                    continue
                found |= {number - 1, number, number + 1}
    for _, child in node.children():
        found |= compared_with(name, child)
    return found


def calculated_names(node: c_ast.Node, is_truth: bool = True) -> set[str]:
    """The macros that an expression calculates with, so that no few values decide about them.

    `is_truth` says that only zero or not counts of the expression.
    """
    match node:
        case c_ast.ID():
            return set() if is_truth else {node.name}
        case c_ast.FuncCall():
            return set()
        case c_ast.UnaryOp():
            return calculated_names(node.expr, node.op == "!")
        case c_ast.BinaryOp() if node.op in _COMPARISONS:
            if not (_is_plain(node.left, node.right) or _is_plain(node.right, node.left)):
                return calculated_names(node.left, False) | calculated_names(node.right, False)
            return set()
    logical = isinstance(node, c_ast.BinaryOp) and node.op in ("&&", "||")
    children = (child for _, child in node.children())
    return {name for child in children for name in calculated_names(child, logical)}


def _is_plain(one: c_ast.Node, other: c_ast.Node) -> bool:
    """Whether a comparison is one of a macro with a number."""
    return isinstance(one, c_ast.ID) and not names_in(other)


def evaluate(node: c_ast.Node, values: Mapping[str, Value]) -> int:
    """What an expression comes to; a macro that is not defined counts as 0, as in C."""
    match node:
        case c_ast.Constant():
            return _number(node)
        case c_ast.ID():
            return values.get(node.name) or 0
        case c_ast.UnaryOp():
            return _unary(node.op, evaluate(node.expr, values))
        case c_ast.BinaryOp() if node.op in _OPERATORS:
            left, right = evaluate(node.left, values), evaluate(node.right, values)
            return int(_OPERATORS[node.op](left, right))
        case c_ast.TernaryOp():
            taken = node.iftrue if evaluate(node.cond, values) else node.iffalse
            return evaluate(taken, values)
        case c_ast.FuncCall():
            return _called(node, values)
    raise Opaque("the condition is not valid in an #if")


def _number(node: c_ast.Constant) -> int:
    if node.type == "char":
        raise Opaque("the condition compares characters")
    try:
        return int(node.value, 8 if re.fullmatch(r"0[0-7]+", node.value) else 0)
    except ValueError:
        raise Opaque(f"the condition contains {node.value}, which is not an integer") from None


def _unary(operator: str, value: int) -> int:
    results = {"!": int(not value), "-": -value, "+": value, "~": ~value}
    if operator not in results:
        raise Opaque(f"the condition uses the operator {operator}")
    return results[operator]


def _called(node: c_ast.FuncCall, values: Mapping[str, Value]) -> int:
    name, arguments = _call(node)
    if name == "defined":
        return int(values.get(arguments[0].name) is not None)
    if name in _CONFIG_TESTS:
        forms = _CONFIG_TESTS[name]
        return int(any(values.get(form.format(arguments[0].name)) for form in forms))
    if name == "KERNEL_VERSION" and len(arguments) == 3:
        major, minor, update = (evaluate(argument, values) for argument in arguments)
        return (major << 16) + (minor << 8) + min(update, 255)
    raise Opaque(f"the condition uses {name}(), which only a compiler can evaluate")


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
    "/": lambda a, b: _quotient(a, b),
    "%": lambda a, b: a - b * _quotient(a, b),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << min(max(b, 0), _SHIFT_LIMIT),
    ">>": lambda a, b: a >> max(b, 0),
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}
