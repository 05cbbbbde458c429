"""What a statement loads and stores, by its tokens: members of structures, and global variables.

An access is a chain such as `ring->slot[i].state`. What surrounds it says whether it is loaded or
stored: an operator, or the call of a helper whose effects are data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import msgspec

from klplint.csource.declared_names import KEYWORDS, Names
from klplint.csource.tokens import Tokens, is_word
from klplint.facts.barrier_contexts import UNKNOWN, AccessKind, Effects

_CHANGES = frozenset({"<<=", ">>=", "-=", "+=", "*=", "/=", "%=", "&=", "|=", "^=", "++", "--"})
_UNREAD = frozenset({"sizeof", "typeof", "__typeof__", "offsetof", "__alignof__", "defined"})
_TAGGED = frozenset({"struct", "union", "enum"})
_MEMBER = frozenset({"->", "."})
_BEHIND_OBJECT = frozenset({"->", ".", "[", "("})
_AROUND_OPERANDS = frozenset({"&", "*", "(", ")"})
_MASKS = frozenset({"&", "|=", "&="})
# Not a constant, and not the name of a type by its form.
_VARIABLE = re.compile(r"(?![us]\d+\Z|\w+_t\Z)\w*[a-z]\w*")
# The most arguments of a helper that says which bit it accesses.
_ARGUMENTS = (1, 2, 3)


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An access in a statement; its fields are those of `Access`."""

    offset: int
    name: str
    structure: str
    bit: str
    kind: AccessKind
    via: str


class SeenCall(msgspec.Struct, frozen=True, gc=False):
    """A call in a statement of what no helper table knows."""

    offset: int
    name: str
    kind: AccessKind | None
    """What a helper does with the object whose address the call returns; None if it gets none."""


