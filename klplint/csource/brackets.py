"""Brackets in C: which one closes another, and what stands between two of them.

Parentheses, square brackets and braces are counted together, whatever their kind. The text has to
be without comments and literals (see `Source.skeleton`) unless a function says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.lexer import Span

_BRACKET = re.compile(r"[()\[\]{},]")
_BRACKET_ALONE = re.compile(r"[()\[\]{}]")
_BRACKET_OR_LITERAL = re.compile(
    r""" [()\[\]{}] | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """, re.VERBOSE
)
_SEPARATOR = re.compile(r"[()\[\]{},;]")
_PIECE = 256
_PARENTHESIS = re.compile(r"[()]")
_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
# clang's default limit. It keeps the reading of argument lists that do not close linear.
_MOST_NESTED = 256
_BLANK = " \t\r\n\f\v\\"


def closing(text: str, start: int, end: int | None = None) -> int | None:
    """The offset behind the parenthesis that closes the one just before `start`.

    None if it does not close before `end`, or if the brackets nest too deep for a compiler.
    """
    depth = 0
    for match in _BRACKET_ALONE.finditer(text, start, len(text) if end is None else end):
        step = _STEPS[match[0]]
        if depth == 0 and step < 0:
            return match.end() if match[0] == ")" else None
        depth += step
        if depth > _MOST_NESTED:
            return None
    return None


def split_arguments(
    text: str, start: int, end: int | None = None
) -> tuple[tuple[Span, ...], int] | None:
    """The arguments of the call whose parenthesis is just before `start`, and the call's end.

    None where `closing` is None. `f()` has no argument, `f(,)` has two empty ones.
    """
    begin, arguments = start, list[Span]()
    for match in _commas_and_closing(text, start, end):
        if match[0] == ",":
            arguments.append(_trimmed(text, begin, match.start()))
            begin = match.end()
        elif match[0] == ")":
            if arguments or text[begin : match.start()].strip():
                arguments.append(_trimmed(text, begin, match.start()))
            return tuple(arguments), match.end()
    return None


def _commas_and_closing(text: str, start: int, end: int | None) -> Iterator[re.Match[str]]:
    """The commas between the bracket just before `start` and the one that closes it, and that one.

    The closing bracket comes last. It is missing if there is none before `end`.
    """
    depth = 0
    for match in _BRACKET.finditer(text, start, len(text) if end is None else end):
        step = _STEPS.get(match[0], 0)
        if depth == 0 and step <= 0:
            yield match
            if step:
                return
        depth += step
        if depth > _MOST_NESTED:
            return


def _trimmed(text: str, start: int, end: int) -> Span:
    """A span without the spaces and continued line ends at its edges."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip(_BLANK))
    return Span(first, max(first, start + len(piece.rstrip(_BLANK))))


def outward(text: str, start: int, first: int = 0) -> Iterator[int]:
    """From `start` back to `first`, the offsets of what separates or encloses the code at `start`.

    That is, in `f(a); g((b), c[HERE` in this order: `[`, `,`, the `)` of `(b)`, `(`, `;`, and the
    `)` of `f(a)`. Of brackets that are closed before `start` only the closing one comes.
    """
    depth = 0
    while start > first:
        # Piece by piece, since what is looked for is mostly near.
        begin = max(first, start - _PIECE)
        for match in reversed(list(_SEPARATOR.finditer(text, begin, start))):
            step = _STEPS.get(match[0], 0)
            if depth == 0:
                yield match.start()
            depth = max(0, depth - step)
        start = begin


def is_balanced(text: str) -> bool:
    """Whether `text` closes its own brackets and no others. It may have literals."""
    depth = 0
    for match in _BRACKET_OR_LITERAL.finditer(text):
        depth += _STEPS.get(match[0], 0)
        if depth < 0:
            return False
    return depth == 0


def top_level_parts(text: str) -> list[str]:
    """The parts of a text between the commas that no bracket of it encloses."""
    parts, depth, begin = list[str](), 0, 0
    for match in _BRACKET.finditer(text):
        depth += _STEPS.get(match[0], 0)
        if depth == 0 and match[0] == ",":
            parts.append(text[begin : match.start()])
            begin = match.end()
    return [*parts, text[begin:]]


def behind_unopened(text: str) -> int:
    """The offset behind the last `)` that closes no `(` of the text; 0 if there is none."""
    depth = behind = 0
    first = text.find(")")
    if first < 0 or (text.find(")", first + 1) < 0 and "(" in text[:first]):
        return 0  # as in most heads of functions
    for match in _PARENTHESIS.finditer(text):
        depth += _STEPS[match[0]]
        if depth < 0:
            depth, behind = 0, match.end()
    return behind


def outside_parentheses(text: str) -> str:
    """The text without what stands in parentheses, and without these."""
    pieces, depth, last = list[str](), 0, 0
    for match in _PARENTHESIS.finditer(text):
        if depth == 0:
            pieces.append(text[last : match.start()])
        depth += _STEPS[match[0]]
        last = match.end()
    return "".join([*pieces, text[last:] if depth == 0 else ""])
