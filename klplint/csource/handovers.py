"""Where a file hands a function over to what will run it, by tokens.

A function is handed over as the argument of a call, or by being stored in a member of a
structure. One that is stored in a variable, a table or a member first is followed from there to
the calls of the same file that get it, or that call what is stored.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from klplint.csource.casts import without_casts
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
# `v(`, `v[i](`, `(*v)(`: what begins at the name of a variable is called.
_CALLED_THROUGH = re.compile(r"\w+\s*(?:\[[^\]]*\]\s*)*(\)\s*)?\(")
_PARENTHESIS_BEFORE = re.compile(r"\(\s*\**\s*$")
# What is before `(*v)(` where it is not a declaration: `int (*v)(void *)`.
_BEFORE_CALL = re.compile(r"(?:[^\w\s*]|\b(?:return|else|do|case))\s*$")
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
    is_table: bool = False
    """Whether the variable has other elements, or members, beside the function."""


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
                yield self._mention(use, start)
            return
        if stored.structure is not None:
            region = self._source.region(start, start + len(name))
            structure = tag_of(stored.structure)
            yield Mention(stored.name, region, (name,), structure=structure, place=0)
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
            return _Stored(pointer[1], None, "[" in pointer[0])
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
        return _Stored(variable[1], None, "[" in variable[0]) if variable else None

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
                return _Stored(name[1], None, is_table=True) if name else None
            if before.bracket != "{":
                return None
            brace = before.place

    def _calls_with(self, stored: _Stored, start: int, name: str) -> Iterator[Mention]:
        """The calls that get what a function is stored in, with the function as the argument.

        A mention without a place is a call of what is stored.
        """
        body = self._outline.body_at(start)
        span = Span(0, len(self._text))
        is_local = body and stored.structure is None and self._declares(stored, body.head, start)
        if body and is_local:
            span = Span(body.start, body.end)
        for place in islice(self._uses(stored.name), _MOST_USES):
            is_member = _IS_MEMBER.search(self._text[max(0, place - _NEAR) : place])
            is_kind = (is_member is None) == (stored.structure is None)
            if not (is_kind and span.start <= place < span.end):
                continue
            if self._is_called(stored, place) and (is_local or not self._is_another(stored, place)):
                region = self._source.region(place, place + len(stored.name))
                yield Mention(stored.name, region)
            elif _READ.match(self._text, place) and (use := self._call_around(place)):
                mention = self._mention(use, place, name)
                if mention.place is not None and self._is_given(stored, use, place):
                    yield mention

    def _declares(self, stored: _Stored, start: int, end: int) -> bool:
        """Whether text[start:end] declares a variable of the name."""
        variable = re.escape(stored.name)
        declared = rf"(?:\(\s*\*\s*(?:const\s+)?|\w\s+\**){variable}\s*[)=;,[]"
        return re.search(declared, self._text[start:end]) is not None

    def _is_another(self, stored: _Stored, place: int) -> bool:
        """Whether the name at `place` is that of a variable or parameter of a function."""
        body = self._outline.body_at(place)
        return (
            body is not None
            and stored.structure is None
            and self._declares(stored, body.head, place)
        )

    def _is_called(self, stored: _Stored, place: int) -> bool:
        """Whether what is at `place`, in which a function is stored, is called."""
        called = _CALLED_THROUGH.match(self._text, place)
        if called is None:
            return False
        before = self._text[max(0, place - _NEAR) : place]
        if stored.structure is not None:
            owner = self._owner(before + stored.name, place)
            return bool(owner) and owner == stored.structure and not called[1]
        if not called[1]:
            return _BEFORE_CALL.search(before) is not None
        opened = _PARENTHESIS_BEFORE.search(before)
        return opened is not None and bool(_BEFORE_CALL.search(before[: opened.start()]))

    def _is_given(self, stored: _Stored, use: Use, place: int) -> bool:
        """Whether an argument of a call, with the name at `place` in it, is what is stored."""
        (number,) = self._places(use, place)
        given = without_casts(self._outline.argument_texts(use)[number])
        name = re.escape(stored.name)
        if stored.structure is not None:
            whole = rf"[\w\s\[\]().>*&-]*(?:->|\.)\s*{name}[)\s]*"
            return bool(re.fullmatch(whole, given)) and self._fits(stored, given, place)
        element = rf"[(&*\s]*{name}\s*((?:\[[^\]]*\]\s*)*(?:\.\s*\w+)?)[)\s]*"
        is_it = re.fullmatch(element, given)
        return is_it is not None and bool(is_it[1] or not stored.is_table)

    def _fits(self, stored: _Stored, expression: str, place: int) -> bool:
        """Whether an expression may mean the member in which a function is stored."""
        owner = self._owner(expression, place) if stored.structure else ""
        return owner in ("", stored.structure)

    def _places(self, use: Use, start: int) -> list[int]:
        """The number of the argument that has the code at `start`, if one has."""
        spans = enumerate(use.arguments or ())
        return [number for number, span in spans if span.start <= start < span.end]

    def _mention(self, use: Use, start: int, name: str | None = None) -> Mention:
        """A call whose argument at `start` is, or stands for, the function `name`."""
        arguments = list(self._outline.argument_texts(use))
        places = self._places(use, start)
        if name and places:
            arguments[places[0]] = name
        region = self._source.region(use.start, use.end)
        return Mention(use.name, region, tuple(arguments), place=places[0] if places else None)


def _member(member: Set) -> _Stored:
    return _Stored(member.name, member.structure)