_Role = tuple[AccessKind | None, str, str]
"""What happens to an operand, by which function and to which bit; None if it is not evaluated."""
_NOTHING: _Role = (None, "", "")


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

    def accesses(self) -> list[Seen]:
        """The accesses, in the order of the text."""
        texts, tags, place, seen = self._tokens.texts, self._names.tags, 0, list[Seen]()
        while token := texts[place]:
            if token.isidentifier():
                if token in _UNREAD and texts[place + 1] == "(":
                    place = self._tokens.pairs.get(place + 1, place)
                elif token in _TAGGED:
                    place += 1
                elif token in tags and texts[place + 1] not in _BEHIND_OBJECT:
                    pass  # a local variable alone
                elif texts[place - 1] not in _MEMBER:
                    self._chain(place, seen)
            elif token in _MEMBER and self._has_no_name(place - 1):
                self._members(place, self._tokens.start_of(place - 1), "", seen)
            place += 1
        return seen

    def _has_no_name(self, close: int) -> bool:
        """Whether a chain that goes on behind a bracket begins with no name: `f(x)->y`."""
        tokens = self._tokens
        if tokens.texts[close] == ")":
            return True
        before = tokens.texts[tokens.pairs.get(close, 0) - 1]
        return tokens.texts[close] == "]" and not (is_word(before) or before == "]")

    def calls(self) -> list[SeenCall]:
        """The calls of functions and macros that are not helpers."""
        tokens, calls = self._tokens, list[SeenCall]()
        texts = tokens.texts
        for opened in tokens.parentheses:
            if not tokens.is_call(opened) or texts[opened - 2] in _MEMBER:
                continue
            name = texts[opened - 1]
            if self._effects(name) is None:
                kind, via, _ = self._role(opened - 1, tokens.pairs.get(opened, opened) + 1)
                calls.append(SeenCall(tokens.offsets[opened - 1], name, kind if via else None))
        return calls

    def _chain(self, place: int, seen: list[Seen]) -> None:
        """Add the accesses of the chain that begins with a name."""
        tokens, texts = self._tokens, self._tokens.texts
        name, behind = texts[place], texts[place + 1]
        if behind == "(":
            self._by_name(place, seen)
            return
        if name in KEYWORDS:
            return
        end = tokens.behind_indices(place + 1) if behind == "[" else place + 1
        tag = self._names.tags.get(name)
        is_variable = tag is None and self._is_variable(name, place)
        if texts[end] in _MEMBER:
            if is_variable and texts[end] == "->":
                seen.append(Seen(tokens.offsets[place], name, "", "", "load", ""))
            elif is_variable:
                tag = f"{name}."
            self._members(end, place, tag or "", seen)
        elif is_variable:
            kind, via, bit = self._role(place, end)
            if kind:
                seen.append(Seen(tokens.offsets[place], name, "", bit, kind, via))

    def _by_name(self, place: int, seen: list[Seen]) -> None:
        """Add the access that a helper's name shows, or that of a bit of what a call returns."""
        tokens, name = self._tokens, self._tokens.texts[place]
        effects, offset = self._effects(name), self._tokens.offsets[place]
        if effects is None:
            return
        if effects.object:
            seen.append(Seen(offset, "", "", effects.object, effects.object_kind, name))
        bit = self._bit(place + 1, effects.bit) if effects.bit else ""
        for number in _ARGUMENTS if bit else ():
            kind, inside = effects.of(number), tokens.inside(place + 1, number)
            if kind and inside and tokens.texts[inside[-1]] == ")":
                seen.append(Seen(offset, "", "", bit, kind, name))

    def _is_variable(self, name: str, place: int) -> bool:
        """Whether a name that is not local may be a variable: not a constant, a type or a label."""
        if not _VARIABLE.fullmatch(name):
            return False
        tokens, texts = self._tokens, self._tokens.texts
        behind = texts[place + 1]
        if texts[place - 1] == "(":
            to_pointer = behind == "*" and texts[place + 2] in (")", "*")
            if to_pointer or (behind == ")" and tokens.begins_operand(place + 2)):
                return False  # a cast
        return not is_word(behind)

    def _members(self, place: int, start: int, tag: str, seen: list[Seen]) -> None:
        """Add the accesses of the members that begin with the operator at `place`.

        Of `a->b.c->d`, those are loads of b.c, and what happens to d.
        """
        tokens, texts, members = self._tokens, self._tokens.texts, list[int]()
        while texts[place] in _MEMBER and is_word(texts[place + 1]):
            members.append(place + 1)
            place = tokens.behind_indices(place + 2)
        kind, via, bit = self._role(start, place) if members else _NOTHING
        if kind is None:
            return
        structure, last = tag or UNKNOWN, members[-1]
        for member, following in pairwise(members):
            name = texts[member]
            if texts[following - 1] == "->":
                seen.append(Seen(tokens.offsets[member], name, structure, "", "load", ""))
                structure = UNKNOWN
            elif structure != UNKNOWN:
                structure = f"{structure.rstrip('.')}.{name}."
        seen.append(Seen(tokens.offsets[last], texts[last], structure, bit, kind, via))

    def _role(self, start: int, end: int) -> _Role:
        """What happens to the operand between two tokens."""
        tokens, texts = self._tokens, self._tokens.texts
        low, high, operators = start - 1, end, list[str]()
        while (token := texts[low]) in _AROUND_OPERANDS:
            if token in ("&", "*") and not tokens.ends_operand(low - 1):
                operators.append(token)
                low -= 1
            elif token == ")" and tokens.is_cast(low):
                low = tokens.pairs[low] - 1
            elif token == "(" and texts[high] == ")" and not tokens.is_call(low):
                low, high = low - 1, high + 1
            else:
                break
        if token in ("(", ",") and texts[high] in (",", ")"):
            opened, _ = tokens.where[low + 1]
            if tokens.is_call(opened):
                return self._argument_role(opened, low + 1, operators)
        return self._operator_role(low, high, operators), "", self._mask(high)

    def _operator_role(self, low: int, high: int, operators: list[str]) -> AccessKind:
        """What the operators around an operand do with it."""
        if operators:
            return "load" if "*" in operators else "address"
        before, behind = self._tokens.texts[low], self._tokens.texts[high]
        if behind == "=":
            return "store"
        changes = behind in _CHANGES or before in ("++", "--")
        return "both" if changes else "load"

    def _mask(self, high: int) -> str:
        """The constant that masks an operand: `flags & FLAG`, `flags |= FLAG`, `flags &= ~FLAG`."""
        texts = self._tokens.texts
        if texts[high] not in _MASKS:
            return ""
        place = high + 1
        while texts[place] in ("~", "("):
            place += 1
        name = texts[place]
        is_alone = texts[place + 1] not in ("|", "(", "->", ".")
        return name if is_alone and is_word(name) and name.isupper() else ""

    def _argument_role(self, opened: int, place: int, operators: list[str]) -> _Role:
        """What a call does with an argument."""
        name = self._tokens.texts[opened - 1]
        effects, number = self._effects(name), self._tokens.where[place][1]
        if effects and (number in effects.unread or number == effects.bit):
            return _NOTHING
        kind = effects.of(number) if effects else None
        if effects is None or kind is None:
            return "address" if operators[:1] == ["&"] else "load", "", ""
        return kind, name, self._bit(opened, effects.bit)

    def _bit(self, opened: int, number: int) -> str:
        """The constant that an argument is; "" if it is not one."""
        inside = self._tokens.inside(opened, number) if number else []
        name = self._tokens.texts[inside[0]] if len(inside) == 1 else ""
        return name if is_word(name) and name not in self._names.tags else ""
