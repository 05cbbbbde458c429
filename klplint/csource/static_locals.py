"""The static variables in the bodies of functions, by their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.brackets import top_level_parts
from klplint.csource.lexer import Source, Span
from klplint.facts.function_details import StaticLocal

_STATIC = re.compile(r"\bstatic\b")
_MACRO = re.compile(r"([A-Z][A-Z0-9_]*)\s*\(\s*([A-Za-z_]\w*)")
_DECLARATOR = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*(?:\([^()]*\)\s*)?)*\Z")
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)")
_BRACE = re.compile(r"[{}]")
_CONSTANT = re.compile(r"\bconst\b")
_FIXED_POINTER = re.compile(r"\*\s*const\b")


def static_locals(source: Source, body: Span) -> Iterator[StaticLocal]:
    """The static variables of a function whose value may change."""
    text = source.statements
    for match in _STATIC.finditer(text, body.start, body.end):
        end = _end_of_declaration(text, match.end(), body.end)
        declaration = text[match.end() : end]
        for name, place in _names(declaration):
            start = match.end() + place
            yield StaticLocal(name, source.region(start, start + len(name)))


def _end_of_declaration(text: str, start: int, end: int) -> int:
    """Where the declaration that begins at `start` ends: at its semicolon, outside brackets."""
    depth = 0
    for place in range(start, end):
        char = text[place]
        if char in "({[":
            depth += 1
        elif char in ")}]":
            depth -= 1
        elif char == ";" and depth <= 0:
            return place
    return end


def _names(declaration: str) -> Iterator[tuple[str, int]]:
    """The variables that a declaration declares, but for constant ones, with their offsets."""
    macro = _MACRO.match(declaration.lstrip())
    if macro:  # static DEFINE_RATELIMIT_STATE(state, ...)
        space = len(declaration) - len(declaration.lstrip())
        yield macro[2], space + macro.start(2)
        return
    begin = 0
    declaration = _without_members(declaration)
    for part in top_level_parts(declaration):
        declared = part.partition("=")[0]
        if not _is_constant(declaration if begin == 0 else declared, declared):
            pointer = _POINTER.search(declared)
            name = pointer or _DECLARATOR.search(declared.rstrip())
            if name:
                yield name[1], begin + name.start(1)
        begin += len(part) + 1


def _without_members(declaration: str) -> str:
    """A declaration with what is in braces blanked: the members of a structure, and values."""
    pieces, depth, last = list[str](), 0, 0
    for match in _BRACE.finditer(declaration):
        piece = declaration[last : match.start()]
        pieces.append(" " * len(piece) if depth else piece)
        depth = max(depth + (1 if match[0] == "{" else -1), 0)
        pieces.append(" ")
        last = match.end()
    return "".join([*pieces, declaration[last:]])


def _is_constant(declaration: str, declared: str) -> bool:
    """Whether a variable itself is constant: `const int a`, but not `const char *a`."""
    if "*" in declared:
        return _FIXED_POINTER.search(declared) is not None
    return _CONSTANT.search(declaration.partition("=")[0]) is not None
