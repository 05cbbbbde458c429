"""What a condition tells: which tests of the pending flag hold where it is true, or false.

Conditions are read as expressions (pycparser); what it cannot read tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pycparser import c_ast

from klplint.analysis.name_patterns import fits_any
from klplint.csource.expressions import parse_expression, written

_TO_BOOL = re.compile(r"\(\s*bool\s*\)")  # changes no truth, and is a type unknown to pycparser
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


def _truth(node: c_ast.Node, tests: PendingTests) -> Truth:
    match node:
        case c_ast.ID():
            return Truth(frozenset({Operand(node.name, node.name, False)}))
        case c_ast.Cast():
            return _truth(node.expr, tests)
        case c_ast.Assignment() if node.op == "=":
            return _truth(node.rvalue, tests)
        case c_ast.ExprList() if node.exprs:
            return _truth(node.exprs[-1], tests)
        case c_ast.UnaryOp() if node.op == "!":
            return _truth(node.expr, tests).negated()
        case c_ast.BinaryOp() if node.op in ("&&", "||"):
            return _truth(node.left, tests) | _truth(node.right, tests)
        case c_ast.BinaryOp() if node.op in ("==", "!="):
            return _compared(node, tests)
        case c_ast.BinaryOp() if node.op == "&":
            flag = names_flag(written(node), tests.flags)
            return _test(node, flag) if flag else Truth()
        case c_ast.FuncCall() if isinstance(node.name, c_ast.ID):
            return _called(node, tests)
    return Truth()


def _compared(node: c_ast.BinaryOp, tests: PendingTests) -> Truth:
    """`pending == false` negates; any other value is one that the operand has if it is true."""
    for operand, value in ((node.left, node.right), (node.right, node.left)):
        plain = isinstance(value, c_ast.Constant | c_ast.ID)
        if plain and (operand is node.left or written(value) in _ZEROS):
            truth = _truth(operand, tests)
            return truth.negated() if (node.op == "==") == (written(value) in _ZEROS) else truth
    return Truth()


def _called(node: c_ast.FuncCall, tests: PendingTests) -> Truth:
    name, arguments = node.name.name, list(_arguments(node))
    if name in tests.transparent and arguments:
        return _truth(arguments[0], tests)
    if name in tests.functions:
        return _test(node, name)
    if fits_any(name, tests.flag_functions):
        flag = next(filter(None, (names_flag(written(a), tests.flags) for a in arguments)), "")
        return _test(node, flag) if flag else Truth()
    return Truth()


def _arguments(node: c_ast.FuncCall) -> Iterator[c_ast.Node]:
    yield from node.args.exprs if node.args else ()


def _test(node: c_ast.Node, word: str) -> Truth:
    return Truth(frozenset({Operand(written(node), word, True)}))
