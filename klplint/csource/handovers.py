"""Where a file hands a function over to what will run it, and where it calls it, by tokens.

A function is handed over as the argument of a call, or by being stored in a member of a
structure. One that is stored in a variable, a table or a member first is followed from there to
the calls of the same file that get it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from klplint.csource.initialisers import Initialisers, Set
from klplint.csource.lexer import Span
from klplint.csource.members import Members, tag_of
from klplint.csource.outline import Outline, Use
from klplint.csource.structures import (
    ASSIGNED,
    INDEX,
    LONGEST_TABLE,
    Around,
    DeclaredStructures,
    around,
    initialised,
)
from klplint.facts.queries import Definition, Mention

_LONGEST_CALL = 1000
# How far back a word is searched that a bracket or a name follows.
_NEAR = 100
# The most uses of a variable or member that are followed from one place.
_MOST_USES = 50
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALLED = re.compile(r"\w+\s*\(")
_READ = re.compile(r"\w+(?!\s*(?:\(|=[^=]))\b")
_COMPARED = re.compile(r"[=!]=[\s(&*]*$")
_IS_MEMBER = re.compile(r"(?:->|\.)\s*$")
_IS_TAG = re.compile(r"\b(?:struct|union|enum)\s+$")
_WORD_BEFORE = re.compile(r"\b([A-Za-z_]\w*)\s*$")
_KEYWORDS = frozenset(
    {"if", "while", "for", "switch", "return", "sizeof", "typeof", "__typeof__", "else", "case"}
)
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*\)\s*\(")
_MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)\s*$")
_VARIABLE = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$")
# A member of a plain variable, or of an element of an array: `timer->function`, `all[i].run`; or of
# a member of these.
_INDEXED = r"\s*(?:\[[^\]]*\]\s*)?"
_OWNER = re.compile(
    rf"(?<![\w.>\])])\s*([A-Za-z_]\w*){_INDEXED}((?:(?:->|\.)\s*\w+{_INDEXED})*)"
    r"(?:->|\.)\s*\w+[)\s]*$"
)
_BRACKETED = re.compile(r"\[[^\]]*\]")


class _Stored(NamedTuple):
    """Where a function is stored: in a variable, which may be a table, or in a member."""

    name: str
    structure: str | None
    """The tag of a member's structure, "" where it is not plain; None for a variable."""


