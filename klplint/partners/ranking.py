"""Which barrier is the partner of a reader: candidates ranked by what both sides touch."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from klplint.facts.barrier_contexts import UNKNOWN, Access, Called, Context, FileContexts
from klplint.partners.access_rules import AccessRules

_MOST_CANDIDATES = 40
_MOST_USERS = 300
_LEAST_PATTERN = 0.05
"""An object that more contexts touch leads to no candidates by itself."""

P = dict(near=9.0, untyped=0.7, mixed=0.45, same=0.35, pattern=2.0, more=0.9, file=2.2, dir=1.7, sub=1.0, fit=1.25, power=2.0, via=0.8, own=0.4, both=1.2, address=0.5, r_store=0.12, w_load=0.12, other=0.5)

class Sited(NamedTuple):
    """A context with the file that it is in."""

    path: str
    context: Context


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
        """Whether the writer may store it and the reader load it, or the other way round."""
        if "address" in (self.reader.kind, self.writer.kind):
            return False
        passed = self.writer.stores and self.reader.loads
        return passed or (self.reader.stores and self.writer.loads and self.reader_before)

    @property
    def is_crossed(self) -> bool:
        """Whether it is before the barrier on one side, and after it on the other."""
        return self.reader_before != self.writer_before


class Candidate(NamedTuple):
    """A possible partner with the evidence for it."""

    site: Sited
    evidence: float
    shared: tuple[Shared, ...]
    is_own: bool
    """Whether it is in the function of the reader."""
    is_near: bool
    """Whether it is in the directory of the reader."""

    def strongest(self, *, crossed: bool) -> float:
        """The weight of the strongest object that is crossed, or that is not."""
        return max((s.weight for s in self.shared if s.is_crossed == crossed), default=0.0)

    @property
    def is_pattern(self) -> bool:
        """Whether there is one object for each direction: the data, and what announces them."""
        ways = {
            (each.reader.bit or each.reader.name, each.reader_before)
            for each in self.shared
            if each.is_crossed and each.is_passed and each.weight > _LEAST_PATTERN
        }
        return any(
            before and not behind and name != other
            for name, before in ways
            for other, behind in ways
        )


class Ranking:
    """Ranks the write-side barriers of a tree as partners of its readers."""

    def __init__(self, files: Iterable[FileContexts], rules: AccessRules) -> None:
        files = list(files)
        self._rules = rules
        helpers = _helpers(files)
        files = [_resolved(file, helpers) for file in files]
        self.files = files
        self._contexts = {file.path: file.contexts for file in files}
        self._writers = [
            Sited(file.path, context)
            for file in files
            for context in file.contexts
            if rules.ordering(context.barrier) in ("writes", "all", "release", "store-all")
        ]
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        self._functions: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for number, site in enumerate(self._writers):
            for key in _keys(site.context):
                self._by_key[key].append(number)
        for file in files:
            for context in file.contexts:
                for key in _keys(context):
                    self._functions[key].add((file.path, context.function))
        self._total = max(2, len({u for users in self._functions.values() for u in users}))

    def contexts_in(self, path: str) -> tuple[Context, ...]:
        """The contexts of the barriers of a file."""
        return self._contexts.get(path, ())

    def rarity(self, key: str) -> float:
        """How rare an object is: 1 for one that a single function touches, near 0 for common ones."""
        users = len(self._functions.get(key, ())) or 1
        return max(0.0, 1 - math.log(users) / math.log(self._total))

    def candidates(self, reader: Sited) -> list[Candidate]:
        """The best candidates, best first."""
        votes: defaultdict[int, float] = defaultdict(float)
        for key in sorted(_keys(reader.context)):
            users = self._by_key.get(key, ())
            if len(users) <= _MOST_USERS:
                weight = self.rarity(key)
                for number in users:
                    votes[number] += weight
        for number in list(votes):
            writer = self._writers[number]
            if (writer.path, writer.context.line) == (reader.path, reader.context.line):
                del votes[number]
                continue
            votes[number] *= self._nearness(reader.path, writer.path)
        best = sorted(votes, key=lambda n: (-votes[n], n))[:_MOST_CANDIDATES]
        ranked = [self._candidate(reader, self._writers[n]) for n in best]
        ranked = [each for each in ranked if each.evidence > 0]
        return sorted(ranked, key=_order)

    def _nearness(self, path: str, other: str) -> float:
        if path == other:
            return P['file']
        if path.rpartition("/")[0] == other.rpartition("/")[0]:
            return P['dir']
        return P['sub'] if path.split("/")[:2] == other.split("/")[:2] else 1.0

    def _candidate(self, reader: Sited, writer: Sited) -> Candidate:
        is_same = reader.path == writer.path and reader.context.function == writer.context.function
        full = self._rules.ordering(reader.context.barrier) in ('all', 'store-all') and self._rules.ordering(writer.context.barrier) in ('all', 'store-all')
        best: dict[tuple[str, bool, bool], Shared] = {}
        for each in self._shared(reader.context, writer.context, full):
            key = (each.reader.bit or each.reader.name, each.reader_before, each.is_crossed)
            if key not in best or best[key].weight < each.weight:
                best[key] = each
        flags: list[float] = []
        data: list[float] = []
        same: list[float] = []
        for (name, before, crossed), each in best.items():
            weight = each.weight
            if crossed:
                rivals = [w.weight for w in (best.get((name, True, False)), best.get((name, False, False))) if w]
                against = min(1.0, max(rivals, default=0.0) / weight)
                (flags if before else data).append(weight * (1 - P['mixed'] * against))
            else:
                same.append(weight)
        evidence = _sum(flags) + _sum(data) + P['same'] * _sum(same)
        if flags and data:
            evidence += P['pattern'] * math.sqrt(max(flags) * max(data))
        evidence *= self._nearness(reader.path, writer.path) * self._fit(reader, writer)
        if is_same:
            evidence *= P['own']
        if self._is_taken(reader.context, writer.context):
            evidence *= 0.2
        if _architecture(reader.path) and _architecture(writer.path) and _architecture(reader.path) != _architecture(writer.path):
            evidence = 0.0
        is_near = reader.path.rpartition("/")[0] == writer.path.rpartition("/")[0]
        shared = tuple(sorted(best.values(), key=lambda s: -s.weight))
        return Candidate(writer, evidence, shared, is_same, is_near)

    def _is_taken(self, reader: Context, writer: Context) -> bool:
        """Whether the reader's function acquires what the writer releases: they pair already."""
        if self._rules.ordering(writer.barrier) != "release":
            return False
        released = {access.name for access in writer.after}
        return any(
            access.name in released
            and access.distance > 0
            and self._is_ordered(access.via, writer.barrier)
            for access in (*reader.before, *reader.after)
        )

    def _is_ordered(self, load: str, release: str) -> bool:
        """Whether a load orders what follows by itself, if a barrier released the object."""
        if self._rules.ordering(load) == "acquire":
            return True
        return self._rules.publishes(release) and self._rules.depends(load)

    def _fit(self, reader: Sited, writer: Sited) -> float:
        mine, other = reader.context.barrier, writer.context.barrier
        rules = self._rules
        if rules.usual_partner(mine) == other:
            return P['fit']
        return P['other'] if rules.is_for_devices(mine) != rules.is_for_devices(other) or rules.publishes(other) else 1.0

    def _shared(self, reader: Context, writer: Context, full: bool) -> Iterator[Shared]:
        by_name: defaultdict[str, list[tuple[Access, bool]]] = defaultdict(list)
        for is_before, accesses in ((True, writer.before), (False, writer.after)):
            for access in accesses:
                by_name[access.name or access.bit].append((access, is_before))
        for reader_before, accesses in ((True, reader.before), (False, reader.after)):
            for access in accesses:
                for name in (access.name, access.bit) if access.name and access.bit else (access.name or access.bit,):
                    for other, writer_before in by_name.get(name, ()):
                        weight = self._weight(access, other, full and reader_before and not writer_before)
                        if weight > 0:
                            key = _key_of(access, other)
                            users = len(self._functions.get(key, ()))
                            yield Shared(access, other, reader_before, writer_before, weight, users)

    def _weight(self, access: Access, other: Access, buffered: bool) -> float:
        mine, theirs = access.structure, other.structure
        if mine != theirs and access.name and other.name:
            if not (mine and theirs) or (access.has_tag and other.has_tag):
                return 0.0
        if access.bit and other.bit and access.bit != other.bit:
            return 0.0
        is_typed = (mine == theirs != UNKNOWN) or bool(access.bit and other.bit)
        key = _key_of(access, other)
        if bool(access.bit) != bool(other.bit) and access.name:
            is_typed = False
        weight = self.rarity(key) ** P['power'] * (1.0 if is_typed else P['untyped'])
        loads = {"load": 1.0, "both": P['both'], "address": P['address'], "store": P['r_store']}
        stores = {"store": 1.0, "both": 1.0, "address": P['address'], "load": P['w_load']}
        passing = loads[access.kind] * stores[other.kind]
        if buffered:
            passing = max(passing, stores[access.kind] * loads[other.kind])
        weight *= passing
        weight *= 1 / (1 + access.distance / P['near']) / (1 + other.distance / P['near'])
        if access.distance and self._rules.ordering(access.via) == "acquire":
            weight *= 0.3
        weight *= (P['via'] if access.via else 1) * (P['via'] if other.via and other.distance else 1)
        return weight


