"""The structures that the variables and initialisers of a file have, by its tokens."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from klplint.csource.brackets import outward
from klplint.csource.outline import Outline

# How far back an initialiser may begin; tables are long, but not endless.
LONGEST_TABLE = 20_000
_OPERATORS = r"[^=!<>+\-*/%&|^]"
ASSIGNED = re.compile(rf"(.*{_OPERATORS}|\s*)=(?!=)[^=]*", re.DOTALL)
"""What is before a value that is stored: its first group is where."""
INDEX = re.compile(r"\s*\[[^\]]*\]\s*$")
"""The designator of an array's element."""
# `struct tag *a, b = 1, *c`: the names are in the second group.
_DECLARED = re.compile(
    r"\b(?:struct|union)\s+([A-Za-z_]\w*)\s+"
    r"((?:const\s+)?\**\s*[A-Za-z_]\w*(?:\s*(?:=[^,;(){}]*)?,\s*\**\s*[A-Za-z_]\w*(?=\s*[,;=[]))*)"
)
_NAMES = re.compile(r"(?:^(?:const\s+)?|,)\s*\**\s*([A-Za-z_]\w*)")
_TAG = re.compile(r"\b(?:struct|union)\s+([A-Za-z_]\w*)")
_TYPE_NAME = re.compile(r"([A-Za-z_]\w*)\s*\*?\s*[A-Za-z_]\w*\s*(?:\[[^\]]*\]\s*)*$")
LITERAL = re.compile(
    r"(?:^|[=&(,?:]|\breturn\b)\s*\(\s*(?:const\s+)?(?:struct\s+)?([A-Za-z_]\w*)"
    r"\s*(?:\[[^\]]*\]\s*)?\)\s*$"
)
"""What is before the brace of a compound literal: its first group is the structure."""


class Around(NamedTuple):
    """The text before an offset, back to the bracket that is open there."""

    text: str
    """It begins behind the last comma, if there is one."""
    place: int
    """Where the bracket is, or where the statement begins."""
    bracket: str
    """The open bracket; empty where a statement begins first."""


def around(text: str, start: int, longest: int) -> Around:
    """What is before `start` in its statement, at most `longest` characters away."""
    begin, first = None, max(0, start - longest)
    for place in outward(text, start, first):
        char = text[place]
        if char in "([{":
            return Around(text[(begin or place + 1) : start], place, char)
        if char == ";" or (char == "}" and begin is None):
            return Around(text[(begin or place + 1) : start], place + 1, "")
        if char == "," and begin is None:
            begin = place + 1
    return Around(text[(first if begin is None else begin) : start], first, "")


def initialised(text: str, brace: int) -> str:
    """The tag of the structure, or the name of the type, whose initialiser opens at `brace`.

    "" where that is not plain, as in an initialiser of a member.
    """
    inner = False
    while True:
        before = around(text, brace, LONGEST_TABLE)
        literal = LITERAL.search(before.text)
        if literal:
            return literal[1]
        assigned = ASSIGNED.fullmatch(before.text)
        if assigned and not INDEX.fullmatch(assigned[1]):
            is_table = "[" in assigned[1]
            return "" if inner and not is_table else type_in(assigned[1])
        if before.bracket != "{":
            return ""
        brace, inner = before.place, True


def type_in(declaration: str) -> str:
    """The tag or type name in a declaration; "" for a member, whose type is elsewhere."""
    if declaration.lstrip().startswith("."):
        return ""
    tags = _TAG.findall(declaration)
    name = _TYPE_NAME.search(declaration)
    return tags[-1] if tags else (name[1] if name else "")


class DeclaredStructures:
    """The structures that variables and parameters of a file are declared with."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline

    def of(self, variable: str, place: int) -> str:
        """The tag of the structure of the variable at `place`; "" if that is not plain."""
        body = self._outline.body_at(place)
        declared = self._declared.get((variable, body.start if body else None), [])
        before = bisect_left(declared, (place, ""))
        if before:
            return declared[before - 1][1]
        return self.of(variable, body.head) if body else ""

    @cached_property
    def _declared(self) -> dict[tuple[str, int | None], list[tuple[int, str]]]:
        """By variable and function: where it is declared, and its structure."""
        outline = self._outline
        declared: defaultdict[tuple[str, int | None], list[tuple[int, str]]] = defaultdict(list)
        for match in _DECLARED.finditer(outline.source.skeleton):
            body = outline.body_at(match.start()) or outline.body_behind(match.start())
            for name in _NAMES.findall(match[2]):
                key = name, body.start if body else None
                declared[key].append((match.start(), match[1]))
        return dict(declared)
