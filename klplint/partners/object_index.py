"""Which contexts of a tree touch an object, and how rare that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from klplint.facts.barrier_contexts import Access, Context

_FEWEST = 1000
"""In a small tree, an object is as rare as in one with so many functions with barriers."""


class Sited(NamedTuple):
    """A context with the file that it is in."""

    path: str
    context: Context

    @property
    def function(self) -> tuple[str, str]:
        """The function, which several barriers may share."""
        return self.path, self.context.function


class ObjectIndex:
    """The objects of some contexts, by the keys that `keys` gives."""

    def __init__(self, sites: Iterable[Sited]) -> None:
        self._functions: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._everywhere: set[tuple[str, str]] = set()
        self._add(sites)

    def _add(self, sites: Iterable[Sited]) -> None:
        for site in sites:
            self._everywhere.add(site.function)
            for key in keys(site.context):
                self._functions[key].add(site.function)
        self._most = math.log(max(_FEWEST, len(self._everywhere)))

    def replace(self, before: Iterable[Sited], after: Iterable[Sited]) -> None:
        """Take other contexts for all those of some files."""
        for site in before:
            self._everywhere.discard(site.function)
            for key in keys(site.context):
                self._functions[key].discard(site.function)
        self._add(after)

    def users(self, key: str) -> int:
        """How many functions with barriers touch an object."""
        return len(self._functions.get(key, ()))

    def rarity(self, key: str) -> float:
        """How rare an object is: 1 if a single function touches it, near 0 if most do."""
        return max(0.0, 1 - math.log(self.users(key) or 1) / self._most)


def keys(context: Context) -> set[str]:
    """The keys of what a context touches: bits, names, and members with their structures."""
    each: set[str] = set()
    for access in (*context.before, *context.after):
        each.update(filter(None, (access.bit, access.name, access.whole)))
    return each


def shared_key(access: Access, other: Access) -> str:
    """The key of the object that two accesses share."""
    if access.bit and other.bit:
        return access.bit
    return access.whole if access.structure == other.structure else access.name
