"""Which member an initialiser sets, by the tokens of a file: `{ "name", function }`, `.u.run =`."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from klplint.csource.brackets import top_level_parts
from klplint.csource.members import Member, Members, Type
from klplint.csource.structures import ASSIGNED, LITERAL, LONGEST_TABLE, around, type_in

_DIMENSIONS = re.compile(r"((?:\[[^\]]*\]\s*)*)(?:\b__\w+\s*)*$")
_DESIGNATOR = re.compile(r"\s*((?:\.\s*\w+\s*|\[[^\]]*\]\s*)+)$")
_STEP = re.compile(r"\.\s*(\w+)|\[")
_FIRST = re.compile(r"\s*\.\s*(\w+)\s*(=(?!=))?")
# The initialisers in initialisers that are followed.
_DEEPEST = 8


class Set(NamedTuple):
    """A member that is set."""

    name: str
    structure: str
    """The structure that declares it."""


class Initialisers:
    """The initialisers of structures that a file declares itself."""

    def __init__(self, text: str, members: Members) -> None:
        """`text` is the file's text without comments and literals."""
        self._text = text
        self._members = members

    def designated(self, designator: str, brace: int) -> Set | None:
        """The member that `.a.b`, in the initialiser that opens at `brace`, names."""
        around_it = self._type_of(brace, _DEEPEST)
        steps = _steps(designator)
        if around_it is None or not steps:
            return None
        owner = self._inner(around_it, steps[:-1])
        if owner is None or owner.dimensions or steps[-1] is None:
            return None
        return Set(steps[-1], self._members.visible(owner.structure))

    def positional(self, brace: int, place: int) -> Set | None:
        """The member that the value at `place` sets, whose innermost open brace is at `brace`."""
        structure = self._type_of(brace, _DEEPEST)
        member = self._at(structure, brace, place) if structure else None
        if structure is None or member is None or self._members.is_braced(member.type):
            return None
        return Set(member.name, self._members.visible(structure.structure))

    def _type_of(self, brace: int, depth: int) -> Type | None:
        """The type of what the initialiser that opens at `brace` sets; None if not plain."""
        before = around(self._text, brace, LONGEST_TABLE)
        if literal := LITERAL.search(before.text):
            return Type(literal[1], literal[0].count("["))
        assigned = ASSIGNED.fullmatch(before.text)
        designator = _DESIGNATOR.match(assigned[1]) if assigned else None
        is_inner = before.bracket == "{"  # or the brace of a function
        if assigned and not designator:
            dimensions = _DIMENSIONS.search(assigned[1])
            return Type(type_in(assigned[1]), dimensions[1].count("[") if dimensions else 0)
        outer = self._type_of(before.place, depth - 1) if is_inner and depth else None
        if outer is None:
            return None
        if designator:
            return self._inner(outer, _steps(designator[1]))
        if outer.dimensions:
            return self._inner(outer, (None,))
        member = self._at(outer, before.place, brace)
        return member.type if member else None

    def _inner(self, type_: Type, steps: tuple[str | None, ...]) -> Type | None:
        """The type of what the steps of a designator lead to."""
        for step in steps:
            if (step is None) != (type_.dimensions > 0) or type_.is_pointer:
                return None
            if step is None:
                type_ = msgspec.structs.replace(type_, dimensions=type_.dimensions - 1)
            else:
                inner = self._members.type_of(type_.structure, (step,))
                if inner is None:
                    return None
                type_ = inner
        return type_

    def _at(self, structure: Type, brace: int, place: int) -> Member | None:
        """The member of a structure that the value at `place` sets by its position."""
        members = () if structure.dimensions else self._members.in_order(structure.structure)
        number = 0
        *before, _ = top_level_parts(self._text[brace + 1 : place])
        for value in before:
            designator = _FIRST.match(value)
            if designator and not designator[2]:
                return None  # the next value may belong to an inner structure
            if designator:
                names = [member.name for member in members]
                number = names.index(designator[1]) if designator[1] in names else len(names)
            elif number >= len(members) or not self._fits(members[number].type, value):
                return None
            number += 1
        return members[number] if number < len(members) else None

    def _fits(self, type_: Type, value: str) -> bool:
        """Whether a value is one of a type: without its braces, it may be that of a member."""
        is_whole = not value.strip() or value.lstrip().startswith(("{", '"'))
        return is_whole or not self._members.is_braced(type_)


def _steps(designator: str) -> tuple[str | None, ...]:
    """The names of a designator; None stands for an index."""
    return tuple(match[1] for match in _STEP.finditer(designator))
