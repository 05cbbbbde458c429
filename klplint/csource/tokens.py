"""The tokens of one statement: which brackets belong together, what is a call, what is a cast."""

from __future__ import annotations

import re

from klplint.csource.declared_names import KEYWORDS

_TOKEN = re.compile(
    r"[A-Za-z_]\w*|[](){},;.?:~[]|-[->=]?|\+[+=]?|&[&=]?|\|[|=]?|<<?=?|>>?=?|[*/%^=!]=?"
    r"|\d[\w.]*|[^\s\w\\]"
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CLOSE = frozenset(_CLOSING.values())
_MARKS = frozenset({*_CLOSING, *_CLOSE, ","})
# How far behind its last token the texts of a piece can be asked for, at a fixed distance.
_BEYOND = 3
_TYPE_WORDS = frozenset(
    {"struct", "union", "enum", "unsigned", "signed", "void", "char", "int", "long", "short"}
)


def is_word(token: str) -> bool:
    """Whether a token is a name or a keyword."""
    return token.isidentifier()


class Tokens:
    """The tokens of a piece of code without comments and literals; "" stands beyond its ends."""

    def __init__(self, text: str, start: int, end: int) -> None:
        matches = list(_TOKEN.finditer(text, start, end))
        self.texts = [match[0] for match in matches]
        """The tokens, and some "" behind them, which also come before the first: at -1, -2."""
        self.offsets = [match.start() for match in matches]
        self.pairs: dict[int, int] = {}
        """For each bracket that has one, the other of its pair."""
        self.parentheses: list[int] = []
        """The opening ones, in order."""
        self.where: list[tuple[int, int]] = []
        """For each token the bracket around it, -1 for none, and the number of its argument."""
        self._pair_brackets()
        self.texts += [""] * _BEYOND

    def _pair_brackets(self) -> None:
        where, pairs = self.where, self.pairs
        here, stack = (-1, 0), list[tuple[int, int]]()
        for place in [place for place, token in enumerate(self.texts) if token in _MARKS]:
            token = self.texts[place]
            where += [here] * (place - len(where))
            if token in _CLOSE and stack:
                pairs[here[0]] = place
                pairs[place] = here[0]
                here = stack.pop()
            where.append(here)
            if token in _CLOSING:
                stack.append(here)
                here = place, 1
                if token == "(":
                    self.parentheses.append(place)
            elif token == "," and stack:
                here = here[0], here[1] + 1
        where += [here] * (len(self.texts) - len(where))

    def __len__(self) -> int:
        return len(self.offsets)

    def at(self, place: int) -> str:
        """The token at a place."""
        return self.texts[place] if 0 <= place < len(self.offsets) else ""

    def behind_indices(self, place: int) -> int:
        """The place behind the indices `[...]` that begin at a place."""
        while self.texts[place] == "[" and place in self.pairs:
            place = self.pairs[place] + 1
        return place

    def inside(self, opened: int, number: int) -> list[int]:
        """The tokens of an argument, but for those in further brackets."""
        close = self.pairs.get(opened, opened)
        return [
            place
            for place in range(opened + 1, close)
            if self.where[place] == (opened, number) and self.texts[place] != ","
        ]

    def is_call(self, opened: int) -> bool:
        """Whether a parenthesis opens the arguments of a call by name."""
        if self.texts[opened] != "(":
            return False
        before = self.texts[opened - 1]
        return before.isidentifier() and before not in KEYWORDS

    def is_cast(self, close: int) -> bool:
        """Whether a parenthesis ends a cast: to a pointer, or to a type that C knows."""
        opened = self.pairs.get(close)
        if opened is None or self.is_call(opened) or close - opened < 2:
            return False
        return self.texts[close - 1] == "*" or self.texts[opened + 1] in _TYPE_WORDS

    def begins_operand(self, place: int) -> bool:
        """Whether an operand may begin at a place."""
        token = self.at(place)
        return token[:1].isalnum() or token[:1] == "_" or token == "("

    def ends_operand(self, place: int) -> bool:
        """Whether an operand may end at a place: then `*` and `&` behind it have two operands."""
        token = self.texts[place]
        if token == ")":
            return not self.is_cast(place)
        return token == "]" or ((token[:1].isalnum() or token[:1] == "_") and token not in KEYWORDS)

    def start_of(self, close: int) -> int:
        """The first token of the call or the parentheses that end at a closing bracket."""
        opened = self.pairs.get(close, close)
        return opened - 1 if self.is_call(opened) else opened
