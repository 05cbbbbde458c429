"""What a statement loads and stores, by its tokens: members of structures, and global variables.

An access is a chain such as `ring->slot[i].state`. What surrounds it says whether it is loaded or
stored: an operator, or the call of a helper whose effects are data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from klplint.csource.declared_names import KEYWORDS, Names
from klplint.facts.barrier_contexts import UNKNOWN, AccessKind, Effects

_TOKEN = re.compile(
    r"[A-Za-z_]\w*|->|\+\+|--|<<=|>>=|[-+*/%&|^]=|[=!<>]=|&&|\|\||<<|>>|\d[\w.]*|[^\s\w\\]"
)
# Not a constant, and not the name of a type by its form.
_VARIABLE = re.compile(r"(?![us]\d+\Z|\w+_t\Z)\w*[a-z]\w*")
_OPEN = {"(": ")", "[": "]", "{": "}"}
_CLOSE = frozenset(_OPEN.values())
_COMPOUND = frozenset({"<<=", ">>=", "-=", "+=", "*=", "/=", "%=", "&=", "|=", "^="})
_UNREAD = frozenset({"sizeof", "typeof", "__typeof__", "offsetof", "__alignof__", "defined"})
_MASKS = frozenset({"&", "|=", "&="})
_TYPE_WORDS = frozenset(
    {"struct", "union", "enum", "unsigned", "signed", "void", "char", "int", "long", "short"}
)


class Seen(NamedTuple):
    """An access in a statement."""

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


class Statement:
    """The accesses and calls of one statement."""

    def __init__(
        self, text: str, span: tuple[int, int], names: Names, effects: Callable[[str], Effects | None]
    ) -> None:
        matches = list(_TOKEN.finditer(text, *span))
        self._tokens = [match[0] for match in matches]
        self._offsets = [match.start() for match in matches]
        self._names = names
        self._effects = effects
        self._match: dict[int, int] = {}
        self._open: list[int] = []
        self._argument: list[int] = []
        self._pair_brackets()

    def _pair_brackets(self) -> None:
        """For each token: the bracket around it, and the number of the argument there."""
        stack: list[list[int]] = []
        for place, token in enumerate(self._tokens):
            if token in _CLOSE and stack:
                opened = stack.pop()[0]
                self._match[opened] = place
                self._match[place] = opened
            self._open.append(stack[-1][0] if stack else -1)
            self._argument.append(stack[-1][1] if stack else 0)
            if token in _OPEN:
                stack.append([place, 1])
            elif token == "," and stack:
                stack[-1][1] += 1

    def _token(self, place: int) -> str:
        return self._tokens[place] if 0 <= place < len(self._tokens) else ""

    def accesses(self) -> Iterator[Seen]:
        """The accesses, in the order of the text."""
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            if token in _UNREAD and self._token(place + 1) == "(":
                place = self._match.get(place + 1, place) + 1
                continue
            if token in ("struct", "union", "enum"):
                place += 2
                continue
            if token[0].isalpha() or token[0] == "_":
                if self._token(place - 1) not in ("->", "."):
                    yield from self._chain(place)
            elif token in ("->", ".") and self._token(place - 1) in (")", "]"):
                opened = self._match.get(place - 1, -1)
                if self._token(place - 1) == ")" or not self._continues(opened):
                    yield from self._members(place, self._start_of(place - 1), "")
            place += 1

    def calls(self) -> Iterator[SeenCall]:
        """The calls of functions and macros that are not helpers."""
        for place, token in enumerate(self._tokens):
            if self._token(place + 1) == "(" and (token[0].isalpha() or token[0] == "_"):
                is_member = self._token(place - 1) in ("->", ".")
                if not is_member and token not in KEYWORDS and self._effects(token) is None:
                    close = self._match.get(place + 1, place + 1)
                    kind, via, _ = self._role(place, close + 1)
                    yield SeenCall(self._offsets[place], token, kind if via else None)

    def _continues(self, opened: int) -> bool:
        """Whether the bracket that opens at a token is the index of a chain."""
        before = self._token(opened - 1)
        return bool(before) and (before[0].isalpha() or before[0] == "_" or before == "]")

    def _start_of(self, close: int) -> int:
        """The first token of the operand that ends with a closing bracket."""
        opened = self._match.get(close, close)
        before = self._token(opened - 1)
        named = before and (before[0].isalpha() or before[0] == "_") and before not in KEYWORDS
        return opened - 1 if named else opened

    def _chain(self, place: int) -> Iterator[Seen]:
        """The accesses of the chain that begins with a name."""
        name, following = self._tokens[place], self._token(place + 1)
        if following == "(":
            effects = self._effects(name)
            if effects and effects.object:
                yield Seen(self._offsets[place], "", "", effects.object, effects.object_kind, name)
            if effects and effects.bit:
                yield from self._bit_alone(place, effects)
            return
        if name in KEYWORDS:
            return
        end = self._behind_indices(place + 1)
        is_local = name in self._names.tags
        if self._token(end) in ("->", "."):
            tag = self._names.tags.get(name, "")
            if not is_local and self._is_variable(name, place):
                if self._token(end) == "->":
                    yield Seen(self._offsets[place], name, "", "", "load", "")
                else:
                    tag = f"{name}."
            yield from self._members(end, place, tag)
        elif not is_local and self._is_variable(name, place):
            kind, via, bit = self._role(place, end)
            if kind != "unread":
                yield Seen(self._offsets[place], name, "", bit, kind, via)

    def _bit_alone(self, place: int, effects: Effects) -> Iterator[Seen]:
        """The access of a bit where the helper gets the object from a call."""
        bit = self._bit(place + 1, effects.bit)
        close = self._match.get(place + 1, -1)
        for number in (1, 2, 3):
            kind = effects.of(number)
            inside = self._inside(place + 1, number)
            if bit and kind and close >= 0 and inside and self._tokens[inside[-1]] == ")":
                yield Seen(self._offsets[place], "", "", bit, kind, self._tokens[place])

    def _inside(self, opened: int, number: int) -> list[int]:
        """The tokens of an argument that are in no further brackets, but for these."""
        close = self._match.get(opened, opened)
        return [
            p
            for p in range(opened + 1, close)
            if self._open[p] == opened and self._argument[p] == number and self._tokens[p] != ","
        ]

    def _is_variable(self, name: str, place: int) -> bool:
        """Whether a name that is not local may be a variable: not a constant, a type or a label."""
        if not _VARIABLE.fullmatch(name):
            return False
        before, behind = self._token(place - 1), self._token(place + 1)
        is_cast = before == "(" and (
            behind == "*"
            and self._token(place + 2) in (")", "*")
            or (behind == ")" and self._begins_operand(place + 2))
        )
        return not is_cast and not (behind[:1].isalpha() or behind[:1] == "_")

    def _begins_operand(self, place: int) -> bool:
        token = self._token(place)
        return token[:1].isalnum() or token[:1] == "_" or token == "("

    def _behind_indices(self, place: int) -> int:
        while self._token(place) == "[":
            place = self._match.get(place, place) + 1
        return place

    def _members(self, place: int, start: int, tag: str) -> Iterator[Seen]:
        """The accesses of the members that begin with the operator at `place`."""
        members: list[tuple[int, str]] = []
        operators: list[str] = []
        while self._token(place) in ("->", ".") and self._token(place + 1)[:1].isidentifier():
            operators.append(self._token(place))
            members.append((place + 1, self._token(place + 1)))
            place = self._behind_indices(place + 2)
        if not members:
            return
        kind, via, bit = self._role(start, place)
        if kind == "unread":
            return
        structure = tag or UNKNOWN
        for number, (where, name) in enumerate(members):
            if number == len(members) - 1:
                yield Seen(self._offsets[where], name, structure, bit, kind, via)
            elif operators[number + 1] == "->":
                yield Seen(self._offsets[where], name, structure, "", "load", "")
                structure = UNKNOWN
            elif structure != UNKNOWN:
                structure = f"{structure.rstrip('.')}.{name}."

    def _role(self, start: int, end: int) -> tuple[AccessKind, str, str]:
        """What happens to the operand between two tokens: the kind, the helper, the bit."""
        low, high, operators = start - 1, end, list[str]()
        while True:
            token = self._token(low)
            if token in ("&", "*") and not self._ends_operand(low - 1):
                operators.append(token)
                low -= 1
            elif token == ")" and self._is_cast(low):
                low = self._match[low] - 1
            elif token == "(" and self._token(high) == ")" and not self._is_call(low):
                low, high = low - 1, high + 1
            else:
                break
        opened = self._open[start] if low + 1 == start else self._open[low + 1]
        if token in ("(", ",") and self._token(high) in (",", ")") and self._is_call(opened):
            return self._argument_role(opened, low + 1, operators)
        return self._operator_role(low, high, operators), "", self._mask(high)

    def _operator_role(self, low: int, high: int, operators: list[str]) -> AccessKind:
        """What the operators around an operand do with it."""
        before, behind = self._token(low), self._token(high)
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
        if self._token(high) not in _MASKS:
            return ""
        place = high + 1
        while self._token(place) in ("~", "("):
            place += 1
        name = self._token(place)
        is_alone = self._token(place + 1) not in ("|", "(", "->", ".")
        return name if is_alone and name[:1].isalpha() and name.isupper() else ""

    def _ends_operand(self, place: int) -> bool:
        token = self._token(place)
        if token == ")":
            return not self._is_cast(place)
        return token == "]" or (
            (token[:1].isalnum() or token[:1] == "_") and token not in KEYWORDS
        )

    def _is_cast(self, close: int) -> bool:
        """Whether a closing parenthesis ends a cast."""
        opened = self._match.get(close)
        if opened is None or self._is_call(opened) or close - opened < 2:
            return False
        inside = self._tokens[opened + 1 : close]
        return inside[-1] == "*" or inside[0] in _TYPE_WORDS

    def _is_call(self, opened: int) -> bool:
        if self._token(opened) != "(":
            return False
        before = self._token(opened - 1)
        return bool(before) and before not in KEYWORDS and (before[0].isalpha() or before[0] == "_")

    def _argument_role(
        self, opened: int, place: int, operators: list[str]
    ) -> tuple[AccessKind, str, str]:
        """What a call does with an argument."""
        name = self._token(opened - 1)
        effects = self._effects(name)
        if effects is None:
            return ("address" if operators[:1] == ["&"] else "load"), "", ""
        number = self._argument[place]
        if number in effects.unread or number == effects.bit:
            return "unread", "", ""  # type: ignore[return-value]
        kind = effects.of(number)
        if kind is None:
            return ("address" if operators[:1] == ["&"] else "load"), "", ""
        return kind, name, self._bit(opened, effects.bit)

    def _bit(self, opened: int, number: int) -> str:
        """The constant that an argument is; "" if it is not one."""
        if not number:
            return ""
        tokens = [self._tokens[place] for place in self._inside(opened, number)]
        if len(tokens) != 1 or tokens[0] in self._names.tags or not tokens[0].isidentifier():
            return ""
        return tokens[0]
