"""The functions and files that a comment names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers import vocabulary as words
from klplint.barriers.primitives import Primitives

_FILE = re.compile(r"(?<![\w/.-])(?:[\w-]+/)*[\w-]+\.[chS]\b")
# Matches foo(), foo(x), foo_v3/4_bar, foo_<a|b>(), foo_{a,b}() and a bare name with an underscore,
# but not a member, a parameter or a constant.
_NAME = re.compile(
    r"(?<![\w>.@&*$%'\"-])([A-Za-z_][\w*]*(?:/\d\w+|(?:<[\w|]+>|\{[\w,]+\})[\w*]*)?)(?P<call>\s?\((?!e?s\))[^()]{0,40}\))?"
    r"(?P<other>/[a-z]+(?=\(\)))?(?P<label>:[A-Z]\b)?(?!\w|->|\.\w|\[|\(e?s\))"
)
_COMMENT_IN = re.compile(
    r"comments?\s+(?:\w+\s+)?$|comments?\s+(?:in|at|above|of|on|before|for|near|inside)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SEE = re.compile(
    r"\b(?:see|cf\.?|refer\s+to|(?:described|explained|documented)\s+in)\s+(?:also\s+)?(?:[\w/.]+:)?$",
    re.IGNORECASE,
)
_NEAR = 80  # characters before a name that are searched for such words
_IN = re.compile(r"\b(\w+)(?:\(\))?\s+(?:in|of|from)\s+(?:the\s+)?$")
_BARRIER = re.compile(r"barriers?|fences?", re.IGNORECASE)
# What a function is said to hold: "the smp_wmb() in foo()", "cmpxchg() or smp_mb() in foo()".
_HELD = re.compile(
    r"(?:\b([A-Za-z_]\w*)(?:\(\))?\s*(?:/|\bor\b|\band\b|\+|,)\s*(?:the\s+|an?\s+)?)?"
    r"\b([A-Za-z_]\w*)(\(\))?\s+(?:in|inside|within|(of|from))\s+(?:the\s+)?$"
)
# The file of a function: "foo() in file.c", "file.c:foo()".
_IN_FILE = re.compile(r"\s*(?:,?\s*\b(?:in|from|of|at)\s+(?:the\s+file\s+)?|\()$")
_OF_FILE = re.compile(r"::?\s?$")
_COMMENT = re.compile(r"\bcomments?\b", re.IGNORECASE)
_FOR_WHAT = re.compile(r"\S*\s+(?:for|where|on|which|about)\b", re.IGNORECASE)
_DIGITS = re.compile(r"(\w*)(\d)/(\d)(\w+)")


class Named(msgspec.Struct, frozen=True):
    """A function or file that a comment names."""

    name: str
    kind: Literal["function", "file"]
    called: bool = True
    """Whether it is written as a call: `foo()`."""
    pointed_at: bool = False
    """Whether the comment sends its reader there for an explanation."""
    labelled: bool = False
    """Whether it names a spot in the function: `foo:B`."""
    like_primitive: bool = False
    """Whether it only looks like the name of a primitive: `foo_unlock()`."""
    holds: tuple[str, ...] = ()
    """The primitives that the comment says are in it, by their full names; any one will do."""
    file: str = ""
    """The file that the comment says it is in."""


class Spotted(NamedTuple):
    """A name, and where in its sentence it stands."""

    mention: Named
    start: int
    end: int


def names_in(sentence: str, primitives: Primitives) -> Iterator[Spotted]:
    """The functions and files that a sentence names, files first; primitives are left out."""
    pointing = None
    if _COMMENT.search(sentence):
        pointer = words.POINTER.search(sentence)
        pointing = pointer.end() if pointer else len(sentence)
    files = list(_FILE.finditer(sentence))
    for match in files:
        pointed_at = _is_pointed_at(sentence, match, pointing)
        # Of a function in it, the file is looked at for the function alone.
        holds = tuple(filter(primitives.is_known, _held(sentence, match.start(), primitives)))
        yield Spotted(Named(match[0], "file", True, pointed_at, holds=holds), *match.span())
    for match in _NAME.finditer(_FILE.sub(lambda m: " " * len(m[0]), sentence)):
        name, call, label = match[1], match["call"], match["label"]
        if (
            _is_primitive(name, bool(call), primitives)
            and not _holds_primitive(sentence, match, primitives)
        ) or (call and call[0] == " " and "_" not in name):
            continue
        if call or label or ("_" in name.strip("_") and not name.isupper()):
            mention = Named(
                name=name,
                kind="function",
                called=bool(call or label),
                pointed_at=_is_pointed_at(sentence, match, pointing),
                labelled=bool(label),
                like_primitive=primitives.is_primitive(name),
                holds=_held(sentence, _start_with_file(sentence, match, files), primitives),
                file=_file_of(sentence, match, files),
            )
            for each in _spelt_out(name, match["other"]):
                yield Spotted(msgspec.structs.replace(mention, name=each), *match.span())


def _is_primitive(name: str, called: bool, primitives: Primitives) -> bool:
    """Whether a name is that of a primitive.

    One that only looks like a primitive is a function if it is written as a call: `foo_unlock()`.
    """
    if primitives.is_known(name):
        return True
    return primitives.is_primitive(name) and not (called and "_" in name.strip("_"))


def _held(sentence: str, start: int, primitives: Primitives) -> tuple[str, ...]:
    """The primitives, or what looks like them, that are in what is named at `start`."""
    match = _HELD.search(sentence, max(0, start - _NEAR), start)
    if match is None or not (match[3] or "_" in match[2]):
        return ()
    if match[4] and not primitives.families.is_write_barrier(match[2]):
        return ()  # "call_rcu() of foo()" may hand foo() over
    held = [name for name in match.group(1, 2) if name]
    if match[3] and "_" in match[2] and primitives.is_primitive(match[2]):
        return tuple(filter(primitives.is_primitive, held))
    if not primitives.is_known(match[2]):
        return ()
    return tuple(filter(primitives.is_known, held))


def _file_of(sentence: str, name: re.Match[str], files: list[re.Match[str]]) -> str:
    """The file that a sentence says a function is in; "" if it does not say so."""
    place = _files_before(name, files)
    behind = files[place] if place < len(files) else None
    if behind and _IN_FILE.fullmatch(sentence, name.end(), behind.start()):
        return behind[0]
    before = files[place - 1] if place else None
    return before[0] if before and _begins_with(sentence, before, name) else ""


def _start_with_file(sentence: str, name: re.Match[str], files: list[re.Match[str]]) -> int:
    """Where a function's name starts, or the file before it: `file.c:foo()`."""
    place = _files_before(name, files)
    if place and _begins_with(sentence, files[place - 1], name):
        return files[place - 1].start()
    return name.start()


