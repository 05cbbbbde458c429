"""Read barriers with what their comments say about the partner, checked against the tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from klplint.barriers.counterparts import Counterpart, Resolver
from klplint.barriers.families import Families
from klplint.barriers.primitives import Primitives
from klplint.barriers.reading import Reader, Reading
from klplint.csource.open_names import name_pattern
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.partners import Partner
from klplint.facts.queries import Query, TreeFacts


class Pair(msgspec.Struct, frozen=True):
    """A read barrier, how its comment was read, and the counterparts that the comment names."""

    barrier: Barrier
    reading: Reading
    counterparts: tuple[Counterpart, ...]
    siblings: int = 1
    """How many barriers of its name the function has."""


def differs(pair: Pair, partner: Partner) -> bool:
    """Whether a comment names its partner, and a partner that the code shows is another one."""
    claimed = [each for each in pair.counterparts if each.kind == "function"]
    if pair.reading.pairing != "explicit" or not claimed:
        return False
    return not any(is_meant(each, partner) for each in claimed)


def is_meant(counterpart: Counterpart, partner: Partner) -> bool:
    """Whether a counterpart is the function of a partner, or calls it."""
    if re.fullmatch(name_pattern(counterpart.name), partner.function):
        return True
    called = {barrier.name for barrier in counterpart.barriers}
    places = {(barrier.path, barrier.region.line) for barrier in counterpart.barriers}
    return partner.function in called or (partner.path, partner.line) in places


class Readers:
    """The readers of a run: one for each set of families, which all checks with these share."""

    def __init__(self) -> None:
        self._readers: list[tuple[Families, Reader]] = []

    def reader(self, families: Families) -> Reader:
        """The reader for some families of barriers."""
        for others, reader in self._readers:
            if others == families:
                return reader
        reader = Reader(Primitives(families))
        self._readers.append((families, reader))
        return reader


class PairReader:
    """Reads the comments of `barriers` in the files of a tree, with a reader for `families`."""

    def __init__(self, barriers: Iterable[str], families: Families, reader: Reader) -> None:
        self._barriers = frozenset(barriers)
        self._families = families
        self._reader = reader

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the comments need to know about other files, given the answers so far."""
        for facts in tree.files.values():
            resolver = self._resolver(facts, tree)
            for barrier, reading, _ in self._readings(facts):
                yield from resolver.queries(reading, barrier.function or "")

    def pairs(self, tree: TreeFacts) -> Iterator[tuple[FileFacts, Pair]]:
        """All barriers in the order of files and lines, each with its file."""
        for facts in tree.files.values():
            resolver = self._resolver(facts, tree)
            for barrier, reading, siblings in self._readings(facts):
                yield facts, Pair(barrier, *resolver.resolved(reading, barrier), siblings)

    def _resolver(self, facts: FileFacts, tree: TreeFacts) -> Resolver:
        return Resolver(facts.path, tree, self._families, self._reader)

    def _readings(self, facts: FileFacts) -> Iterator[tuple[Barrier, Reading, int]]:
        counts = Counter((barrier.name, barrier.function) for barrier in facts.barriers)
        for barrier in facts.barriers:
            if barrier.name in self._barriers:
                siblings = counts[barrier.name, barrier.function]
                yield barrier, self._reader.read_barrier(barrier, siblings=siblings), siblings
