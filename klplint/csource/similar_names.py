"""How near names are to one that is nowhere: the same with more words, or spelt otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# How similar a name has to be, from 0 to 1, to be offered for one that is gone.
_ALIKE = 0.85
# The most letters of such an ending: "ed", "s", "er".
_ENDING = 2


class Nearness(NamedTuple):
    """How near a name is; the lowest is the nearest."""

    rank: int
    distance: float = 0


SHORT_FOR, SPELT_OTHERWISE, WORD_MORE_OR_LESS, SIMILAR, LONGER = range(5)
"""The ranks: it ends in the wanted name; it differs by a letter, or by the ending of a word; by a
word; by a few letters; it only contains the wanted name."""


def is_short_for(name: str, longer: str) -> bool:
    """Whether a name is another one without its first words: `push` for `ring_push`.

    Underscores alone are not a word: `__push` is another function than `push`.
    """
    return longer.endswith(f"_{name}") and bool(longer[: -len(name)].strip("_"))


def is_one_letter_apart(one: str, other: str) -> bool:
    """Whether one name has a letter or underscore that the other one has not."""
    shorter, longer = sorted((one, other), key=len)
    return len(longer) == len(shorter) + 1 and _is_without_one(shorter, longer)


def has_other_ending(one: str, other: str) -> bool:
    """Whether two names differ only by the ending of a word: `set_overload`, `set_overloaded`."""
    pairs = [*zip(one.split("_"), other.split("_"), strict=False)]
    differing = [sorted(pair, key=len) for pair in pairs if pair[0] != pair[1]]
    if one.count("_") != other.count("_") or len(differing) != 1:
        return False
    ((shorter, longer),) = differing
    return len(shorter) > 1 and longer.startswith(shorter) and len(longer) - len(shorter) <= _ENDING


def is_one_word_apart(one: str, other: str) -> bool:
    """Whether one name has a word in its middle or at an end that the other one has not."""
    shorter, longer = sorted((one.split("_"), other.split("_")), key=len)
    return len(longer) == len(shorter) + 1 > 2 and _is_without_one(shorter, longer)


def _is_without_one(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a sequence is another one without one of its parts."""
    first = next((i for i, part in enumerate(shorter) if part != longer[i]), len(shorter))
    return shorter[first:] == longer[first + 1 :]


def nearest_first(name: str, others: Iterable[str]) -> Iterator[tuple[Nearness, list[str]]]:
    """The names that may be meant by `name`, those that are equally near together."""
    matcher = difflib.SequenceMatcher(None, "", name)
    groups: dict[Nearness, list[str]] = {}
    for other in others:
        near = _nearness(name, other, matcher) if other != name else None
        if near:
            groups.setdefault(near, []).append(other)
    yield from sorted((near, sorted(group)) for near, group in groups.items())


def _nearness(name: str, other: str, matcher: difflib.SequenceMatcher[str]) -> Nearness | None:
    """How near another name is to `name`, which `matcher` has; None if it cannot be meant."""
    has_words = "_" in name.strip("_")
    if has_words and is_short_for(name, other):
        return Nearness(SHORT_FOR)
    if has_words and (is_one_letter_apart(name, other) or has_other_ending(name, other)):
        return Nearness(SPELT_OTHERWISE)
    if has_words and is_one_word_apart(name, other):
        return Nearness(WORD_MORE_OR_LESS)
    if 2 * min(len(name), len(other)) >= _ALIKE * (len(name) + len(other)):
        matcher.set_seq1(other)
        if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
            return Nearness(SIMILAR, -ratio)
    if "_" in name and (other.startswith(f"{name}_") or other.endswith(f"_{name}")):
        return Nearness(LONGER, other.count("_"))
    return None
