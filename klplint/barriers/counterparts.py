"""What a comment names, looked up in the tree: which counterparts are there, and order writes.

Two rounds of querys: the names themselves, then what they call where they hold no barrier
themselves. A bare word that turns out to be a variable was no counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from klplint.barriers import vocabulary as words
from klplint.barriers.families import Families
from klplint.barriers.named_functions import Named
from klplint.barriers.reading import Pairing, Reader, Reading
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    NamedLike,
    Query,
    SourceFile,
    TreeFacts,
)
from klplint.facts.region import Region

Status = Literal["ok", "missing", "no-write-barrier"]
Kind = Literal["function", "file", "macro"]

# Kinds of definitions whose calls and comments are known.
_READABLE = ("function", "macro", "file")
_RANK: dict[Pairing, int] = {"none": 0, "implicit": 1, "explicit": 2}


class WriteBarrier(msgspec.Struct, frozen=True, order=True):
    """A call that orders writes, in a counterpart or in what it calls."""

    path: str
    region: Region
    name: str


class Counterpart(msgspec.Struct, frozen=True):
    """A function, macro or file that a comment names as the other side, as the tree has it.

    `alike` is what is called much like a counterpart that is missing.
    """

    name: str
    kind: Kind
    status: Status
    definitions: tuple[Definition, ...] = ()
    barriers: tuple[WriteBarrier, ...] = ()
    alike: Definition | None = None


class Resolver:
    """Looks up what the comments of one file name."""

    def __init__(self, path: str, tree: TreeFacts, families: Families, reader: Reader) -> None:
        """`path` is the file that the comments stand in."""
        self._path = path
        self._tree = tree
        self._families = families
        self._reader = reader

    def queries(self, reading: Reading) -> Iterator[Query]:
        """What has to be known to resolve a reading; more, once the first answers are there."""
        for named in reading.counterparts:
            yield self._query(named)
            definitions = self._definitions(named)
            if self._is_missing(named, definitions):
                yield NamedLike(named.name, self._path)
            elif not named.pointed_at and not self._barriers(definitions):
                yield from self._callees(definitions)

    def resolved(self, reading: Reading) -> tuple[Reading, tuple[Counterpart, ...]]:
        """A reading without what the tree shows to be no counterpart, and its counterparts."""
        named = tuple(named for named in reading.counterparts if not self._is_object(named))
        changed = msgspec.structs.replace(reading, counterparts=named)
        if reading.by_pointer:
            pairing = self._pointed_pairing(reading.counterparts)
            changed = msgspec.structs.replace(changed, pairing=pairing)
        return changed, tuple(map(self._counterpart, named))

    def _query(self, named: Named) -> Query:
        if named.kind == "file":
            return SourceFile(named.name, self._path)
        return DefinitionsOf(named.name)

    def _definitions(self, named: Named) -> tuple[Definition, ...]:
        """The definitions that a name means here: those of this file, else those for all."""
        found = self._tree.definitions(self._query(named))
        found = tuple(d for d in found if d.kind != "object")
        here = tuple(d for d in found if d.path == self._path)
        shared = tuple(d for d in found if not d.static or d.path.endswith(".h"))
        return here or shared or found

    def _is_object(self, named: Named) -> bool:
        """Whether a name is a variable's, a member's, a type's: known, and nowhere to be called."""
        known = self._tree.definitions(self._query(named))
        return not named.called and bool(known) and all(d.kind == "object" for d in known)

    def _is_missing(self, named: Named, definitions: tuple[Definition, ...]) -> bool:
        query = self._query(named)
        return query in self._tree.answers and not (definitions or self._tree.definitions(query))

    def _counterpart(self, named: Named) -> Counterpart:
        definitions = self._definitions(named)
        kind: Kind = named.kind
        if definitions and all(d.kind == "macro" for d in definitions):
            kind = "macro"
        if self._is_missing(named, definitions):
            alike = self._tree.definitions(NamedLike(named.name, self._path))
            return Counterpart(named.name, kind, "missing", alike=alike[0] if alike else None)
        barriers = self._barriers(definitions)
        readable = [d for d in definitions if d.kind in _READABLE]
        clear = len(readable) == len(definitions) and not self._is_ambiguous(definitions)
        lacks = bool(readable) and clear and not barriers
        status: Status = "no-write-barrier" if lacks and not named.pointed_at else "ok"
        shown = tuple(d for d in definitions if d.kind != "use")
        return Counterpart(named.name, kind, status, shown, barriers)

    def _is_ambiguous(self, definitions: tuple[Definition, ...]) -> bool:
        """Whether a name may mean any of several functions, each static in another file."""
        elsewhere = [d for d in definitions if d.static and d.path != self._path]
        return len({d.path for d in elsewhere if d.path.endswith(".c")}) > 1

    def _own_barriers(self, definitions: tuple[Definition, ...]) -> tuple[WriteBarrier, ...]:
        """The barriers by trade in definitions, else what else in them orders writes."""
        calls = [
            WriteBarrier(d.path, call.region, call.name) for d in definitions for call in d.calls
        ]
        by_trade = [c for c in calls if self._families.is_write_barrier(c.name)]
        return tuple(by_trade or [c for c in calls if self._families.orders_writes(c.name)])

    def _barriers(self, definitions: tuple[Definition, ...]) -> tuple[WriteBarrier, ...]:
        """The barriers in definitions, else in what they call directly."""
        called = {d for q in self._callees(definitions) for d in self._tree.definitions(q)}
        return self._own_barriers(definitions) or self._own_barriers(tuple(sorted(called)))

    def _callees(self, definitions: tuple[Definition, ...]) -> Iterator[Query]:
        """What definitions call: a function of that file, else of another."""
        for definition in definitions:
            for call in definition.calls:
                if self._families.orders_no_writes(call.name):
                    continue
                own = DefinedIn(call.name, definition.path)
                yield own
                if own in self._tree.answers and not self._tree.definitions(own):
                    yield DefinitionsOf(call.name, definition.path)

    def _pointed_pairing(self, named: tuple[Named, ...]) -> Pairing:
        """What is said where a comment points to: it counts if it speaks of barriers, or has one.

        Where the place is not in the tree, or cannot be read, the pointer is taken by its word.
        """
        best: Pairing = "none"
        for name in named:
            definitions = self._definitions(name)
            if name.pointed_at and not any(d.kind in _READABLE for d in definitions):
                return "explicit"
            if any(self._families.is_write_barrier(c.name) for d in definitions for c in d.calls):
                return "explicit"
            for comment in (text for d in definitions for text in d.comments):
                if words.SPEAKS_OF_BARRIERS.search(comment):
                    pairing = self._reader.read_comment(comment).pairing
                    told: Pairing = "explicit" if pairing == "none" else pairing
                    best = max(best, told, key=_RANK.__getitem__)
        return best
