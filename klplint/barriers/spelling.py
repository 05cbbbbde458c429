"""How comments spell the names of functions and files, and where these stand in a sentence.

foo(), foo(x), foo_bar             as in code
%foo(), @foo(), "foo", :c:func:`foo`   marked as a name
foo_v3/4_x(), a_get()/_put()       several, spelt short
foo_<a|b>(), {a,b}_foo(), foo_*(), *_foo()  with parts left open (see `csource.open_names`)
x->foo(), .foo()                   a member that a function is stored in
foo()->bar()                       one that calls another
foo:B                              a spot in a function
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

FILE = re.compile(r"(?<![\w/.-])(?:[\w-]+/)*[\w-]+\.[chS]\b")
# Several uses of a macro whose name is in capitals: "the READ_ONCEs", "READ_ONCEs()".
_PLURAL = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)s((?:\(\))?)(?!\w)")
_CALLS_ANOTHER = re.compile(r"(?<=\))\s*->")
_MARK = r"""(?P<mark>:c:func:`|[%@&"'`])?"""
_OPEN = r"(?:<[\w|]+>|\{[\w,]+\}|\(\w+(?:\|\w+)+\))"
_NAME = re.compile(
    rf"""(?<![\w>.*$-]){_MARK}
    (?P<name>(?:[A-Za-z_][\w*]*|\*_[A-Za-z]\w*(?=\()|\{{[\w,]+\}}[\w*]+)
      (?:/\d\w+|(?:{_OPEN}[\w*]*){{1,3}})?)
    (?P<call>\s?\((?!e?s\))[^()]{{0,40}}\))?
    (?P<other>/_?[a-z]+(?=\(\)))? (?P<label>:[A-Z]\b)?
    (?!\w|->|\.\w|\[|\{{\w|\(e?s\)|\s*[=!<>]=|\s=\s)""",
    re.VERBOSE,
)
_MEMBER = re.compile(r"(?<![\w)])\w{0,60}(?:->|\.)(?P<name>[A-Za-z_]\w*)\(\)")
_DIGITS = re.compile(r"(\w*)(\d)/(\d)(\w+)")
# Stands before a name that is marked, or in everyday letters, and yet a function's.
_OBJECT_BEFORE = re.compile(
    r"\b(?:with|in|by|against|vs\.?|cf\.?|of|from)\s+(?:the\s+)?\Z", re.IGNORECASE
)
_FILE_BEHIND = re.compile(r"\s+(?:in|of|from)\s+(?:the\s+file\s+)?(?:[\w-]+/)*[\w-]+\.[chS]\b")
_NEAR = 20


class Spelt(NamedTuple):
    """A name as it is spelt in a sentence."""

    names: tuple[str, ...]
    """The name, or the names for which a short form stands."""
    start: int
    end: int
    called: bool = True
    """Whether it is written as a call, or marked as a function."""
    labelled: bool = False
    """Whether it names a spot in the function: `foo:B`."""
    member: bool = False
    """Whether it is the member of a structure: `x->foo()`."""


def in_singular(sentence: str) -> str:
    """A sentence of the same length, with the singular of macros' names."""
    return _PLURAL.sub(r"\1\2 ", sentence)


def spelt_in(sentence: str) -> Iterator[Spelt]:
    """The names in a sentence that may be those of functions, in order; files are left out."""
    text = FILE.sub(_blank, _CALLS_ANOTHER.sub(_blank, sentence))
    members = [
        Spelt((match["name"],), *match.span(), member=True) for match in _MEMBER.finditer(text)
    ]
    for match in _NAME.finditer(text):
        spelt = _spelt(text, sentence, match)
        if spelt:
            yield spelt
    yield from members


def _spelt(text: str, sentence: str, match: re.Match[str]) -> Spelt | None:
    """The name at a match; None where the word is not plainly a function's name."""
    name, call, label, mark = match["name"], match["call"], match["label"], match["mark"]
    if call and call[0] == " " and "_" not in name:
        return None
    is_object = _OBJECT_BEFORE.search(text, max(0, match.start() - _NEAR), match.start())
    is_plain = "_" in name.strip("_") and not name.isupper()
    if not (call or label):
        if mark in ("&", "@") and not (is_object and is_plain):
            return None
        if not (is_plain or (is_object and _says_function(sentence, match))):
            return None
        if mark and not (is_object or mark.startswith(":")):
            return None
    names = _names(name.replace("(", "<").replace(")", ">"), match["other"])
    return Spelt(names, match.start("name"), match.end(), bool(call or label), bool(label))


def _says_function(sentence: str, match: re.Match[str]) -> bool:
    """Whether an everyday word is marked as a function, or given with its file."""
    marked = match["mark"] not in (None, "'", "&") and match["name"][:1].islower()
    return marked or _FILE_BEHIND.match(sentence, match.end()) is not None


def _names(name: str, other: str | None) -> tuple[str, ...]:
    """The names that a shortened form stands for: `a_v3/4_b`, `a_enable()/disable()`."""
    digits = _DIGITS.fullmatch(name)
    if digits:
        before, first, second, behind = digits.groups()
        return before + first + behind, before + second + behind
    if other and "_" in name.strip("_"):
        return name, name[: name.rindex("_") + 1] + other[1:].lstrip("_")
    return (name,)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
