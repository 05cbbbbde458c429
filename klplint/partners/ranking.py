"""Which barrier is the partner of a reader: candidates ranked by what both sides touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from klplint.facts.barrier_contexts import STORES, Context, FileContexts
from klplint.partners.access_rules import AccessRules
from klplint.partners.evidence import Comparison, Evidence
from klplint.partners.inline_calls import with_inline_calls
from klplint.partners.object_index import ObjectIndex, Sited, keys

# Candidates that are compared in full, and objects that lead to candidates: those that more
# contexts touch say too little.
_MOST_CANDIDATES = 40
_MOST_USERS = 300
# Factors of the evidence, fitted as those in evidence.py.
_SAME_FILE = 2.2
_SAME_DIRECTORY = 1.7
_USUAL = 1.25
_UNUSUAL = 0.5
_OWN = 0.4
"""For a barrier in the reader's function."""
_TAKEN = 0.2
"""For a barrier that pairs with an acquire in the reader's function."""


_Number = tuple[int, int]
"""A context, by the number of its file and its own in the file."""


class Candidate(NamedTuple):
    """A possible partner with the evidence for it."""

    site: Sited
    evidence: Evidence
    amount: float
    """The evidence, with what kind of barrier it is, and where."""
    by_objects: float
    """The evidence by the objects and the places alone."""
    is_own: bool
    """Whether it is in the function of the reader."""
    is_near: bool
    """Whether it is in the directory of the reader."""
    is_taken: bool
    """Whether an acquire in the reader's function pairs with it."""
    is_usual: bool
    """Whether it is of the usual kind for a partner of this reader."""

    @property
    def sure(self) -> float:
        """The part of the amount that objects make which are the same for certain."""
        return self.amount * self.evidence.sure / self.evidence.amount


