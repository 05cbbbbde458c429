"""Where words are in a text: names, and not parts of longer ones."""

from __future__ import annotations

from collections.abc import Iterator


def word_start(text: str, place: int, first: int = 0) -> int:
    """Where the word begins that reaches up to `place`, but not before `first`."""
    while place > first and (text[place - 1].isalnum() or text[place - 1] == "_"):
        place -= 1
    return place


def words_in(text: str, name: str, first: int = 0, end: int | None = None) -> Iterator[int]:
    """The offsets from `first` up to `end` at which `name`, an identifier, is a word by itself."""
    start = text.find(name, first, end)
    while start >= 0:
        behind = start + len(name)
        before = text[start - 1 : start]
        if not (_is_in_word(before) or _is_in_word(text[behind : behind + 1])):
            yield start
        start = text.find(name, behind, end)


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
