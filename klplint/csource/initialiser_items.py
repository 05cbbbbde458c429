"""The items of an initialiser in braces, from its tokens: designators, values, inner braces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from klplint.csource.expanded_tokens import Token

_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
# The braces in braces that are read.
_DEEPEST = 12


class Item(NamedTuple):
    """An element of an initialiser."""

    designators: tuple[str, ...]
    """`.name`, or `[index]` as written; empty for a value that only its position names."""
    tokens: tuple[Token, ...]
    """The value, without its designators."""
    items: tuple[Item, ...] | None
    """The items of a value in braces, a compound literal included; None for another value."""
    type_name: str = ""
    """Of a compound literal, the type before its braces."""

    @property
    def is_empty(self) -> bool:
        """Whether the value is in braces and sets nothing but zeros: `{ }`, `{ NULL }`."""
        return self.items is not None and all(
            each.is_empty or each.text in {"0", "NULL"} for each in self.items
        )

    @property
    def text(self) -> str:
        """The value as written."""
        return " ".join(token.text for token in self.tokens)

    @property
    def start(self) -> int:
        """The offset at which the value begins."""
        return self.tokens[0].start if self.tokens else 0

    @property
    def end(self) -> int:
        """The offset behind the value."""
        return max((token.end for token in self.tokens), default=0)


def items_of(tokens: Sequence[Token], depth: int = _DEEPEST) -> tuple[Item, ...]:
    """The items between two braces; `tokens` are without these."""
    return tuple(_item(part, depth) for part in _parts(tokens) if part)


def _parts(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens between the commas that no bracket encloses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += _STEPS.get(token.text, 0)
        if depth == 0 and token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _item(tokens: list[Token], depth: int) -> Item:
    designators, place = _designators(tokens)
    value = tokens[place:]
    opened = _literal(value)
    type_name = " ".join(token.text for token in value[1 : opened - 1]) if opened else ""
    items = None
    if depth and value[opened:] and value[opened].text == "{" and value[-1].text == "}":
        items = items_of(value[opened + 1 : -1], depth - 1)
    return Item(designators, tuple(value), items, type_name)


def _designators(tokens: list[Token]) -> tuple[tuple[str, ...], int]:
    """The designators of an item, and the place of its value."""
    steps: list[str] = []
    place = 0
    while place < len(tokens):
        text = tokens[place].text
        if text == "." and place + 1 < len(tokens):
            steps.append(f".{tokens[place + 1].text}")
            place += 2
        elif text == "[":
            close = next((i for i in range(place, len(tokens)) if tokens[i].text == "]"), place)
            steps.append("[" + "".join(token.text for token in tokens[place + 1 : close]) + "]")
            place = close + 1
        elif text == "=" and steps:
            return tuple(steps), place + 1
        elif text == ":" and place == 1 and tokens[0].is_word:  # GNU's `name: value`
            return (f".{tokens[0].text}",), 2
        elif place == 0 and len(tokens) > 1 and tokens[1].text == ":" and tokens[0].is_word:
            place = 1
        else:
            return (), 0
    return (), 0


def _literal(tokens: list[Token]) -> int:
    """Where the braces of a compound literal open; 0 for another value."""
    if not tokens or tokens[0].text != "(":
        return 0
    depth = 0
    for place, token in enumerate(tokens):
        depth += _STEPS.get(token.text, 0)
        if depth == 0:
            return place + 1 if tokens[place + 1 :] and tokens[place + 1].text == "{" else 0
    return 0
