"""How near names are to one that is nowhere: the same with more words, or spelt otherwise."""

from __future__ import annotations

import difflib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# How similar a name has to be, from 0 to 1, to be offered for one that is gone.
_ALIKE = 0.85
# A name that is near by its words lacks one of them at most, so it has one of any two.
_ENOUGH = 2
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


class SimilarNames:
    """Names among which some are searched that are near to others."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_length = sorted(names, key=lambda name: (len(name), name))
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._by_length:
            for word in {*name.split("_"), name.replace("_", "")}:
                self._by_word[word].append(name)

    def nearest_first(self, name: str) -> Iterator[tuple[Nearness, list[str]]]:
        """The names that may be meant by `name`, those that are equally near together."""
        matcher = difflib.SequenceMatcher(None, "", name)
        near = {other: _by_words(name, other) for other in self._sharing_words(name)}
        for other in self._of_like_length(name):
            if near.get(other) is None and (ratio := _likeness(other, matcher)):
                near[other] = Nearness(SIMILAR, -ratio)
        groups: dict[Nearness, list[str]] = {}
        for other in near.keys() - {name}:
            if nearness := near[other] or _as_longer(name, other):
                groups.setdefault(nearness, []).append(other)
        yield from sorted((nearness, sorted(group)) for nearness, group in groups.items())

    def _sharing_words(self, name: str) -> set[str]:
        """The names with one of the two rarest words of a name, or with other underscores."""
        if "_" not in name:
            return set()
        words = {*name.split("_")} - {""}
        rarest = sorted(words, key=lambda word: (len(self._by_word.get(word, ())), word))
        asked = (*rarest[:_ENOUGH], name.replace("_", ""))
        return {other for word in asked for other in self._by_word.get(word, ())}

    def _of_like_length(self, name: str) -> Iterator[str]:
        """The names that may be similar enough, by their lengths."""
        shortest, longest = len(name) * _ALIKE / (2 - _ALIKE), len(name) * (2 - _ALIKE) / _ALIKE
        first = bisect_left(self._by_length, shortest, key=len)
        return iter(self._by_length[first : bisect_right(self._by_length, longest, key=len)])


def _by_words(name: str, other: str) -> Nearness | None:
    """How near another name is by its words; None if it is not."""
    if "_" not in name.strip("_"):
        return None
    if is_short_for(name, other):
        return Nearness(SHORT_FOR)
    if is_one_letter_apart(name, other) or has_other_ending(name, other):
        return Nearness(SPELT_OTHERWISE)
    return Nearness(WORD_MORE_OR_LESS) if is_one_word_apart(name, other) else None


def _likeness(other: str, matcher: difflib.SequenceMatcher[str]) -> float:
    """How similar a name is to the one that `matcher` has; 0 if not enough."""
    matcher.set_seq1(other)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0
    ratio = matcher.ratio()
    return ratio if ratio >= _ALIKE else 0


def _as_longer(name: str, other: str) -> Nearness | None:
    """How near a name is that begins or ends with the words of `name`; None if it does not."""
    if "_" in name and (other.startswith(f"{name}_") or other.endswith(f"_{name}")):
        return Nearness(LONGER, other.count("_"))
    return None
