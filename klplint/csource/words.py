"""Where words are in a text: names, and not parts of longer ones."""

from __future__ import annotations

from collections.abc import Iterator


def word_start(text: str, place: int, first: int = 0) -> int:
    """Where the word begins that reaches up to `place`, but not before `first`."""
    while place > first and (text[place - 1].isalnum() or text[place - 1] == "_"):
        place -= 1
    return place


def words_in(text: str, name: str) -> Iterator[int]:
    """The offsets at which `name`, an identifier, is a word by itself."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (_is_in_word(text[start - 1 : start]) or _is_in_word(text[end : end + 1])):
            yield start
        start = text.find(name, end)


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
