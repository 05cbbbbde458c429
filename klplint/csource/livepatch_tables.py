"""The tables of livepatch modules: variables of klp_func, klp_object, klp_patch, klp_state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from klplint.csource.expanded_tokens import Macros, Token, TooManyTokens, tokens_of
from klplint.csource.initialiser_items import Item, items_of
from klplint.csource.lexer import blanked
from klplint.csource.outline import Outline
from klplint.facts.livepatch_modules import Unread
from klplint.facts.region import Region

STRUCTURES = ("klp_func", "klp_object", "klp_patch", "klp_state")
_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*")
_LONGEST_INDEX = 64  # the most tokens of an index that is looked at
_TOO_MANY = "its macros expand to too many tokens"


class Declaration(NamedTuple):
    """A variable of one of the structures, with its initialiser."""

    structure: str
    name: Token
    dimensions: tuple[str, ...]
    """What is between the brackets of each dimension."""
    is_pointer: bool
    value: Item | None
    """None without an initialiser."""
    problem: str = ""
    """Why its initialiser cannot be read; empty if it can."""


class Declarations:
    """The variables of a file that are tables of livepatches, or livepatches."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self.macros = Macros(outline)
        self.unread: list[Unread] = []

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the file without directives; macros that make tables are expanded."""
        source = self._outline.source
        text = blanked(source.code, source.directives)
        tokens = tokens_of(text, 0, len(text))
        return self._with_tables(tokens) if self._making_tables else tokens

    @cached_property
    def _making_tables(self) -> frozenset[str]:
        """The macros of the file whose expansion declares one of the structures."""
        bodies = {
            macro.name: {token.text for token in self.macros.body(macro.name)}
            for macro in self._outline.macros
            if macro.name in self.macros
        }
        making = {name for name, words in bodies.items() if words.intersection(STRUCTURES)}
        while more := {n for n, words in bodies.items() if words & making} - making:
            making |= more
        return frozenset(making)

    def _with_tables(self, tokens: list[Token]) -> list[Token]:
        out: list[Token] = []
        place = 0
        while place < len(tokens):
            token = tokens[place]
            behind = place + 1
            if token.text in self._making_tables:
                if behind < len(tokens) and tokens[behind].text == "(":
                    behind = closing_place(tokens, behind) + 1
                try:
                    out += self.macros.expanded(tokens[place:behind])
                except TooManyTokens:
                    self.unread.append(Unread(self.region(token), _TOO_MANY))
            else:
                out.append(token)
            place = behind
        return out

    @cached_property
    def all(self) -> list[Declaration]:
        """The variables, in order; of several declarations of one the one that initialises it."""
        each = list(self._declarations())
        initialised = {d.name.text for d in each if d.value is not None or d.problem}
        return [d for d in each if d.value or d.problem or d.name.text not in initialised]

    def _declarations(self) -> Iterator[Declaration]:
        tokens, place, depth = self.tokens, 0, 0
        while place < len(tokens) - 2:
            text = tokens[place].text
            depth += {"(": 1, ")": -1}.get(text, 0)
            structure = tokens[place + 1].text
            if text == "struct" and structure in STRUCTURES and depth <= 0:
                declaration, behind = self._declaration(place)
                if declaration and not self._is_external(place):
                    yield declaration
                place = max(behind, place + 2)
            else:
                place += 1

    def _is_external(self, place: int) -> bool:
        return any(token.text == "extern" for token in self.tokens[max(0, place - 3) : place])

    def _declaration(self, start: int) -> tuple[Declaration | None, int]:
        """The variable that is declared from a place on, and the place behind it."""
        tokens, place = self.tokens, start + 2
        is_pointer = tokens[place].text == "*"
        while tokens[place].text in {"*", "const"} and place < len(tokens) - 1:
            place += 1
        name = tokens[place]
        if not name.is_word:
            return None, place
        place += 1
        dimensions: list[str] = []
        while place < len(tokens) and tokens[place].text == "[":
            close = closing_place(tokens, place)
            dimensions.append(" ".join(token.text for token in tokens[place + 1 : close]))
            place = close + 1
        while place < len(tokens) and tokens[place].text.startswith("__"):  # attributes
            place += 1
            if place < len(tokens) and tokens[place].text == "(":
                place = closing_place(tokens, place) + 1
        structure = tokens[start + 1].text
        declaration = Declaration(structure, name, tuple(dimensions), is_pointer, None)
        if place < len(tokens) and tokens[place].text == "=":
            end = end_of_statement(tokens, place)
            return self._with_value(declaration, tokens[place + 1 : end]), end
        if place < len(tokens) and tokens[place].text == ";":
            return declaration, place
        return None, place

    def _with_value(self, declaration: Declaration, value: list[Token]) -> Declaration:
        try:
            expanded = self.macros.expanded(value)
        except TooManyTokens:
            return declaration._replace(problem=_TOO_MANY)
        items = items_of(expanded)
        if len(items) != 1:
            return declaration._replace(problem="its initialiser is not plain")
        return declaration._replace(value=items[0])

    def region(self, token: Token | Item) -> Region:
        """The region of a token, or of an item's value."""
        return self._outline.source.region(token.start, token.end)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The arrays of which a statement sets a member: `funcs[i].old_name = ...`."""
        changed = set[str]()
        tokens = self.tokens
        for place, token in enumerate(tokens[:-1]):
            if token.is_word and tokens[place + 1].text == "[":
                behind = closing_place(tokens, place + 1, place + _LONGEST_INDEX) + 1
                texts = [each.text for each in tokens[behind : behind + 3]]
                if texts[:1] == ["."] and texts[2:] == ["="]:
                    changed.add(token.text)
        return frozenset(changed)


def closing_place(tokens: Sequence[Token], opened: int, end: int | None = None) -> int:
    """The place of the bracket that closes the one at `opened`; the last token if none does."""
    depth, end = 0, min(len(tokens), end or len(tokens))
    for place in range(opened, end):
        depth += _STEPS.get(tokens[place].text, 0)
        if depth == 0:
            return place
    return end - 1


def end_of_statement(tokens: Sequence[Token], start: int) -> int:
    """The place of the semicolon, or of the comma between declarators, that ends a value."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += _STEPS.get(tokens[place].text, 0)
        if depth < 0 or (depth == 0 and tokens[place].text in ";,"):
            return place
    return len(tokens)


def number_of(text: str) -> int | None:
    """The value of a number as written; None for anything else."""
    text = text.strip("() ")
    match = _NUMBER.fullmatch(text)
    return int(text.rstrip("uUlL"), 0) if match and not re.match(r"0\d", text) else None


def text_of(item: Item) -> str | None:
    """The text of string literals, joined; None for anything else."""
    tokens = [token for token in item.tokens if token.text not in {"(", ")"}]
    if not tokens or not all(token.is_string and token.text[0] == '"' for token in tokens):
        return None
    text = "".join(token.text[1:-1] for token in tokens)
    return None if "\\" in text else text


def name_of(item: Item) -> str:
    """The function or variable that a value names, with `&` or a cast before it; else ""."""
    words = [token for token in item.tokens if token.is_word]
    texts = [token.text for token in item.tokens]
    if texts and texts[0] == "(" and item.tokens[-1].is_word:  # (void *)name, (typeof(f) *)name
        close = closing_place(item.tokens, 0)
        texts = texts[close + 1 :]
    plain = [text for text in texts if text not in {"&", "(", ")"}]
    return words[-1].text if words and plain == [words[-1].text] else ""
