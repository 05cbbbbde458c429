"""The members of the structures and unions that a file declares, by its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from klplint.csource.brackets import top_level_parts
from klplint.csource.lexer import Source, Span

_HEAD = re.compile(r"\b(?:struct|union)\s+(?:__\w+\s+)*([A-Za-z_]\w*)?\s*\{")
_TAG = re.compile(r"\b(?:struct|union)\s+(?:__\w+\s+)*([A-Za-z_]\w*)")
_TYPE_NAME = re.compile(r"(?:(?:const|volatile)\s+)*([A-Za-z_]\w*)\s*(?=[A-Za-z_])")
_TYPEDEF = re.compile(r"\btypedef\s+(?:const\s+)?$")
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*((?:\[[^\]]*\]\s*)*)\)")
_PLAIN = re.compile(r"(\*?)\s*(?:const\s+)?([A-Za-z_]\w*)\s*((?:\[[^\]]*\]\s*)*)(?::\s*\w+\s*)?$")
_ATTRIBUTE = re.compile(r"\s+__\w+(?:\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*$")
_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_SEPARATOR = re.compile(r"[()\[\]{},;]")
# clang's default limit for brackets. It keeps the reading of structures that do not close linear.
_MOST_NESTED = 256
# The structures within structures that are followed.
_DEEPEST = 8


class Type(msgspec.Struct, frozen=True):
    """The type of a variable or member, as far as it matters for initialisers."""

    structure: str
    """The tag or type name of a structure; "" for anything else, and for what is not plain."""
    dimensions: int = 0
    """How many array dimensions it has."""
    is_pointer: bool = False


class Member(msgspec.Struct, frozen=True):
    """A member of a structure."""

    name: str
    """Its name; "" for an anonymous structure or union."""
    type: Type


class Members:
    """The members of the structures of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.statements

    def type_of(self, structure: str, path: tuple[str, ...]) -> Type | None:
        """The type of a member of a member of a structure; None if that is not plain."""
        current = Type(structure)
        for name in path:
            member = self._named(current.structure, name, _DEEPEST)
            if member is None:
                return None
            current = member
        return current

    def visible(self, structure: str) -> str:
        """The structure through which a member is accessed: around an anonymous one, the outer."""
        for outer in self._spans if structure in self._spans and structure[0] == "@" else ():
            if Member("", Type(structure)) in self._of(outer):
                return self.visible(outer)
        return structure

    def in_order(self, structure: str) -> tuple[Member, ...]:
        """The members as an initialiser without designators sets them; empty if not plain.

        With an `#if` between them, the order depends on the configuration.
        """
        span, members = self._spans.get(structure), self._of(structure)
        if span is None or any(map(_is_odd, members)):
            return ()
        is_same = self._text[span.start : span.end] == self._source.skeleton[span.start : span.end]
        return members if is_same else ()

    def is_braced(self, type_: Type) -> bool:
        """Whether an initialiser of a type is in braces, if it is written in full."""
        is_inner = not type_.is_pointer and bool(self._of(type_.structure))
        return type_.dimensions > 0 or is_inner

    def _named(self, structure: str, name: str, depth: int) -> Type | None:
        """The type of a member of a structure, or of an anonymous one in it."""
        for member in self._of(structure) if depth else ():
            if member.name == name:
                return member.type
            if not member.name:
                inner = self._named(member.type.structure, name, depth - 1)
                if inner:
                    return inner
        return None

    def _of(self, structure: str) -> tuple[Member, ...]:
        if structure not in self._read:
            span = self._spans.get(structure)
            self._read[structure] = tuple(self._members_in(span)) if span else ()
        return self._read[structure]

    @cached_property
    def _read(self) -> dict[str, tuple[Member, ...]]:
        return {}

    @cached_property
    def _spans(self) -> dict[str, Span]:
        """The bodies of the structures, by tag, by type name, and by where an unnamed one opens."""
        spans: dict[str, Span] = {}
        for head in _HEAD.finditer(self._text):
            close = _closing(self._text, head.end())
            if close is None:
                continue
            span = Span(head.end(), close)
            spans.setdefault(head[1] or _unnamed(head.end()), span)
            before = self._text[max(0, head.start() - 40) : head.start()]
            name = re.compile(r"\}\s*(\w+)\s*;").match(self._text, close)
            if name and _TYPEDEF.search(before):
                spans[name[1]] = span
        return spans

    def _members_in(self, body: Span) -> Iterator[Member]:
        """The members that the declarations of a body declare."""
        for span in _declarations(self._text, body):
            text = self._text[span.start : span.end]
            head = _HEAD.match(text)
            if head is None:
                yield from _declared(text)
                continue
            opening = span.start + head.end()
            close = _closing(self._text, opening)
            structure = head[1] or _unnamed(opening)
            names = self._text[close + 1 : span.end].strip() if close else ""
            names = _ATTRIBUTE.sub("", f" {names}").strip()
            if not names:
                yield Member("", Type(structure))
            for name in top_level_parts(names) if names else ():
                yield from _declarator(name, structure)


def _is_odd(member: Member) -> bool:
    """Whether it is not certain that a declaration is one member: a macro may make several."""
    return not member.name and not member.type.structure


def _unnamed(opening: int) -> str:
    """What stands for the tag of a structure without one. No tag is like that."""
    return f"@{opening}"


def tag_of(structure: str) -> str:
    """The tag of a structure as others know it; "" for one without."""
    return "" if structure.startswith("@") else structure


def _closing(text: str, start: int) -> int | None:
    """The offset of the brace that closes the one just before `start`."""
    depth = 0
    for match in _SEPARATOR.finditer(text, start):
        step = _STEPS.get(match[0], 0)
        if depth == 0 and step < 0:
            return match.start() if match[0] == "}" else None
        depth += step
        if depth > _MOST_NESTED:
            return None
    return None


def _declarations(text: str, body: Span) -> Iterator[Span]:
    """The declarations of a body, without their semicolons."""
    depth, begin = 0, body.start
    for match in _SEPARATOR.finditer(text, body.start, body.end):
        depth += _STEPS.get(match[0], 0)
        if depth == 0 and match[0] == ";":
            first = (
                begin + len(text[begin : match.start()]) - len(text[begin : match.start()].lstrip())
            )
            yield Span(first, match.start())
            begin = match.end()


def _declared(text: str) -> Iterator[Member]:
    """The members of a declaration without a body."""
    text = _ATTRIBUTE.sub("", text)
    tag = _TAG.match(text.removeprefix("const ")) or _TYPE_NAME.match(text)
    for part in top_level_parts(text):
        yield from _declarator(part, tag[1] if tag else "")


def _declarator(text: str, structure: str) -> Iterator[Member]:
    """One of the names of a declaration."""
    name = _PLAIN.search(text.rstrip())
    if pointer := _POINTER.search(text):
        yield Member(pointer[1], Type("", pointer[2].count("["), is_pointer=True))
    elif name is None or "(" in text:
        yield Member("", Type(""))
    else:
        yield Member(name[2], Type(structure, name[3].count("["), is_pointer=bool(name[1])))
