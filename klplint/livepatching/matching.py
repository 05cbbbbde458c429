"""Which items and functions differ between two states of a file: by tokens, wherever they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Difference(NamedTuple, Generic[T]):
    """Something that differs: at least one of the states has it."""

    before: T | None
    after: T | None


class Key(NamedTuple):
    """What is the same before and after."""

    kind: str
    name: str
    conditions: tuple[str, ...]


def differences(
    before: Iterable[T],
    after: Iterable[T],
    key: Callable[[T], Key],
    text: Callable[[T], str],
) -> Iterator[Difference[T]]:
    """What was changed, added or removed, in the order of the state before, then of the one after.

    What has the same kind and name under the same conditions is compared; then what is left, with
    others of the same kind and name.
    """
    old, new = list(before), list(after)
    _drop_same(old, new, lambda each: (key(each), text(each)))
    pairs = [*_pairs(old, new, key), *_pairs(old, new, lambda each: key(each)[:2])]
    yield from (Difference(first, second) for first, second in pairs)
    yield from (Difference(each, None) for each in old)
    yield from (Difference(None, each) for each in new)


def _drop_same(old: list[T], new: list[T], key: Callable[[T], object]) -> None:
    """Remove from both lists what both have."""
    counts: defaultdict[object, list[T]] = defaultdict(list)
    for each in new:
        counts[key(each)].append(each)
    for each in list(old):
        same = counts[key(each)]
        if same:
            old.remove(each)
            new.remove(same.pop(0))


def _pairs(old: list[T], new: list[T], key: Callable[[T], object]) -> Iterator[tuple[T, T]]:
    """Take from both lists what has the same key, in pairs."""
    by_key: defaultdict[object, list[T]] = defaultdict(list)
    for each in new:
        by_key[key(each)].append(each)
    for each in list(old):
        if by_key[key(each)]:
            other = by_key[key(each)].pop(0)
            old.remove(each)
            new.remove(other)
            yield each, other
