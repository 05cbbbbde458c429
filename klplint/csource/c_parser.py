"""pycparser for expressions. Only this and `body_text` know it.

`expressions` loads this where the first expression is parsed: a run that finds nothing changed
parses none.
"""

from __future__ import annotations

from pycparser import c_ast
from pycparser.c_generator import CGenerator
from pycparser.c_parser import CParser

try:  # pycparser 3 moved the class
    from pycparser.c_parser import ParseError
except ImportError:
    from pycparser.plyparser import ParseError

# What pycparser raises; it asserts on some malformed input.
UNREADABLE = (ParseError, AssertionError)


def parsed(text: str) -> c_ast.FileAST:
    """The tree of a file. Raises an exception of UNREADABLE, or RecursionError."""
    return CParser().parse(text)


def written(tree: c_ast.Node) -> str:
    """A tree in canonical form. Raises RecursionError if it nests too deep."""
    return str(CGenerator().visit(tree))
