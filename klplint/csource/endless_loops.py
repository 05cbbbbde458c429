"""Loops that nothing in a function leaves, by the tokens of its body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.lexer import Source, Span
from klplint.csource.outline import call_names
from klplint.csource.tokens import Tokens
from klplint.facts.function_details import EndlessLoop

_LOOP = re.compile(r"\b(?:for|while|do)\b")
_ENDLESS = re.compile(r"\b(?:while\s*\(\s*(?:1|true)\s*\)|for\s*\([^;()]*;\s*(?:1|true)?\s*;)")
_LEAVING = frozenset({"return", "goto"})
_BREAKABLE = frozenset({"for", "while", "do", "switch"})


def has_loop(source: Source, body: Span) -> bool:
    """Whether a body has any loop that is written out."""
    return _LOOP.search(source.statements, body.start, body.end) is not None


def endless_loops(source: Source, body: Span) -> Iterator[EndlessLoop]:
    """The loops of a body that have no condition, and that no jump leaves."""
    text = source.statements
    if not _ENDLESS.search(text, body.start, body.end):
        return
    tokens = Tokens(text, body.start, body.end)
    for place, token in enumerate(tokens.texts):
        if token not in {"for", "while"} or not _ENDLESS.match(text, tokens.offsets[place]):
            continue
        inside = _statement(tokens, place)
        if inside is None or _is_left(tokens, *inside):
            continue
        first, last = (tokens.offsets[each] for each in inside)
        calls = dict.fromkeys(match[0] for match in call_names(text, first, last))
        start = tokens.offsets[place]
        yield EndlessLoop(source.region(start, start + len(token)), tuple(calls))


def _statement(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """The first and last token of what the loop at a place repeats; None if it is not in braces."""
    close = tokens.pairs.get(place + 1)
    if close is None:
        return None
    first = close + 1
    if tokens.at(first) == "{" and first in tokens.pairs:
        return first, tokens.pairs[first]
    if tokens.at(first) == ";" and tokens.at(place - 1) == "}":  # do { } while (1);
        opened = tokens.pairs.get(place - 1)
        is_do = opened is not None and tokens.at(opened - 1) == "do"
        return (opened, place - 1) if is_do and opened is not None else None
    return next(((first, i) for i in range(first, len(tokens)) if tokens.at(i) == ";"), None)


def _is_left(tokens: Tokens, first: int, last: int) -> bool:
    """Whether a jump between two tokens may leave the loop around them."""
    place = first
    while place <= last:
        token = tokens.at(place)
        if token in _LEAVING or token == "break":
            return True
        if token in _BREAKABLE:  # a `break` in it leaves only that
            inner = _braces_behind(tokens, place)
            if inner and any(tokens.at(i) in _LEAVING for i in range(inner[0], inner[1])):
                return True
            place = inner[1] if inner else place
        place += 1
    return False


def _braces_behind(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """The first and last token of what an inner loop or switch at a place repeats."""
    opened = place + 1
    if tokens.at(opened) == "(":
        opened = tokens.pairs.get(opened, opened) + 1
    if tokens.at(opened) == "{" and opened in tokens.pairs:
        return opened, tokens.pairs[opened]
    return next(((opened, i) for i in range(opened, len(tokens)) if tokens.at(i) == ";"), None)
