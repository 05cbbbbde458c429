"""Read barriers with what their comments say about the partner, checked against the tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers.counterparts import Counterpart, Resolver
from klplint.barriers.families import Families
from klplint.barriers.opposite import either_side, opposite
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.reading import Reader, Reading
from klplint.csource.open_names import name_pattern
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.partners import Partner
from klplint.facts.queries import DefinitionsOf, NamedAtBarriers, Query, TreeFacts
from klplint.facts.region import Region

Standing = Literal["read", "write", "either"]
"""On which side a barrier may stand."""


class Pair(msgspec.Struct, frozen=True):
    """A barrier, how its comment was read, and the counterparts that the comment names."""

    barrier: Barrier
    reading: Reading
    counterparts: tuple[Counterpart, ...]
    siblings: int = 1
    """How many barriers of its name the function has."""
    side: Standing = "read"


def differs(pair: Pair, partner: Partner) -> bool:
    """Whether a comment names its partner, and a partner that the code shows is another one."""
    return pair.reading.pairing == "explicit" and names_another(pair, partner)


def names_another(pair: Pair, partner: Partner) -> bool:
    """Whether a comment names functions, and not that of a partner that the code shows."""
    claimed = [each for each in pair.counterparts if each.kind == "function"]
    return bool(claimed) and not any(is_meant(each, partner) for each in claimed)


def _names(reading: Reading, function: str) -> bool:
    """Whether a comment says that its barrier pairs with one in a function."""
    names = {each.name for each in reading.counterparts if each.kind == "function"}
    return reading.pairing == "explicit" and not reading.condition and function in names


def is_meant(counterpart: Counterpart, partner: Partner) -> bool:
    """Whether a counterpart is the function of a partner, or calls it."""
    if re.fullmatch(name_pattern(counterpart.name), partner.function):
        return True
    called = {barrier.name for barrier in counterpart.barriers}
    places = {(barrier.path, barrier.region.line) for barrier in counterpart.barriers}
    return partner.function in called or (partner.path, partner.line) in places


class Naming(NamedTuple):
    """A barrier whose comment names the function of another one."""

    path: str
    region: Region
    written: str
    function: str | None


class Readers:
    """The readers of a run: one for each set of families, which all checks with these share."""

    def __init__(self) -> None:
        self._readers: list[tuple[Families, Reader]] = []
        self._others: list[tuple[Callable[[Families], Families], Families, Families]] = []

    def reader(self, families: Families) -> Reader:
        """The reader for some families of barriers."""
        for others, reader in self._readers:
            if others == families:
                return reader
        reader = Reader(Primitives(families))
        self._readers.append((families, reader))
        return reader

    def opposite(self, families: Families) -> Families:
        """The families for comments on write barriers, made once."""
        return self._made(opposite, families)

    def either(self, families: Families) -> Families:
        """The families for the counterparts of full barriers, made once."""
        return self._made(either_side, families)

    def _made(self, make: Callable[[Families], Families], families: Families) -> Families:
        for function, source, made in self._others:
            if function is make and source == families:
                return made
        made = make(families)
        self._others.append((make, families, made))
        return made


class _Side(NamedTuple):
    """How the comments of a side are read, and what its counterparts have to hold."""

    reader: Reader
    held: Families


class PairReader:
    """Reads the comments of `barriers` in the files of a tree, with readers for `families`."""

    def __init__(self, barriers: Iterable[str], families: Families, readers: Readers) -> None:
        self._barriers = frozenset(barriers)
        self._families = families
        self._readers = readers
        self._sides: dict[str, _Side] = {}

    def _side(self, name: str) -> _Side:
        """The side of a barrier; made when it is first needed, since patterns take a while."""
        if name not in self._sides:
            self._sides[name] = self._side_of(name)
        return self._sides[name]

    def _side_of(self, name: str) -> _Side:
        readers, families = self._readers, self._families
        match self.standing(name):
            case "read":
                return _Side(readers.reader(families), families)
            case "write":
                other = readers.opposite(families)
                return _Side(readers.reader(other), other)
            case "either":
                return _Side(readers.reader(families), readers.either(families))

    def standing(self, name: str) -> Standing:
        """On which side the barriers of a name stand."""
        if name in self._families.full:
            return "either"
        return "read" if name in self._families.readers else "write"

    def reader_of(self, name: str) -> Reader:
        """What reads the comments on the barriers of a name."""
        return self._side(name).reader

    def naming(self, tree: TreeFacts, facts: FileFacts, barrier: Barrier) -> Naming | None:
        """A barrier of another function whose comment pairs it with that of `barrier`."""
        function = barrier.function or ""
        facing = self._facing(barrier.name)
        for other in (*facts.opposite, *facts.barriers):
            if other.name in facing and other.function != function:
                reading = self._side(other.name).reader.read_barrier(other)
                if _names(reading, function):
                    return Naming(facts.path, other.region, f"{other.written}()", other.function)
        if not self._is_plain(tree, facts.path, function):
            return None
        for use in tree.definitions(NamedAtBarriers(function, facing)):
            name = use.calls[0].name
            for text in use.comments:
                if _names(
                    self._side(name).reader.read_comment(text, Site(name, use.name)), function
                ):
                    return Naming(use.path, use.region, f"{name}()", use.name)
        return None

    def naming_queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What `naming` needs to know of other files."""
        for facts in tree.files.values():
            for barrier, reading, _ in self._readings(facts):
                if reading.pairing == "none" and barrier.function:
                    query = NamedAtBarriers(barrier.function, self._facing(barrier.name))
                    yield query
                    if tree.definitions(query):
                        yield DefinitionsOf(barrier.function)

    def _facing(self, name: str) -> tuple[str, ...]:
        """The barriers that may be at the other end of one, as far as comments on them are read."""
        families = self._families
        if self.standing(name) == "write":
            read = self._barriers | families.writing.keys()
            return tuple(sorted(families.readers.keys() & read))
        return tuple(sorted(families.writing))

    def _is_plain(self, tree: TreeFacts, path: str, function: str) -> bool:
        """Whether the function of this name in a file is the only one that a comment can mean."""
        definitions = tree.definitions(DefinitionsOf(function))
        return {each.path for each in definitions if each.kind != "object"} == {path}

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the comments need to know about other files, given the answers so far."""
        for facts in tree.files.values():
            resolvers = self._resolvers(facts, tree)
            for barrier, reading, _ in self._readings(facts):
                yield from resolvers[barrier.name].queries(reading, barrier.function or "")

    def pairs(self, tree: TreeFacts) -> Iterator[tuple[FileFacts, Pair]]:
        """All barriers in the order of files and lines, each with its file."""
        for facts in tree.files.values():
            resolvers = self._resolvers(facts, tree)
            for barrier, reading, siblings in self._readings(facts):
                resolved = resolvers[barrier.name].resolved(reading, barrier)
                yield facts, Pair(barrier, *resolved, siblings, self.standing(barrier.name))

    def _resolvers(self, facts: FileFacts, tree: TreeFacts) -> dict[str, Resolver]:
        """A resolver for each name of a barrier in a file."""
        names = {barrier.name for barrier in facts.barriers} & self._barriers
        return {
            name: Resolver(facts.path, tree, self._side(name).held, self._side(name).reader)
            for name in names
        }

    def _readings(self, facts: FileFacts) -> Iterator[tuple[Barrier, Reading, int]]:
        counts = Counter((barrier.name, barrier.function) for barrier in facts.barriers)
        for barrier in facts.barriers:
            if barrier.name in self._barriers:
                siblings = counts[barrier.name, barrier.function]
                reader = self._side(barrier.name).reader
                yield barrier, reader.read_barrier(barrier, siblings=siblings), siblings