class Handovers:
    """What one file does with functions other than to define them."""

    def __init__(self, outline: Outline, path: str) -> None:
        self._outline = outline
        self._source = outline.source
        self._text = outline.source.skeleton
        self._path = path
        self._structures = DeclaredStructures(outline)
        self._members = Members(outline.source)
        self._initialisers = Initialisers(self._text, self._members)

    def of(self, name: str) -> Iterator[Definition]:
        """Where the file hands the function `name` over: to a call, or to a member of a structure.

        Each is a use whose one mention is that call, or the member with the function as its
        argument.
        """
        for start in self._uses(name):
            before = self._text[max(0, start - _NEAR) : start]
            if _CALLED.match(self._text, start) or _IS_TAG.search(before):
                continue
            if _IS_MEMBER.search(before) or _COMPARED.search(before):
                continue
            region = self._source.region(start, start + len(name))
            for receiver in self._receivers(start, name):
                yield Definition(
                    kind="use", name=name, path=self._path, region=region, calls=(receiver,)
                )

    def calls_of(self, name: str, definer: str) -> Iterator[Definition]:
        """Where the file calls the function `name` of the file `definer`: uses with one mention."""
        is_another = any(body.name == name for body in self._outline.bodies)
        if is_another and self._path != definer:
            return
        for start in self._uses(name):
            is_member = _IS_MEMBER.search(self._text[max(0, start - _NEAR) : start])
            is_code = self._outline.body_at(start) or self._outline.macro_at(start)
            if is_member or not is_code or not _CALLED.match(self._text, start):
                continue
            use = self._outline.use_at(start)
            if use and use.arguments is not None:
                call = self._mention(use, self._outline.argument_texts(use))
                yield Definition(
                    kind="use", name=name, path=self._path, region=call.region, calls=(call,)
                )

    def _uses(self, name: str) -> list[int]:
        return self._words.get(name, [])

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        """Where each word of the code is: a file may be asked about many."""
        words: defaultdict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(self._text):
            words[match[0]].append(match.start())
        return dict(words)

    def _receivers(self, start: int, name: str) -> Iterator[Mention]:
        """What gets the function at `start`: a call, a member, or the calls that get these."""
        stored = self._stored_in(start)
        if stored is None:
            use = self._call_around(start)
            if use:
                yield self._mention(use, self._outline.argument_texts(use))
            return
        if stored.structure is not None:
            region = self._source.region(start, start + len(name))
            structure = tag_of(stored.structure)
            yield Mention(stored.name, region, (name,), structure=structure)
        yield from self._calls_with(stored, start, name)

    def _call_around(self, start: int) -> Use | None:
        """The call that has the code at `start` in one of its arguments."""
        first = start
        while start - first < _LONGEST_CALL:
            before = around(self._text, first, _LONGEST_CALL)
            if before.bracket != "(":
                return None
            word = self._word_before(before.place)
            if word:
                use = None if word[1] in _KEYWORDS else self._outline.use_at(word.start(1))
                if use is None or use.arguments is None:
                    return None
                # What declares a pointer looks like a call: `int (*run)(void *)`.
                behind = self._text[use.close : use.close + _NEAR].lstrip()
                return None if behind.startswith("(") else use
            first = before.place  # parentheses that only group, or a cast
        return None

    def _word_before(self, place: int) -> re.Match[str] | None:
        return _WORD_BEFORE.search(self._text, max(0, place - _NEAR), place)

    def _stored_in(self, start: int) -> _Stored | None:
        """Where the function at `start` is stored; None where it is not."""
        first = start
        while True:
            before = around(self._text, first, LONGEST_TABLE)
            assigned = ASSIGNED.fullmatch(before.text)
            if assigned:
                begin = first - len(before.text)
                return self._target(Span(begin, begin + len(assigned[1])), before)
            if before.bracket == "{":
                member = self._initialisers.positional(before.place, first)
                return _member(member) if member else self._element(before.place)
            if before.bracket != "(" or self._word_before(before.place):
                return None
            first = before.place

    def _target(self, left: Span, before: Around) -> _Stored | None:
        """What the left side of an assignment, or a designator of an initialiser, names."""
        target = self._text[left.start : left.end]
        if pointer := _POINTER.search(target):
            return _Stored(pointer[1], None)
        if INDEX.fullmatch(target):
            return self._element(before.place) if before.bracket == "{" else None
        if member := _MEMBER.search(target):
            outer = target[: member.start()].strip()
            is_designator = before.bracket == "{" and (not outer or outer[0] in ".[")
            if is_designator and (there := self._initialisers.designated(target, before.place)):
                return _member(there)
            if is_designator and not outer:
                return _Stored(member[1], initialised(self._text, before.place))
            return _Stored(member[1], self._owner(target, left.end))
        variable = _VARIABLE.search(target)
        return _Stored(variable[1], None) if variable else None

    def _owner(self, expression: str, place: int) -> str:
        """The structure of what is before the last member; "" where it is not plain."""
        owner = _OWNER.search(expression)
        if owner is None:
            return ""
        inner = tuple(match[0] for match in _WORD.finditer(_BRACKETED.sub("", owner[2])))
        structure = self._structures.of(owner[1], place)
        type_ = self._members.type_of(structure, inner) if inner else None
        return self._members.visible(type_.structure) if type_ else ("" if inner else structure)

    def _element(self, brace: int) -> _Stored | None:
        """The table that has the element in the initialiser at `brace`."""
        while True:
            before = around(self._text, brace, LONGEST_TABLE)
            assigned = ASSIGNED.fullmatch(before.text)
            if assigned and not INDEX.fullmatch(assigned[1]):
                name = _POINTER.search(assigned[1]) or _VARIABLE.search(assigned[1])
                return _Stored(name[1], None) if name else None
            if before.bracket != "{":
                return None
            brace = before.place

    def _calls_with(self, stored: _Stored, start: int, name: str) -> Iterator[Mention]:
        """The calls that get what a function is stored in, with the function as the argument."""
        variable, body = re.escape(stored.name), self._outline.body_at(start)
        span = Span(0, len(self._text))
        if stored.structure is None:
            whole = rf"[(&*\s]*{variable}\s*(?:\[[^\]]*\]\s*)*(?:\.\s*\w+)?[)\s]*"
            declared = rf"(?:\(\s*\*\s*(?:const\s+)?|\w\s+\**){variable}\s*[)=;,[]"
            if body and re.search(declared, self._text[body.head : start]):
                span = Span(body.start, body.end)
        else:
            whole = rf"[\w\s\[\]().>*&-]*(?:->|\.)\s*{variable}[)\s]*"
        for place in islice(self._uses(stored.name), _MOST_USES):
            is_member = _IS_MEMBER.search(self._text[max(0, place - _NEAR) : place])
            is_kind = (is_member is None) == (stored.structure is None)
            if not (is_kind and span.start <= place < span.end and _READ.match(self._text, place)):
                continue
            use = self._call_around(place)
            if use is None or use.arguments is None:
                continue
            given = self._outline.argument_texts(use)
            for number, argument in enumerate(use.arguments):
                is_it = argument.start <= place < argument.end and re.fullmatch(
                    whole, given[number]
                )
                if is_it and self._fits(stored, given[number], place):
                    yield self._mention(use, (*given[:number], name, *given[number + 1 :]))

    def _fits(self, stored: _Stored, expression: str, place: int) -> bool:
        """Whether an expression may mean the member in which a function is stored."""
        owner = self._owner(expression, place) if stored.structure else ""
        return owner in ("", stored.structure)

    def _mention(self, use: Use, arguments: tuple[str, ...]) -> Mention:
        return Mention(use.name, self._source.region(use.start, use.end), arguments)


def _member(member: Set) -> _Stored:
    return _Stored(member.name, member.structure)
