"""C expressions compared by their structure, not their text (pycparser).

Rule data says `accept = ["current", "get_current()"]`; a call site may say `(current)` or
`(struct task_struct *)current`. Both are parsed and compared. What pycparser cannot read
(GNU extensions) equals nothing.
"""

from __future__ import annotations

import re

from pycparser import c_ast
from pycparser.c_generator import CGenerator
from pycparser.c_parser import CParser

try:  # pycparser 3 moved the class
    from pycparser.c_parser import ParseError
except ImportError:
    from pycparser.plyparser import ParseError

_POINTER_CAST = re.compile(
    r"\(\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\*\s*|const\s*)*\)\s*(?=[\w(&*])"
)
_QUALIFIERS = re.compile(r"\b(?:__user|__rcu|__force|__percpu|__iomem)\b")
_NESTING_LIMIT = 200


def possible_values(text: str) -> frozenset[str] | None:
    """The expressions whose value `text` may have, each in canonical form; None if unreadable.

    Casts and parentheses are seen through, both arms of `?:` are possible, an assignment has
    its right side's value. Anything else is its own value.
    """
    tree = parse_expression(text)
    return None if tree is None else frozenset(_values(tree))


def canonical(text: str) -> str | None:
    """`text` in canonical form, casts and parentheses around it removed; None if unreadable."""
    tree = parse_expression(text)
    return None if tree is None else _written(_bare(tree))


def identifier(text: str) -> str | None:
    """The identifier that an expression is, casts and parentheses seen through; else None."""
    tree = parse_expression(text)
    bare = None if tree is None else _bare(tree)
    return str(bare.name) if isinstance(bare, c_ast.ID) else None


def parse_expression(text: str) -> c_ast.Node | None:
    """The expression's syntax tree; None if unreadable. Names in a cast's place are types."""
    if text.count("(") > _NESTING_LIMIT or text.count("[") > _NESTING_LIMIT:
        return None
    plain = _QUALIFIERS.sub("", text)
    types = {name for name in _POINTER_CAST.findall(plain) if "*" in plain}
    for known in ((), tuple(sorted(types))):
        typedefs = "".join(f"typedef int {name};" for name in known)
        try:
            unit = CParser().parse(f"{typedefs} void f(void) {{ (void)({plain}); }}")
        except (ParseError, AssertionError):  # pycparser asserts on some malformed input
            continue
        body = unit.ext[-1].body.block_items
        if body and len(body) == 1 and isinstance(body[0], c_ast.Cast):
            return body[0].expr
    return None


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
    return {_written(node)}


def _written(node: c_ast.Node) -> str:
    return str(CGenerator().visit(node))
