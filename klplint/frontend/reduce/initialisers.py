"""The members that an initialiser of a structure sets, by name or by position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from clang.cindex import Cursor, CursorKind, TypeKind

# No structure on a stack has more members of interest; each takes time at each place.
_MOST = 100
_WRAPPERS = (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR, CursorKind.COMPOUND_LITERAL_EXPR)


class InitialisedMember(NamedTuple):
    """A member that an initialiser sets."""

    path: tuple[str, ...]
    """The names that lead to it: `outer`, `inner` for `.outer.inner`."""
    value: Cursor


def initialised_members(value: Cursor) -> list[InitialisedMember]:
    """The members that a value sets, if it is an initialiser or a compound literal."""
    while value.kind in _WRAPPERS:
        children = [child for child in value.get_children() if child.kind.is_expression()]
        if len(children) != 1:
            return []
        value = children[0]
    if value.kind != CursorKind.INIT_LIST_EXPR:
        return []
    members = list[InitialisedMember]()
    for member in _members(value, ()):
        if len(members) == _MOST:
            break
        members.append(member)
    return members


def _members(values: Cursor, outer: tuple[str, ...]) -> Iterator[InitialisedMember]:
    """The members that an initialiser sets; of arrays in it, none.

    Where inner braces are omitted, the positions of the later values are unknown.
    """
    type_ = values.type.get_canonical()
    if type_.kind != TypeKind.RECORD:
        return
    fields = [*type_.get_fields()]
    number = 0
    for child in values.get_children():
        names = _designator(child)
        if names:
            listed = [field.spelling for field in fields]
            first = names[0]
            number = listed.index(first) + 1 if first in listed else len(fields)
            *_, value = child.get_children()
            path = names if all(names) else ()
        elif number >= len(fields) or _omits_braces(fields[number], child):
            return
        else:
            value, name = child, fields[number].spelling
            path = (name,) if name.isidentifier() else ()
            number += 1
            if not path and value.kind != CursorKind.INIT_LIST_EXPR:
                continue
        yield from _leaves(value, (*outer, *path), is_named=bool(path or not names))


def _leaves(value: Cursor, path: tuple[str, ...], *, is_named: bool) -> Iterator[InitialisedMember]:
    if value.kind == CursorKind.INIT_LIST_EXPR:
        yield from _members(value, path) if is_named else ()
    elif is_named:
        yield InitialisedMember(path, value)


def _designator(value: Cursor) -> tuple[str, ...]:
    """The names of a designator; an empty one for an index, and none where there is no designator.

    What an anonymous structure holds is named without it.
    """
    children = [*value.get_children()] if value.kind == CursorKind.UNEXPOSED_EXPR else []
    if len(children) < 2 or children[0].kind != CursorKind.MEMBER_REF:
        return ()
    steps = children[:-1]
    shown = [step for step in steps if step.kind != CursorKind.MEMBER_REF or step.spelling]
    return tuple(step.spelling if step.kind == CursorKind.MEMBER_REF else "" for step in shown)


def _omits_braces(field: Cursor, value: Cursor) -> bool:
    """Whether a value is not the whole of a field that is a structure or an array."""
    type_ = field.type.get_canonical()
    if type_.kind not in (TypeKind.RECORD, TypeKind.CONSTANTARRAY):
        return False
    is_whole = value.kind in (CursorKind.INIT_LIST_EXPR, CursorKind.STRING_LITERAL)
    return not is_whole and value.type.get_canonical() != type_