def _architecture(path: str) -> str:
    """The directory of the architecture that a file belongs to; "" if it belongs to none."""
    top, _, rest = path.partition("/")
    return rest.partition("/")[0] if top == "arch" else ""


def _helpers(files: Sequence[FileContexts]) -> dict[str, tuple[Access, ...]]:
    """What the inline functions of headers touch, by name; of several with a name the first."""
    helpers: dict[str, tuple[Access, ...]] = {}
    for file in files:
        for helper in file.helpers:
            helpers.setdefault(helper.name, helper.accesses)
    return helpers


def _resolved(file: FileContexts, helpers: Mapping[str, tuple[Access, ...]]) -> FileContexts:
    """A file whose contexts have the accesses of the inline functions that they call."""
    contexts = tuple(
        msgspec.structs.replace(
            context,
            before=(*context.before, *_called(context.calls_before, helpers)),
            after=(*context.after, *_called(context.calls_after, helpers)),
        )
        for context in file.contexts
    )
    return FileContexts(file.path, contexts)


def _called(
    calls: Iterable[Called], helpers: Mapping[str, tuple[Access, ...]]
) -> Iterator[Access]:
    for call in calls:
        for each in helpers.get(call.name, ()):
            yield Access(each.name, each.structure, each.bit, each.kind, call.line, call.column, call.distance, call.name)


def _sum(weights: Sequence[float]) -> float:
    """A sum in which each further object counts less."""
    return sum(weight * P['more']**n for n, weight in enumerate(sorted(weights, reverse=True)))


def _key_of(access: Access, other: Access) -> str:
    """What an index finds the object by that two accesses share."""
    if access.bit and other.bit:
        return access.bit
    return access.whole if access.structure == other.structure else access.name


def _keys(context: Context) -> set[str]:
    """What an index finds a context by: bits, names, and members with their structures."""
    keys: set[str] = set()
    for access in (*context.before, *context.after):
        keys.update(filter(None, (access.bit, access.name, access.whole)))
    return keys


def _order(candidate: Candidate) -> tuple[float, bool, str, int]:
    context = candidate.site.context
    return -round(candidate.evidence, 6), context.function.startswith("__"), candidate.site.path, context.line
