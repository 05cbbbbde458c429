"""What a use of a name shows: that it is called, or that it is a variable, a member or a type."""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.csource.brackets import outward
from klplint.csource.definitions import wanted_pattern
from klplint.csource.lexer import Source
from klplint.facts.queries import Definition

_POINTER_CALL = re.compile(r"\w+\s*\)\s*\(")
# A tag, or a member; with a group, one that an initialiser sets.
_BEFORE_DATA = re.compile(r"(?:\b(?:struct|union|enum)\s+|->\s*|[\w)\]]\s*\.\s*|([{,]\s*)\.\s*)\Z")
_IS_SET = re.compile(r"\w+\s*=\s*[&(\s]*[A-Za-z_]")
_TYPEDEF = re.compile(r"\s*typedef\b")
# How far before a name a statement may begin.
_LONGEST_ARGUMENTS = 2000
_BLANKS = " \t\r\n"
# How far before a name what says that it is a member, or a tag, is looked for.
_LONGEST_HEAD = 200


def used_as(source: Source, path: str, name: str, start: int) -> Definition | None:
    """What the use of a name at offset `start` shows: that it is called, or that it is an object.

    None in comments and literals: they show nothing.
    """
    match = re.compile(wanted_pattern(name)).match(source.skeleton, start)
    if match is None:
        return None
    is_called = source.skeleton[source.next_visible(match.end()) :][:1] == "("
    return Definition(
        kind="use" if is_called else "object",
        name=match[0],
        path=path,
        region=source.region(start, match.end()),
        uncallable=not is_called and path.endswith((".c", ".h")) and _is_data(source, start),
    )


def _is_data(source: Source, start: int) -> bool:
    """Whether the use of a name, which is not called, shows nothing that may be a function.

    It may be one if it is called through a pointer, if something with a name is stored in it, or
    if a macro gets the name outside of functions. In a directive, it may be anything.
    """
    text = source.skeleton
    if _POINTER_CALL.match(text, start):
        return _statement(text, start).is_typedef
    if before := _BEFORE_DATA.search(text, max(0, start - _LONGEST_HEAD), start):
        return not (before[1] and _IS_SET.match(text, start))
    return not (source.directive_at(start) or _statement(text, start).is_macro)


class _Statement(NamedTuple):
    """What a name stands in."""

    is_typedef: bool
    is_macro: bool
    """Whether it may be what a macro outside of functions gets."""


def _statement(text: str, start: int) -> _Statement:
    """The statement that holds a name, as far as it stands before that."""
    begin, is_macro = max(0, start - _LONGEST_ARGUMENTS), False
    for at in outward(text, start, begin):
        if text[at] in ";{}":
            begin = at + 1
            break
        is_macro |= text[at] == "(" and text[text.rfind("\n", 0, at) + 1] not in _BLANKS
    return _Statement(_TYPEDEF.match(text, begin) is not None, is_macro)
