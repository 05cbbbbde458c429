"""What the uses of a name show: that it is called, or that it is only a variable or a type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from itertools import islice

from klplint.csource.definitions import wanted_pattern
from klplint.csource.if_conditions import arms_at
from klplint.csource.lexer import Source, Span
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
_VARIABLE_GOES_ON = re.compile(r"\w+(?:[ \t]+__\w+){0,3}\s*(?:;|=(?!=)|\[)")
_TYPEDEF = re.compile(r"\s*typedef\s[\w\s*]*")
_TYPEDEF_GOES_ON = re.compile(r"\w+\s*[;\[]")
_TYPEDEF_OF_POINTER = re.compile(r"\s*typedef\s[\w\s*]*\(\s*\*\s*")
_POINTER_GOES_ON = re.compile(r"\w+\s*\)\s*\(")
# `static name x;`, `f(name *x)`, `(name *)`.
_BEFORE_TYPE = re.compile(r"[;{}(,]\s*(?:(?:static|extern|const|volatile)\s+)*\Z")
_TYPE_GOES_ON = re.compile(r"\w+(?:[ \t]+[A-Za-z_]\w*\s*[;=,)\[]|\s*\*+\s*(?:\w+\s*[;=,)\[]|\)))")
_BEFORE_OTHER = re.compile(r"(?:->|\.|\b(?:struct|union|enum|goto))\s*\Z")
_MAY_BE_CALLED = re.compile(r"\w+(?:\s|\\)*(?:\)\s*)*\(")
_IN_ASSEMBLY = re.compile(r"\b(?:asm|__asm|__asm__)\b[^;{}]*\Z")
_LONGEST_BEFORE = 300
_LONGEST_COMMENT = 5000
# Uses of a name in a file that are looked at.
_MOST_USES = 1000


class Use(Enum):
    """What one use of a name shows."""

    VARIABLE = auto()
    """A variable of a plain type is defined, outside of functions and in all configurations."""
    TYPE = auto()
    """A type is defined."""
    DECLARED = auto()
    """A variable is declared: it is a place of any kind, which another file or language defines."""
    AS_TYPE = auto()
    """It stands where a type does."""
    VALUE = auto()
    """It is the variable that the file defines, if it defines one; else it may be a function."""
    OPEN = auto()
    """It may be a function."""


def is_data(uses: Iterable[Iterable[Use]]) -> bool:
    """Whether a name is only a variable, or only a type, given its uses in each file.

    A use by itself shows little: a macro may define the function that it means. Where a file
    defines a variable of the name, there is no function of that name in it.
    """
    kinds = set[Use]()
    for uses_in_file in map(set, uses):
        if Use.VALUE in uses_in_file and Use.VARIABLE not in uses_in_file:
            return False
        kinds |= uses_in_file
    is_variable = Use.VARIABLE in kinds and not kinds & {Use.TYPE, Use.AS_TYPE}
    is_type = Use.TYPE in kinds and kinds <= {Use.TYPE, Use.AS_TYPE}
    return Use.OPEN not in kinds and (is_variable or is_type)


def first_use(source: Source, path: str, name: str) -> Definition | None:
    """The first call of a name in the code of a file, else its first use as something else.

    Inline assembly and other languages than C may do anything with it, which counts as a call.
    """
    is_c = path.endswith((".c", ".h"))
    text, other = source.skeleton if is_c else source.code, None
    word = re.compile(rf"(?<!\w)(?:{wanted_pattern(name)})(?!\w)")
    for match in word.finditer(text):
        is_called = text.startswith("(", source.next_visible(match.end()))
        if is_called or other is None:
            other = _use(source, path, match, is_called=is_called)
        if is_called:
            return other
    for match in islice(word.finditer(source.code) if "asm" in text else (), _MOST_USES):
        if _is_in_assembly(source, match.start()):
            return _use(source, path, match, is_called=True)
    return other


def _use(source: Source, path: str, match: re.Match[str], *, is_called: bool) -> Definition:
    return Definition(
        kind="use" if is_called else "object",
        name=match[0],
        path=path,
        region=source.region(*match.span()),
    )


def _is_in_assembly(source: Source, start: int) -> bool:
    """Whether a place is in a literal of inline assembly."""
    first = max(0, start - _LONGEST_COMMENT)
    is_literal = source.skeleton[start] == " "
    return is_literal and _IN_ASSEMBLY.search(source.skeleton, first, start) is not None


def uses_in(source: Source, path: str, name: str) -> list[Use]:
    """What each use of a name in a file shows.

    That is open for a name under which something else may be defined, as for `ring_*`, for one
    with too many uses, and for one that a literal has: it may be looked up by that.
    """
    places = [*islice(words_in(source.skeleton, name), _MOST_USES)]
    is_clear = wanted_pattern(name) == name and len(places) < _MOST_USES
    if not is_clear or not path.endswith((".c", ".h")):
        return [Use.OPEN]
    is_literal = len([*islice(words_in(source.code, name), _MOST_USES)]) > len(places)
    return [*([Use.OPEN] if is_literal else []), *(_use_at(source, place) for place in places)]


def _use_at(source: Source, start: int) -> Use:
    """What the use of a name at an offset shows."""
    text, first = source.statements, max(0, start - _LONGEST_BEFORE)
    if source.directive_at(start):
        return Use.OPEN
    if _is_type(text, start):
        return Use.TYPE
    if _MAY_BE_CALLED.match(text, start) or _BEFORE_OTHER.search(text, first, start):
        return Use.OPEN
    if begin := _variable_at(text, start):
        if text.startswith("extern", begin.start):
            return Use.DECLARED
        return Use.OPEN if arms_at(source, start) else Use.VARIABLE
    if _TYPE_GOES_ON.match(text, start):
        return Use.AS_TYPE if _BEFORE_TYPE.search(text, first, start) else Use.OPEN
    return Use.VALUE


def _is_type(text: str, start: int) -> bool:
    """Whether a name is defined as a type: `typedef u32 name;`, `typedef void (*name)(void);`."""
    first = max(0, start - _LONGEST_BEFORE)
    begin = max(first, *(text.rfind(mark, first, start) + 1 for mark in ";{}"))
    if _POINTER_GOES_ON.match(text, start):
        return _TYPEDEF_OF_POINTER.fullmatch(text, begin, start) is not None
    is_typedef = _TYPEDEF.fullmatch(text, begin, start) is not None
    return is_typedef and _TYPEDEF_GOES_ON.match(text, start) is not None


def _variable_at(text: str, start: int) -> Span | None:
    """The line of the variable that is declared at an offset, if it begins a declaration."""
    begin = text.rfind("\n", max(0, start - _LONGEST_BEFORE), start) + 1
    if not (
        _PLAIN_TYPE.fullmatch(text, begin, start)
        and _VARIABLE_GOES_ON.match(text, start)
        and all(text.count(a, 0, start) == text.count(b, 0, start) for a, b in ("{}", "()"))
    ):
        return None
    before = text[max(0, begin - _LONGEST_COMMENT) : begin].rstrip()
    is_first = not before and begin < _LONGEST_COMMENT
    return Span(begin, start) if is_first or before.endswith((";", "}")) else None
