"""Which names the macros of a text may come to when they are expanded, by their bodies alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from klplint.csource.lexer import Source
from klplint.csource.outline import Macro

_WORD = re.compile(r"(?<!\w)\w+")
# Behind these, a name is a member or a tag, and never a variable.
_NOT_A_VARIABLE = re.compile(r"(?:\.|->|\b(?:struct|union|enum|goto))[\s\\]*\Z")
_LONGEST_LEAD = 40


class MacroBody(NamedTuple):
    """What counts of one definition of a macro."""

    words: frozenset[str]
    """All names and numbers in it, except for its parameters."""
    names: frozenset[str]
    """Those of them that may be variables or macros."""
    pastes: bool
    """Whether it joins parts to names, with ##."""


Lookup = Callable[[AbstractSet[str]], Iterable[MacroBody]]
"""The definitions of macros of some names, whatever #if they stand in."""


def macro_body(source: Source, macro: Macro) -> MacroBody:
    """What counts of a macro."""
    text = source.skeleton
    parameters = frozenset(macro.parameters or ())
    words, names = set[str](), set[str]()
    for match in _WORD.finditer(text, macro.body, macro.end):
        words.add(match[0])
        lead = text[max(macro.body, match.start() - _LONGEST_LEAD) : match.start()]
        if not _NOT_A_VARIABLE.search(lead):
            names.add(match[0])
    pastes = "##" in text[macro.body : macro.end]
    return MacroBody(frozenset(words - parameters), frozenset(names - parameters), pastes)


def words_of(text: str) -> set[str]:
    """All names and numbers in a piece of C."""
    return {*_WORD.findall(text)}


def may_come_to(variable: str, words: AbstractSet[str], look_up: Lookup) -> bool:
    """Whether macros in a text with some `words` may come to a variable that is not written there.

    A macro names it, at any depth, or may paste its name from parts that are in the text or in the
    macros.
    """
    parts, pastes = {*words}, False
    seen, waiting = set[str](), {*words}
    while waiting:
        seen |= waiting
        bodies = [*look_up(waiting)]
        if any(variable in body.names for body in bodies):
            return True
        parts.update(*(body.words for body in bodies))
        pastes = pastes or any(body.pastes for body in bodies)
        waiting = {name for body in bodies for name in body.names} - seen
    return pastes and _can_be_pasted(variable, parts)


def _can_be_pasted(name: str, parts: AbstractSet[str]) -> bool:
    """Whether a name is made of at least two of some parts."""
    ends = {0}
    for end in range(1, len(name) + 1):
        if any(name[start:end] in parts for start in ends if end - start < len(name)):
            ends.add(end)
    return len(name) in ends
