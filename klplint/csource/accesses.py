"""What a statement loads and stores, by its tokens: members of structures, and global variables.

An access is a chain such as `ring->slot[i].state`. What surrounds it says whether it is loaded or
stored: an operator, or the call of a helper whose effects are data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from klplint.csource.declared_names import KEYWORDS, Names
from klplint.csource.tokens import Tokens, is_word
from klplint.facts.barrier_contexts import UNKNOWN, AccessKind, Effects

_COMPOUND = frozenset({"<<=", ">>=", "-=", "+=", "*=", "/=", "%=", "&=", "|=", "^="})
_UNREAD = frozenset({"sizeof", "typeof", "__typeof__", "offsetof", "__alignof__", "defined"})
_TAGGED = frozenset({"struct", "union", "enum"})
_MEMBER = ("->", ".")
_MASKS = frozenset({"&", "|=", "&="})
# Not a constant, and not the name of a type by its form.
_VARIABLE = re.compile(r"(?![us]\d+\Z|\w+_t\Z)\w*[a-z]\w*")
# The most arguments of a helper that says which bit it accesses.
_ARGUMENTS = (1, 2, 3)


class Seen(NamedTuple):
    """An access in a statement; its fields are those of `Access`."""

    offset: int
    name: str
    structure: str
    bit: str
    kind: AccessKind
    via: str


class SeenCall(NamedTuple):
    """A call in a statement of what no helper table knows."""

    offset: int
    name: str
    kind: AccessKind | None
    """What a helper does with the object whose address the call returns; None if it gets none."""


class _Role(NamedTuple):
    """What happens to an operand."""

    kind: AccessKind | None
    """None for a name that is not evaluated."""
    via: str = ""
    bit: str = ""


class Statement:
    """The accesses and calls of one statement."""

    def __init__(
        self,
        text: str,
        span: tuple[int, int],
        names: Names,
        effects: Callable[[str], Effects | None],
    ) -> None:
        self._tokens = Tokens(text, *span)
        self._names = names
        self._effects = effects

    def accesses(self) -> Iterator[Seen]:
        """The accesses, in the order of the text."""
        tokens, place = self._tokens, 0
        while place < len(tokens):
            token = tokens.at(place)
            if token in _UNREAD and tokens.at(place + 1) == "(":
                place = tokens.pairs.get(place + 1, place) + 1
                continue
            if token in _TAGGED:
                place += 2
                continue
            if is_word(token):
                if tokens.at(place - 1) not in _MEMBER:
                    yield from self._chain(place)
            elif token in _MEMBER and self._has_no_name(place - 1):
                yield from self._members(place, tokens.start_of(place - 1), "")
            place += 1

    def _has_no_name(self, close: int) -> bool:
        """Whether a chain that goes on behind a bracket begins with no name: `f(x)->y`."""
        tokens = self._tokens
        if tokens.at(close) == ")":
            return True
        before = tokens.at(tokens.pairs.get(close, 0) - 1)
        return tokens.at(close) == "]" and not (is_word(before) or before == "]")

    def calls(self) -> Iterator[SeenCall]:
        """The calls of functions and macros that are not helpers."""
        tokens = self._tokens
        for place, token in enumerate(tokens.texts):
            if not tokens.is_call(place + 1) or tokens.at(place - 1) in _MEMBER:
                continue
            if self._effects(token) is None:
                role = self._role(place, tokens.pairs.get(place + 1, place + 1) + 1)
                yield SeenCall(tokens.offsets[place], token, role.kind if role.via else None)

    def _chain(self, place: int) -> Iterator[Seen]:
        """The accesses of the chain that begins with a name."""
        tokens, name = self._tokens, self._tokens.at(place)
        if tokens.at(place + 1) == "(":
            yield from self._by_name(place)
            return
        if name in KEYWORDS:
            return
        end, tag = tokens.behind_indices(place + 1), self._names.tags.get(name)
        is_variable = tag is None and self._is_variable(name, place)
        if tokens.at(end) in _MEMBER:
            if is_variable and tokens.at(end) == "->":
                yield Seen(tokens.offsets[place], name, "", "", "load", "")
            elif is_variable:
                tag = f"{name}."
            yield from self._members(end, place, tag or "")
        elif is_variable:
            role = self._role(place, end)
            if role.kind:
                yield Seen(tokens.offsets[place], name, "", role.bit, role.kind, role.via)

    def _by_name(self, place: int) -> Iterator[Seen]:
        """The access that the name of a helper shows, or that of a bit of what a call returns."""
        tokens, name = self._tokens, self._tokens.at(place)
        effects, offset = self._effects(name), self._tokens.offsets[place]
        if effects and effects.object:
            yield Seen(offset, "", "", effects.object, effects.object_kind, name)
        if effects is None or not effects.bit:
            return
        bit = self._bit(place + 1, effects.bit)
        for number in _ARGUMENTS if bit else ():
            kind, inside = effects.of(number), tokens.inside(place + 1, number)
            if kind and inside and tokens.at(inside[-1]) == ")":
                yield Seen(offset, "", "", bit, kind, name)

    def _is_variable(self, name: str, place: int) -> bool:
        """Whether a name that is not local may be a variable: not a constant, a type or a label."""
        if not _VARIABLE.fullmatch(name):
            return False
        tokens = self._tokens
        before, behind = tokens.at(place - 1), tokens.at(place + 1)
        to_pointer = behind == "*" and tokens.at(place + 2) in (")", "*")
        to_value = behind == ")" and tokens.begins_operand(place + 2)
        is_cast = before == "(" and (to_pointer or to_value)
        return not is_cast and not is_word(behind)

    def _members(self, place: int, start: int, tag: str) -> Iterator[Seen]:
        """The accesses of the members that begin with the operator at `place`.

        Of `a->b.c->d`, those are loads of b.c, and what happens to d.
        """
        tokens, members = self._tokens, list[int]()
        while tokens.at(place) in _MEMBER and is_word(tokens.at(place + 1)):
            members.append(place + 1)
            place = tokens.behind_indices(place + 2)
        role = self._role(start, place) if members else _Role(None)
        if role.kind is None:
            return
        structure = tag or UNKNOWN
        for number, member in enumerate(members):
            offset, name = tokens.offsets[member], tokens.at(member)
            if number == len(members) - 1:
                yield Seen(offset, name, structure, role.bit, role.kind, role.via)
            elif tokens.at(members[number + 1] - 1) == "->":
                yield Seen(offset, name, structure, "", "load", "")
                structure = UNKNOWN
            elif structure != UNKNOWN:
                structure = f"{structure.rstrip('.')}.{name}."

    def _role(self, start: int, end: int) -> _Role:
        """What happens to the operand between two tokens."""
        tokens, low, high, operators = self._tokens, start - 1, end, list[str]()
        while True:
            token = tokens.at(low)
            if token in ("&", "*") and not tokens.ends_operand(low - 1):
                operators.append(token)
                low -= 1
            elif token == ")" and tokens.is_cast(low):
                low = tokens.pairs[low] - 1
            elif token == "(" and tokens.at(high) == ")" and not tokens.is_call(low):
                low, high = low - 1, high + 1
            else:
                break
        opened = tokens.opened[low + 1]
        if token in ("(", ",") and tokens.at(high) in (",", ")") and tokens.is_call(opened):
            return self._argument_role(opened, low + 1, operators)
        return _Role(self._operator_role(low, high, operators), "", self._mask(high))

    def _operator_role(self, low: int, high: int, operators: list[str]) -> AccessKind:
        """What the operators around an operand do with it."""
        before, behind = self._tokens.at(low), self._tokens.at(high)
        if "*" in operators:
            return "load"
        if "&" in operators:
            return "address"
        if behind == "=":
            return "store"
        changes = behind in _COMPOUND or behind in ("++", "--") or before in ("++", "--")
        return "both" if changes else "load"

    def _mask(self, high: int) -> str:
        """The constant that masks an operand: `flags & FLAG`, `flags |= FLAG`, `flags &= ~FLAG`."""
        tokens = self._tokens
        if tokens.at(high) not in _MASKS:
            return ""
        place = high + 1
        while tokens.at(place) in ("~", "("):
            place += 1
        name = tokens.at(place)
        is_alone = tokens.at(place + 1) not in ("|", "(", "->", ".")
        return name if is_alone and is_word(name) and name.isupper() else ""

    def _argument_role(self, opened: int, place: int, operators: list[str]) -> _Role:
        """What a call does with an argument."""
        name = self._tokens.at(opened - 1)
        effects, number = self._effects(name), self._tokens.argument[place]
        if effects and (number in effects.unread or number == effects.bit):
            return _Role(None)
        kind = effects.of(number) if effects else None
        if effects is None or kind is None:
            return _Role("address" if operators[:1] == ["&"] else "load")
        return _Role(kind, name, self._bit(opened, effects.bit))

    def _bit(self, opened: int, number: int) -> str:
        """The constant that an argument is; "" if it is not one."""
        inside = self._tokens.inside(opened, number) if number else []
        name = self._tokens.at(inside[0]) if len(inside) == 1 else ""
        return name if is_word(name) and name not in self._names.tags else ""
