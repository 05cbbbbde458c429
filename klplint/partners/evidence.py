"""What speaks for two barriers being partners: the objects that both sides touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from klplint.facts.barrier_contexts import UNKNOWN, Access, AccessKind, Context
from klplint.partners.access_rules import AccessRules
from klplint.partners.object_index import ObjectIndex, Sited, shared_key

# The weight of a shared object is a product of these. They were fitted to the comments of Linux
# 6.12 that name their partner: docs/pairing.md says how.
_HALF_AWAY = 9.0
"""Statements from the barrier at which an access counts half."""
_UNTYPED = 0.7
"""For members of the same name whose structures are not both known."""
_RARITY_POWER = 2
_FOLLOWED = 0.8
"""For accesses by the call of a helper or function."""
_ACQUIRED = 0.3
"""For what the reader loads with an acquire, which needs no further barrier."""
_LOADED: dict[AccessKind, float] = {"load": 1.0, "both": 1.2, "address": 0.5, "store": 0.12}
_STORED: dict[AccessKind, float] = {"store": 1.0, "both": 1.0, "address": 0.5, "load": 0.12}
# Of the weights, the evidence is made. Further objects count a bit less each.
_FURTHER = 0.9
_SAME_SIDE = 0.35
"""For objects that both sides touch before their barriers, or after: nothing orders these."""
_MIXED = 0.45
"""How much it takes away that an object is also touched on the same side."""
_BOTH_WAYS = 2.0
"""For one object in each direction: the data, and what announces them."""
_LEAST_BOTH_WAYS = 0.05


_ByName = defaultdict[str, list[tuple[Access, bool]]]
"""Accesses by names, each with whether it is before the barrier."""


class Shared(NamedTuple):
    """An object that both sides touch."""

    reader: Access
    writer: Access
    reader_before: bool
    writer_before: bool
    weight: float
    users: int
    """How many functions with barriers touch it."""

    @property
    def is_passed(self) -> bool:
        """Whether one side may store what the other loads: as a message, or for full barriers."""
        if "address" in (self.reader.kind, self.writer.kind):
            return False
        passed = self.writer.stores and self.reader.loads
        return passed or (self.reader.stores and self.writer.loads and self.reader_before)

    @property
    def is_crossed(self) -> bool:
        """Whether it is before the barrier on one side, and after it on the other."""
        return self.reader_before != self.writer_before

    @property
    def name(self) -> str:
        """The object, without its structure."""
        return self.reader.bit or self.reader.name


class Evidence(NamedTuple):
    """What two contexts share, the strongest first, and how much that says."""

    shared: tuple[Shared, ...]
    amount: float

    def strongest(self, *, crossed: bool) -> float:
        """The weight of the strongest object that is crossed, or that is not."""
        return max((s.weight for s in self.shared if s.is_crossed == crossed), default=0.0)

    @property
    def is_both_ways(self) -> bool:
        """Whether there is one object for each direction: the data, and what announces them."""
        ways = {
            (each.name, each.reader_before)
            for each in self.shared
            if each.is_crossed and each.is_passed and each.weight > _LEAST_BOTH_WAYS
        }
        return any(
            before and not behind and name != other
            for name, before in ways
            for other, behind in ways
        )


class Comparison:
    """Compares contexts of readers with those of writers."""

    def __init__(self, index: ObjectIndex, rules: AccessRules) -> None:
        self._index = index
        self._rules = rules
        self._names: dict[tuple[str, int, int], _ByName] = {}

    def evidence(self, reader: Sited, writer: Sited) -> Evidence:
        """What two contexts share; of several accesses to an object, the strongest count."""
        best: dict[tuple[str, bool, bool], Shared] = {}
        for each in self._shared(reader, writer):
            key = (each.name, each.reader_before, each.is_crossed)
            if key not in best or best[key].weight < each.weight:
                best[key] = each
        shared = tuple(sorted(best.values(), key=_order))
        return Evidence(shared, _amount(best))

    def _shared(self, reader: Sited, writer: Sited) -> Iterator[Shared]:
        theirs = self._by_name(writer)
        is_buffering = self._is_full(reader.context) and self._is_full(writer.context)
        for name, accesses in self._by_name(reader).items():
            for access, is_before in accesses if name in theirs else ():
                for other, other_before in theirs[name]:
                    both = is_buffering and is_before and not other_before
                    weight = self._weight(access, other, is_buffering=both)
                    if weight > 0:
                        users = self._index.users(shared_key(access, other))
                        yield Shared(access, other, is_before, other_before, weight, users)

    def _by_name(self, site: Sited) -> _ByName:
        """The accesses of a context by member, variable and bit; many comparisons ask for one."""
        place = (site.path, site.context.line, site.context.column)
        if place not in self._names:
            by_name: _ByName = defaultdict(list)
            for access, is_before in _sides(site.context):
                for name in dict.fromkeys(filter(None, (access.name, access.bit))):
                    by_name[name].append((access, is_before))
            self._names[place] = by_name
        return self._names[place]

    def _is_full(self, context: Context) -> bool:
        return self._rules.ordering(context.barrier) in ("all", "store-all")

    def _weight(self, access: Access, other: Access, *, is_buffering: bool) -> float:
        """The weight of an object that the reader and the writer access like this.

        With full barriers, each side may store what the other one loads later.
        """
        if not _may_be_same(access, other):
            return 0.0
        weight: float = self._index.rarity(shared_key(access, other)) ** _RARITY_POWER
        weight *= 1.0 if _is_typed(access, other) else _UNTYPED
        passing = _LOADED[access.kind] * _STORED[other.kind]
        if is_buffering:
            passing = max(passing, _STORED[access.kind] * _LOADED[other.kind])
        weight *= passing * _nearness(access) * _nearness(other)
        if access.distance and self._rules.ordering(access.via) == "acquire":
            weight *= _ACQUIRED
        weight *= _FOLLOWED if access.via else 1.0
        return weight * (_FOLLOWED if other.via and other.distance else 1.0)


def _sides(context: Context) -> Iterator[tuple[Access, bool]]:
    """The accesses of a context, and whether they are before the barrier."""
    yield from ((access, True) for access in context.before)
    yield from ((access, False) for access in context.after)


def _nearness(access: Access) -> float:
    return 1 / (1 + access.distance / _HALF_AWAY)


def _may_be_same(access: Access, other: Access) -> bool:
    """Whether two accesses of a name or bit may mean the same object."""
    if access.bit and other.bit and access.bit != other.bit:
        return False
    if access.structure == other.structure or not (access.name and other.name):
        return True
    are_members = bool(access.structure and other.structure)
    return are_members and not (access.has_tag and other.has_tag)


def _is_typed(access: Access, other: Access) -> bool:
    """Whether two accesses mean the same object for certain."""
    if access.name and bool(access.bit) != bool(other.bit):
        return False
    is_same = access.structure == other.structure != UNKNOWN
    return is_same or bool(access.bit and other.bit)


def _amount(best: dict[tuple[str, bool, bool], Shared]) -> float:
    """The evidence that some objects are, by name and side."""
    ways: dict[bool, list[float]] = {True: [], False: []}
    same: list[float] = []
    for (name, is_before, is_crossed), each in best.items():
        if not is_crossed:
            same.append(each.weight)
            continue
        rivals = (best.get((name, side, False)) for side in (True, False))
        against = max((rival.weight for rival in rivals if rival), default=0.0)
        share = min(1.0, against / each.weight)
        ways[is_before].append(each.weight * (1 - _MIXED * share))
    amount = _sum(ways[True]) + _sum(ways[False]) + _SAME_SIDE * _sum(same)
    if ways[True] and ways[False]:
        amount += _BOTH_WAYS * (max(ways[True]) * max(ways[False])) ** 0.5
    return amount


def _sum(weights: Sequence[float]) -> float:
    """A sum in which each further object counts less."""
    return sum(weight * _FURTHER**n for n, weight in enumerate(sorted(weights, reverse=True)))


def _order(shared: Shared) -> tuple[float, str, bool, bool]:
    return -shared.weight, shared.name, shared.reader_before, shared.writer_before