class Ranking:
    """Ranks the write-side barriers of a tree as partners of its readers."""

    def __init__(self, files: Iterable[FileContexts], rules: AccessRules) -> None:
        self._rules = rules
        self._files = {file.path: file for file in files}
        self._numbers = {path: number for number, path in enumerate(self._files)}
        read = with_inline_calls([*self._files.values()])
        self.contexts = {file.path: file.contexts for file in read}
        self._shared = {file.path: frozenset(file.shared) for file in read}
        self._index = ObjectIndex(_sited(self.contexts))
        self._comparison = Comparison(self._index, rules)
        self._writers: dict[_Number, Sited] = {}
        self._by_key: defaultdict[str, set[_Number]] = defaultdict(set)
        self._add_writers(self.contexts)

    def _add_writers(self, paths: Iterable[str]) -> None:
        for path in paths:
            for place, context in enumerate(self.contexts[path]):
                if self._rules.ordering(context.barrier) in STORES:
                    number = self._numbers[path], place
                    self._writers[number] = Sited(path, context)
                    for key in keys(context):
                        self._by_key[key].add(number)

    def takes(self, files: Iterable[FileContexts]) -> bool:
        """Take other contexts of the files; False if too much differs to do so."""
        new = {file.path: file for file in files}
        if [*new] != [*self._files]:
            return False
        changed = {p for p, file in new.items() if file is not self._files[p]}
        changed = {path for path in changed if new[path] != self._files[path]}
        if any(new[path].helpers != self._files[path].helpers for path in changed):
            return False
        before = {path: self.contexts[path] for path in changed}
        self._files = new
        read = with_inline_calls([*new.values()], changed)
        self.contexts |= {file.path: file.contexts for file in read}
        self._shared |= {file.path: frozenset(file.shared) for file in read}
        self._index.replace(_sited(before), _sited({p: self.contexts[p] for p in changed}))
        self._comparison = Comparison(self._index, self._rules)
        for path, contexts in before.items():
            for place, context in enumerate(contexts):
                number = self._numbers[path], place
                if self._writers.pop(number, None):
                    for key in keys(context):
                        self._by_key[key].discard(number)
        self._add_writers(changed)
        return True

    def contexts_in(self, path: str) -> tuple[Context, ...]:
        """The contexts of the barriers of a file."""
        return self.contexts.get(path, ())

    def candidates(self, reader: Sited) -> list[Candidate]:
        """The best candidates, best first."""
        compared = (self._candidate(reader, writer) for writer in self._likely(reader))
        return sorted((each for each in compared if each.amount > 0), key=_order)

    def _likely(self, reader: Sited) -> list[Sited]:
        """The writers that share most with a reader, by the rarity of the objects alone."""
        votes: defaultdict[_Number, float] = defaultdict(float)
        for key in sorted(keys(reader.context)):
            users = self._by_key.get(key, ())
            if len(users) <= _MOST_USERS:
                rarity = self._index.rarity(key)
                for number in users:
                    votes[number] += rarity
        place = (reader.path, reader.context.line, reader.context.column)
        for number in [*votes]:
            writer = self._writers[number]
            is_reader = (writer.path, writer.context.line, writer.context.column) == place
            never = is_reader or self._is_replaced(writer, reader.path)
            votes[number] *= 0 if never else _closeness(reader.path, writer.path)
        best = sorted(votes, key=lambda number: (-votes[number], number))
        return [self._writers[number] for number in best[:_MOST_CANDIDATES] if votes[number]]

    def _is_replaced(self, writer: Sited, path: str) -> bool:
        """Whether the file at `path` has its own version of a writer's function.

        A kernel has one of the two: an architecture may bring its own queued spinlocks.
        """
        name = writer.context.function
        is_shared = name in self._shared[writer.path] and name in self._shared.get(path, ())
        return is_shared and writer.path != path

    def _candidate(self, reader: Sited, writer: Sited) -> Candidate:
        evidence = self._comparison.evidence(reader, writer)
        amount = by_objects = evidence.amount * _closeness(reader.path, writer.path)
        amount *= self._fit(reader.context.barrier, writer.context.barrier)
        is_own = reader.function == writer.function
        amount *= _OWN if is_own else 1.0
        is_taken = self._is_taken(reader.context, writer.context)
        amount *= _TAKEN if is_taken else 1.0
        is_near = _directory(reader.path) == _directory(writer.path)
        is_usual = self._is_usual(reader.context.barrier, writer.context.barrier)
        return Candidate(writer, evidence, amount, by_objects, is_own, is_near, is_taken, is_usual)

    def _is_usual(self, reader: str, writer: str) -> bool:
        """Whether a barrier is the usual partner of a reader; a full one has several."""
        is_full = self._rules.ordering(reader) in ("all", "store-all")
        return is_full or self._rules.usual_partner(reader) in (None, writer)

    def _fit(self, reader: str, writer: str) -> float:
        """How well two kinds of barriers go together."""
        rules = self._rules
        if rules.usual_partner(reader) == writer:
            return _USUAL
        is_unusual = rules.is_for_devices(reader) != rules.is_for_devices(writer)
        return _UNUSUAL if is_unusual or rules.publishes(writer) else 1.0

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


def _sited(contexts: Mapping[str, Iterable[Context]]) -> list[Sited]:
    return [Sited(path, context) for path, each in contexts.items() for context in each]


def _closeness(path: str, other: str) -> float:
    """A factor for where two files are; 0 if they are never in the same kernel."""
    if path == other:
        return _SAME_FILE
    architectures = _architecture(path), _architecture(other)
    if all(architectures) and architectures[0] != architectures[1]:
        return 0.0
    return _SAME_DIRECTORY if _directory(path) == _directory(other) else 1.0


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _architecture(path: str) -> str:
    """The directory of the architecture that a file belongs to; "" if it belongs to none."""
    top, _, rest = path.partition("/")
    return rest.partition("/")[0] if top == "arch" else ""


def _order(candidate: Candidate) -> tuple[float, bool, str, int, int]:
    """Of equal ones, a function that others call comes before one that is internal."""
    context = candidate.site.context
    is_internal = context.function.startswith("_")
    place = candidate.site.path, context.line, context.column
    return -round(candidate.amount, 6), is_internal, *place
