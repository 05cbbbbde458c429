"""Which barrier is the partner of a reader: candidates ranked by what both sides touch."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from klplint.facts.barrier_contexts import Access, Called, Context, FileContexts
from klplint.partners.access_rules import AccessRules

_MOST_CANDIDATES = 40
_MOST_USERS = 300
"""An object that more contexts touch leads to no candidates by itself."""


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

    @property
    def is_crossed(self) -> bool:
        """Whether it is before the barrier on one side, and after it on the other."""
        return self.reader_before != self.writer_before


class Candidate(NamedTuple):
    """A possible partner with the evidence for it."""

    site: Sited
    evidence: float
    shared: tuple[Shared, ...]


class Ranking:
    """Ranks the write-side barriers of a tree as partners of its readers."""

    def __init__(self, files: Iterable[FileContexts], rules: AccessRules) -> None:
        files = list(files)
        self._rules = rules
        helpers = _helpers(files)
        files = [_resolved(file, helpers) for file in files]
        self.files = files
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

    def rarity(self, key: str) -> float:
        """How rare an object is: 1 for one that a single function touches, near 0 for common ones."""
        users = len(self._functions.get(key, ())) or 1
        return max(0.0, 1 - math.log(users) / math.log(self._total))

    def candidates(self, reader: Sited) -> list[Candidate]:
        """The best candidates, best first."""
        votes: Counter[int] = Counter()
        for key in _keys(reader.context):
            users = self._by_key.get(key, ())
            if len(users) <= _MOST_USERS:
                weight = self.rarity(key)
                for number in users:
                    votes[number] += weight  # type: ignore[assignment]
        for number in list(votes):
            votes[number] *= self._nearness(reader.path, self._writers[number].path)  # type: ignore[assignment]
        best = sorted(votes, key=lambda n: (-votes[n], n))[:_MOST_CANDIDATES]
        ranked = [self._candidate(reader, self._writers[n]) for n in best]
        ranked = [each for each in ranked if each.evidence > 0]
        return sorted(ranked, key=_order)

    def _nearness(self, path: str, other: str) -> float:
        if path == other:
            return 1.6
        if path.rpartition("/")[0] == other.rpartition("/")[0]:
            return 1.3
        return 1.15 if path.split("/")[:2] == other.split("/")[:2] else 1.0

    def _candidate(self, reader: Sited, writer: Sited) -> Candidate:
        is_same = reader.path == writer.path and reader.context.function == writer.context.function
        shared = self._shared(reader.context, writer.context)
        best: dict[tuple[str, bool], Shared] = {}
        for each in shared:
            key = (each.reader.bit or each.reader.name, each.is_crossed)
            if key not in best or best[key].weight < each.weight:
                best[key] = each
        flags = sorted((s.weight for s in best.values() if s.is_crossed and s.reader_before), reverse=True)
        data = sorted((s.weight for s in best.values() if s.is_crossed and not s.reader_before), reverse=True)
        same = sorted((s.weight for s in best.values() if not s.is_crossed), reverse=True)
        evidence = _sum(flags) + _sum(data) + 0.3 * _sum(same)
        if flags and data and {s.reader.name for s in best.values() if s.is_crossed and s.reader_before} - {s.reader.name for s in best.values() if s.is_crossed and not s.reader_before}:
            evidence *= 1.5
        evidence *= self._nearness(reader.path, writer.path) * self._fit(reader, writer)
        if is_same:
            evidence *= 0.5
        return Candidate(writer, evidence, tuple(sorted(best.values(), key=lambda s: -s.weight)))

    def _fit(self, reader: Sited, writer: Sited) -> float:
        pairs = {"smp_rmb": "smp_wmb", "rmb": "wmb", "dma_rmb": "dma_wmb", "virt_rmb": "virt_wmb", "smp_load_acquire": "smp_store_release"}
        if pairs.get(reader.context.barrier) == writer.context.barrier:
            return 1.25
        return 1.0 if writer.context.barrier.startswith("smp_") else 0.8

    def _shared(self, reader: Context, writer: Context) -> Iterator[Shared]:
        by_name: defaultdict[str, list[tuple[Access, bool]]] = defaultdict(list)
        for is_before, accesses in ((True, writer.before), (False, writer.after)):
            for access in accesses:
                by_name[access.name].append((access, is_before))
        for reader_before, accesses in ((True, reader.before), (False, reader.after)):
            for access in accesses:
                for other, writer_before in by_name.get(access.name, ()):
                    weight = self._weight(access, other)
                    if weight > 0:
                        yield Shared(access, other, reader_before, writer_before, weight)

    def _weight(self, access: Access, other: Access) -> float:
        if access.structure and other.structure and access.structure != other.structure:
            return 0.0
        if access.bit and other.bit and access.bit != other.bit:
            return 0.0
        is_typed = bool(access.structure and other.structure) or bool(access.bit and other.bit)
        key = access.bit if access.bit and other.bit else access.name
        weight = self.rarity(key) ** 2 * (1.0 if is_typed else 0.7)
        weight *= {"load": 1.0, "both": 0.8, "address": 0.6, "store": 0.3}[access.kind]
        weight *= {"store": 1.0, "both": 1.0, "address": 0.6, "load": 0.25}[other.kind]
        weight *= 1 / (1 + access.distance / 10) / (1 + other.distance / 10)
        weight *= (0.8 if access.via else 1) * (0.8 if other.via and other.distance else 1)
        return weight


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
    return sum(weight * 0.7**n for n, weight in enumerate(weights))


def _keys(context: Context) -> set[str]:
    keys = {a.bit for a in (*context.before, *context.after) if a.bit}
    return keys | {a.name for a in (*context.before, *context.after) if a.name}


def _order(candidate: Candidate) -> tuple[float, str, int]:
    return -candidate.evidence, candidate.site.path, candidate.site.context.line
