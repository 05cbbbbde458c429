"""What the uses of a name in a file show: that it is called, or that it is a variable or a type."""

from __future__ import annotations

import re
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

from klplint.csource.definitions import wanted_pattern
from klplint.csource.if_conditions import arms_at
from klplint.csource.lexer import Source
from klplint.csource.words import words_in
from klplint.facts.queries import Definition

# A type of data, which a pointer to a function is not, from C itself and include/linux/types.h, as
# it stands before a variable on a line that begins in the first column.
_PLAIN_TYPE = re.compile(
    r"(?:(?:static|extern|const|volatile|unsigned|signed|__\w+)[ \t]+)*"
    r"(?:(?:__)?(?:[us](?:8|16|32|64)|[lb]e(?:16|32|64))|int|long|short|char|bool|unsigned|signed"
    r"|s?size_t|loff_t|atomic(?:64|_long)?_t|refcount_t|(?:struct|union|enum)[ \t]+\w+)"
    r"(?:[ \t]+(?:int|long|char|const|__\w+))*(?:[ \t]+\**|[ \t]*\*+[ \t]*)"
)
_VARIABLE_GOES_ON = re.compile(r"\w+(?:\s+__\w+)*\s*(?:;|=(?!=)|(\[))")
_TYPEDEF = re.compile(r"\s*typedef\s[\w\s*]*")
_TYPEDEF_GOES_ON = re.compile(r"\w+\s*[;\[]")
_TYPEDEF_OF_POINTER = re.compile(r"\s*typedef\s[\w\s*]*\(\s*\*\s*")
_POINTER_GOES_ON = re.compile(r"\w+\s*\)\s*\(")
# `name x`, `name *x`, `(name *)`.
_BEFORE_DECLARED = re.compile(r"\w+(?:[ \t]+[A-Za-z]|\s*\*+\s*[A-Za-z_)])")
_BEFORE_OTHER = re.compile(r"(?:->|\.|\b(?:struct|union|enum|goto))\s*\Z")
_MAY_BE_CALLED = re.compile(r"\w+(?:\s|\\)*(?:\)\s*)*\(")
_LONGEST_BEFORE = 300
_LONGEST_COMMENT = 5000
# Uses of a name in a file that are looked at.
_MOST_USES = 1000


def first_use(source: Source, path: str, name: str) -> Definition | None:
    """The first call of a name in the code of a file, else its first use as something else."""
    other = None
    for match in re.finditer(rf"(?<!\w)(?:{wanted_pattern(name)})(?!\w)", source.skeleton):
        is_called = source.skeleton.startswith("(", source.next_visible(match.end()))
        if is_called or other is None:
            other = Definition(
                kind="use" if is_called else "object",
                name=match[0],
                path=path,
                region=source.region(*match.span()),
            )
        if is_called:
            break
    return other


class Shown(NamedTuple):
    """What the uses of a name in a file show."""

    is_data: bool
    """Whether none of them may be of a function."""
    is_declared: bool
    """Whether one declares it as a variable or a type."""


_OPEN = Shown(is_data=False, is_declared=False)


class _Use(Enum):
    """What one use of a name shows."""

    VARIABLE = auto()
    """It is declared as a variable of a plain type, outside of functions."""
    TYPE = auto()
    """It is defined as a type."""
    BEFORE_DECLARED = auto()
    """It stands where a type does, and no function."""
    VALUE = auto()
    """It may be what the file declares, or something else."""
    OPEN = auto()


def shown_in(source: Source, path: str, name: str) -> Shown:
    """What a file shows of a name.

    A use by itself shows little: a macro may define the function that it means. Where the file
    declares a variable of the name in all configurations, there is no function of that name.
    Nothing is shown of one under which something else may be defined, as of `ring_*`, nor of one
    with too many uses.
    """
    places = [*islice(words_in(source.skeleton, name), _MOST_USES)]
    is_clear = wanted_pattern(name) == name and len(places) < _MOST_USES
    if not is_clear or not path.endswith((".c", ".h")):
        return _OPEN
    uses = [_use_at(source, place) for place in places]
    if _Use.OPEN in uses:
        return _OPEN
    variables = [place for place, use in zip(places, uses, strict=True) if use is _Use.VARIABLE]
    is_sure = bool(variables) and not any(arms_at(source, place) for place in variables)
    if (_Use.VALUE in uses or (variables and path.endswith(".c"))) and not is_sure:
        return _OPEN
    return Shown(is_data=True, is_declared=bool(variables) or _Use.TYPE in uses)


def _use_at(source: Source, start: int) -> _Use:
    """What the use of a name at an offset shows."""
    text, first = source.statements, max(0, start - _LONGEST_BEFORE)
    if source.directive_at(start):
        return _Use.OPEN
    if _is_type(text, start):
        return _Use.TYPE
    if _MAY_BE_CALLED.match(text, start) or _BEFORE_OTHER.search(text, first, start):
        return _Use.OPEN
    if _is_variable(text, start):
        return _Use.VARIABLE
    return _Use.BEFORE_DECLARED if _BEFORE_DECLARED.match(text, start) else _Use.VALUE


def _is_type(text: str, start: int) -> bool:
    """Whether a name is defined as a type: `typedef u32 name;`, `typedef void (*name)(void);`."""
    begin = max(text.rfind(mark, max(0, start - _LONGEST_BEFORE), start) for mark in ";{}") + 1
    begin = begin or max(0, start - _LONGEST_BEFORE)
    if _POINTER_GOES_ON.match(text, start):
        return _TYPEDEF_OF_POINTER.fullmatch(text, begin, start) is not None
    is_typedef = _TYPEDEF.fullmatch(text, begin, start) is not None
    return is_typedef and _TYPEDEF_GOES_ON.match(text, start) is not None


def _is_variable(text: str, start: int) -> bool:
    """Whether a name is declared as a variable, by a line that begins a declaration."""
    begin = text.rfind("\n", max(0, start - _LONGEST_BEFORE), start) + 1
    goes_on = _VARIABLE_GOES_ON.match(text, start)
    if goes_on is None or _PLAIN_TYPE.fullmatch(text, begin, start) is None:
        return False
    if goes_on[1] and text.startswith("extern", begin):
        return False  # perhaps a place in assembly, or one that the linker sets
    before = text[max(0, begin - _LONGEST_COMMENT) : begin].rstrip()
    return before.endswith((";", "}")) or (not before and begin < _LONGEST_COMMENT)