def _files_before(name: re.Match[str], files: list[re.Match[str]]) -> int:
    return bisect_right(files, name.start(), key=lambda file: file.start())


def _begins_with(sentence: str, file: re.Match[str], name: re.Match[str]) -> bool:
    return _OF_FILE.fullmatch(sentence, file.end(), name.start()) is not None


def _spelt_out(name: str, other: str | None) -> tuple[str, ...]:
    """The names that a shortened form stands for: `a_v3/4_b`, `a_enable()/disable()`."""
    digits = _DIGITS.fullmatch(name)
    if digits:
        before, first, second, behind = digits.groups()
        return before + first + behind, before + second + behind
    if other and "_" in name.strip("_"):
        return name, name[: name.rindex("_") + 1] + other[1:]
    return (name,)


def _holds_primitive(sentence: str, name: re.Match[str], primitives: Primitives) -> bool:
    """Whether a name is given as the place of a primitive: "the smp_wmb() in foo_unlock()"."""
    before = _IN.search(sentence, max(0, name.start() - _NEAR), name.start())
    if before is None:
        return False
    return primitives.is_primitive(before[1]) or _BARRIER.fullmatch(before[1]) is not None


def _is_pointed_at(sentence: str, name: re.Match[str], pointing: int | None) -> bool:
    """Whether the words around a name send the reader there for an explanation.

    In a sentence about a comment, `pointing` is where the first words end that point to it. A
    sentence that begins with "see foo()" sends its reader there; "(see foo())" in the middle of
    one does so only if it says what for.
    """
    before = sentence[max(0, name.start() - _NEAR) : name.start()]
    if _COMMENT_IN.search(before):
        return True
    if pointing is not None:
        return pointing <= name.start()
    see = _SEE.search(before)
    return bool(
        see and (_FOR_WHAT.match(sentence, name.end()) or not sentence[: see.start()].strip())
    )
