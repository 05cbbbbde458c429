"""C expressions by their structure, not their text.

Rule data says `accept = ["current", "get_current()"]`; a call site may say `(current)` or
`(struct task_struct *)current`. Both are parsed and compared. What pycparser cannot read
(GNU extensions) equals nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

from klplint.csource.brackets import is_balanced

if TYPE_CHECKING:
    from pycparser import c_ast

T = TypeVar("T")

# `(t *)` is a cast whatever follows; `(t)` may be one.
_POINTER_CAST = re.compile(
    r"\(\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:const\s*)?\*\s*(?:\*\s*|const\s*)*\)"
)
_CAST = re.compile(r"\(\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:const\s*)*\)\s*(?=[\w(&*])")
# Sparse's qualifiers, and the backslashes of continued lines.
_IGNORED = re.compile(r"\b(?:__user|__rcu|__force|__percpu|__iomem)\b|\\(?=\s)")
_LONGEST = 4000


class Expression:
    """An expression. Of a kind that no subclass stands for, only text and operands can be asked."""

    def __init__(self, tree: c_ast.Node) -> None:
        """`tree` is pycparser's."""
        self._tree = tree

    @property
    def text(self) -> str:
        """The expression in canonical form. Raises RecursionError if it nests too deep."""
        from klplint.csource.c_parser import written

        return written(self._tree)

    @cached_property
    def operands(self) -> tuple[Expression, ...]:
        """The expressions that it is made of: of a call its arguments, of a cast its operand."""
        return tuple(map(_expression, self._parts()))

    def _parts(self) -> list[c_ast.Node]:
        return [child for _, child in self._tree.children()]


class Name(Expression):
    """An identifier: a variable, a macro or an enumerator."""

    @cached_property
    def name(self) -> str:
        """The identifier."""
        return str(self._tree.name)


class Constant(Expression):
    """A number, a character or a string."""

    @property
    def is_character(self) -> bool:
        """Whether it is a character, as in `'a'`."""
        return bool(self._tree.type == "char")


class Cast(Expression):
    """A cast; its operand is what is cast."""

    def _parts(self) -> list[c_ast.Node]:
        return [self._tree.expr]


class Operation(Expression):
    """Operands joined by an operator."""

    @cached_property
    def operator(self) -> str:
        """The operator as written: `!`, `&&`, `+=`."""
        return str(self._tree.op)


class Unary(Operation):
    """An operator with one operand; for `p++` and `++p` the operators are `p++` and `++`."""


class Binary(Operation):
    """An operator between two operands, but no assignment."""


class Assignment(Operation):
    """An assignment; its operands are the target and the value."""


class Member(Expression):
    """A member of a structure: `a.b`, `a->b`."""

    @property
    def member(self) -> str:
        """The name of the member."""
        return str(self._tree.field.name)


class Conditional(Expression):
    """`a ? b : c`, with these operands."""


class Comma(Expression):
    """Operands joined by commas; the last one's value is that of the whole."""


class Call(Expression):
    """A call of a function or a macro; its operands are the arguments."""

    @cached_property
    def name(self) -> str:
        """The name of what is called; "" where it is called through an expression."""
        called = _expression(self._tree.name)
        return called.name if isinstance(called, Name) else ""

    def _parts(self) -> list[c_ast.Node]:
        return self._tree.args.exprs if self._tree.args else []


_KINDS: dict[str, type[Expression]] = {
    "ID": Name,
    "Constant": Constant,
    "Cast": Cast,
    "UnaryOp": Unary,
    "BinaryOp": Binary,
    "Assignment": Assignment,
    "StructRef": Member,
    "TernaryOp": Conditional,
    "ExprList": Comma,
    "FuncCall": Call,
}
"""The kinds of expressions, by the names of pycparser's classes."""

_READING = re.compile(r"(?:->|[\w\s.*&()\[\]])*")
_CALL = re.compile(r"\w\s*\(")


def only_reads(expression: str) -> bool:
    """Whether an expression without comments plainly does nothing but read a variable.

    What may do more is left as it is: calls, assignments, and whatever has another operator.
    """
    return bool(_READING.fullmatch(expression)) and not _CALL.search(expression)


def _expression(tree: c_ast.Node) -> Expression:
    return _KINDS.get(type(tree).__name__, Expression)(tree)


def parse_expression(text: str) -> Expression | None:
    """The expression that `text` is; None if it cannot be read.

    A name in a cast's place counts as a type.
    """
    from klplint.csource.c_parser import UNREADABLE, parsed

    plain = _IGNORED.sub("", text)
    if len(plain) > _LONGEST or not is_balanced(plain):
        return None
    pointers = frozenset(_POINTER_CAST.findall(plain))
    types = pointers.union(_CAST.findall(plain) if "*" in plain else ())
    # The fewest types first: `(a) & b` is a cast only if `a` has to be a type.
    for names in dict.fromkeys((frozenset[str](), pointers, types)):
        typedefs = "".join(f"typedef int {name};" for name in sorted(names))
        try:
            unit = parsed(f"{typedefs} void f(void) {{ (void)({plain}); }}")
        except UNREADABLE:
            continue
        except RecursionError:
            return None
        statements = unit.ext[-1].body.block_items
        if statements and len(statements) == 1:
            match _expression(statements[0]):
                case Cast(operands=(expression,)):
                    return expression
    return None


# A file repeats few expressions many times, and each is looked at by several checks.
@lru_cache(maxsize=4096)
def possible_values(text: str) -> frozenset[str] | None:
    """The expressions whose value `text` may have, each in canonical form; None if unreadable.

    Casts and parentheses are seen through, both arms of `?:` are possible, an assignment has
    its right side's value, and of operands between commas the last one counts. Anything else is
    its own value.
    """
    return _read(text, lambda expression: frozenset(_values(expression)))


@lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """`text` in canonical form, casts and parentheses around it removed; None if unreadable."""
    return _read(text, lambda expression: _without_casts(expression).text)


@lru_cache(maxsize=4096)
def identifier(text: str) -> str | None:
    """The identifier that an expression is, casts and parentheses seen through; else None."""
    bare = _read(text, _without_casts)
    return bare.name if isinstance(bare, Name) else None


def _read(text: str, reading: Callable[[Expression], T]) -> T | None:
    """What `reading` makes of the expression; None if it is unreadable, or nests too deep."""
    expression = parse_expression(text)
    try:
        return None if expression is None else reading(expression)
    except RecursionError:
        return None


def _without_casts(expression: Expression) -> Expression:
    while isinstance(expression, Cast):
        (expression,) = expression.operands
    return expression


def _values(expression: Expression) -> set[str]:
    """See `possible_values`. Raises RecursionError if the expression nests too deep."""
    expression = _without_casts(expression)
    match expression:
        case Conditional():
            _, one, other = expression.operands
            return _values(one) | _values(other)
        case Assignment(operator="="):
            return _values(expression.operands[1])
        case Comma():
            return _values(expression.operands[-1])
    return {expression.text}
