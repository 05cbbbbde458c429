"""C expressions compared by their structure, not their text (pycparser).

Rule data says `accept = ["current", "get_current()"]`; a call site may say `(current)` or
`(struct task_struct *)current`. Both are parsed and compared. What pycparser cannot read
(GNU extensions) equals nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from pycparser import c_ast
from pycparser.c_generator import CGenerator
from pycparser.c_parser import CParser

try:  # pycparser 3 moved the class
    from pycparser.c_parser import ParseError
except ImportError:
    from pycparser.plyparser import ParseError

T = TypeVar("T")

_POINTER_CAST = re.compile(
    r"\(\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\*\s*|const\s*)*\)\s*(?=[\w(&*])"
)
# Sparse's qualifiers, and the backslashes of continued lines.
_IGNORED = re.compile(r"\b(?:__user|__rcu|__force|__percpu|__iomem)\b|\\(?=\s)")
_PARENTHESIS = re.compile(r""" [()] | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """, re.X)
_LONGEST = 4000


def possible_values(text: str) -> frozenset[str] | None:
    """The expressions whose value `text` may have, each in canonical form; None if unreadable.

    Casts and parentheses are seen through, both arms of `?:` are possible, an assignment has
    its right side's value. Anything else is its own value.
    """
    return _read(text, lambda tree: frozenset(_values(tree)))


def canonical(text: str) -> str | None:
    """`text` in canonical form, casts and parentheses around it removed; None if unreadable."""
    return _read(text, lambda tree: written(_bare(tree)))


def identifier(text: str) -> str | None:
    """The identifier that an expression is, casts and parentheses seen through; else None."""
    bare = _read(text, _bare)
    return str(bare.name) if isinstance(bare, c_ast.ID) else None


def _read(text: str, reading: Callable[[c_ast.Node], T]) -> T | None:
    """What `reading` makes of the expression; None if it is unreadable, or nests too deep."""
    tree = parse_expression(text)
    try:
        return None if tree is None else reading(tree)
    except RecursionError:
        return None


def parse_expression(text: str) -> c_ast.Node | None:
    """The expression's syntax tree; None if unreadable. Names in a cast's place are types."""
    plain = _IGNORED.sub("", text)
    if len(plain) > _LONGEST or not _is_closed(plain):
        return None
    types = {name for name in _POINTER_CAST.findall(plain) if "*" in plain}
    for known in ((), tuple(sorted(types))):
        typedefs = "".join(f"typedef int {name};" for name in known)
        try:
            unit = CParser().parse(f"{typedefs} void f(void) {{ (void)({plain}); }}")
        except (ParseError, AssertionError):  # pycparser asserts on some malformed input
            continue
        except RecursionError:
            return None
        body = unit.ext[-1].body.block_items
        if body and len(body) == 1 and isinstance(body[0], c_ast.Cast):
            return body[0].expr
    return None


def _is_closed(text: str) -> bool:
    """Whether `text` closes its own parentheses and no others, so that it is one operand."""
    depth = 0
    for match in _PARENTHESIS.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth < 0:
            return False
    return depth == 0


def _bare(node: c_ast.Node) -> c_ast.Node:
    while isinstance(node, c_ast.Cast):
        node = node.expr
    return node


def _values(node: c_ast.Node) -> set[str]:
    node = _bare(node)
    if isinstance(node, c_ast.TernaryOp):
        return _values(node.iftrue) | _values(node.iffalse)
    if isinstance(node, c_ast.Assignment) and node.op == "=":
        return _values(node.rvalue)
    return {written(node)}


def written(node: c_ast.Node) -> str:
    """A syntax tree as text, in canonical form."""
    return str(CGenerator().visit(node))
