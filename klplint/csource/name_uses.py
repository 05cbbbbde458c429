"""What a use of a name shows: that it is called, or that it is a variable, a member or a type."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from klplint.csource.brackets import outward
from klplint.csource.definitions import wanted_pattern
from klplint.csource.lexer import Source
from klplint.csource.words import words_in
from klplint.facts.queries import Definition

_POINTER_CALL = re.compile(r"\w+\s*\)\s*\(")
# A tag, or a member; with a group, one that an initialiser sets.
_BEFORE_DATA = re.compile(r"(?:\b(?:struct|union|enum)\s+|->\s*|[\w)\]]\s*\.\s*|([{,]\s*)\.\s*)\Z")
_IS_SET = re.compile(r"\w+\s*=\s*[&(\s]*[A-Za-z_]")
_TYPEDEF = re.compile(r"\s*typedef\b")
# How far before a name a statement may begin.
_LONGEST_ARGUMENTS = 2000
_BLANKS = " \t\r\n"
# Uses of a name in a file that are looked at.
_MOST_USES = 1000
# How far before a name what says that it is a member, or a tag, is looked for.
_LONGEST_HEAD = 200


def used_as(source: Source, path: str, name: str, start: int) -> Definition | None:
    """What the use of a name at offset `start` shows: that it is called, or that it is an object.

    None in comments and literals: they show nothing.
    """
    match = re.compile(wanted_pattern(name)).match(source.skeleton, start)
    if match is None:
        return None
    return Definition(
        kind="use" if _is_called(source, match.end()) else "object",
        name=match[0],
        path=path,
        region=source.region(start, match.end()),
    )


def is_data_in(source: Source, path: str, name: str) -> bool:
    """Whether all uses of a name in a C file show that it is a variable, a member or a type.

    Nothing is shown of a name under which something else may be defined, as of `ring_*`, nor of
    one with too many uses.
    """
    if wanted_pattern(name) != name or not path.endswith((".c", ".h")):
        return False
    uses = [*islice(words_in(source.skeleton, name), _MOST_USES)]
    return len(uses) < _MOST_USES and all(
        _is_data(source, start) and not _is_called(source, start + len(name)) for start in uses
    )


def _is_called(source: Source, behind: int) -> bool:
    """Whether a parenthesis follows behind a name."""
    return source.skeleton.startswith("(", source.next_visible(behind))


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
