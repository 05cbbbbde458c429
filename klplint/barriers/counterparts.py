"""What a comment names, looked up in the tree: does each counterpart exist, and order writes?

Queries come in two rounds: first for the names themselves, then for what these call, if they hold
no barrier themselves. A bare word that turns out to be a variable was not a counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from klplint.barriers.families import Families
from klplint.barriers.named_functions import Named
from klplint.barriers.judgement import PAIRINGS, Pairing
from klplint.barriers.primitives import Site
from klplint.barriers.reading import Reader, Reading
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

Status = Literal["ok", "missing", "not-in-part", "elsewhere", "no-write-barrier", "other-barrier"]
Kind = Literal["function", "file", "macro"]

# Kinds of definitions with a body that was read: their calls and comments are all there.
_SPEAKS_OF_BARRIERS = re.compile(
    r"\b(?:\w*[rw]?mb(?:\(\))?(?!\w)|barriers?\b|fences?\b|order(?:s|ed|ing)?\b|reorder)",
    re.IGNORECASE,
)
_READABLE = ("function", "macro", "file")


class WriteBarrier(msgspec.Struct, frozen=True, order=True):
    """A call that orders writes, in a counterpart or in what it calls."""

    path: str
    region: Region
    name: str


class Counterpart(msgspec.Struct, frozen=True):
    """A function, macro or file that a comment names as the writer's side, as found in the tree."""

    name: str
    kind: Kind
    status: Status
    """`ok` also stands for what could not be checked: assembly, say. `not-in-part`: nowhere in a
    tree that is only a part of a kernel, so nothing is claimed. `elsewhere`: not in `file`.
    `other-barrier`: it has a write-side barrier, but none of `holds`."""
    definitions: tuple[Definition, ...] = ()
    barriers: tuple[WriteBarrier, ...] = ()
    """The calls that order writes, in its definitions or in what they call directly."""
    alike: Definition | None = None
    """If it is missing, a definition with a similar name."""
    holds: tuple[str, ...] = ()
    """The primitives that the comment says are in it."""
    file: str = ""
    """The file that the comment says it is in."""

    @property
    def written(self) -> str:
        """The name as messages write it: `f()`, but `kernel/a.c`."""
        return self.name if self.kind == "file" else f"{self.name}()"


class Resolver:
    """Looks up what the comments of one file name."""

    def __init__(self, path: str, tree: TreeFacts, families: Families, reader: Reader) -> None:
        """`path` is the file that holds the comments."""
        self._path = path
        self._tree = tree
        self._families = families
        self._reader = reader

    def queries(self, reading: Reading) -> Iterator[Query]:
        """What is needed to resolve a reading; the first answers may raise more queries."""
        for name in reading.counterparts:
            yield self._query(name)
            if name.file:
                yield SourceFile(name.file, self._path)
            definitions = self._definitions(name)
            if self._is_missing(name, definitions):
                yield NamedLike(name.name, self._path)
            elif not (name.pointed_at or self._is_settled(name, definitions)):
                yield from self._callees(self._with_wrapped(definitions))

    def resolved(self, reading: Reading) -> tuple[Reading, tuple[Counterpart, ...]]:
        """A reading without the names that are not counterparts, and its counterparts."""
        names = tuple(name for name in reading.counterparts if not self._is_object(name))
        if any(
            name.kind == "function" and not (name.operation or name.like_primitive)
            for name in names
        ):
            names = tuple(name for name in names if not self._is_operation(name))
        changed = msgspec.structs.replace(reading, counterparts=names)
        if reading.condition == "pointer":
            pairing = self._pointed_pairing(reading.counterparts)
            changed = msgspec.structs.replace(changed, pairing=pairing)
        counterparts = [*map(self._counterpart, names)]
        missing = {each.name for each in counterparts if each.status == "missing"}
        return changed, tuple(_unless_missing(each, missing) for each in counterparts)

    def _query(self, name: Named) -> Query:
        if name.kind == "file":
            return SourceFile(name.name, self._path)
        return DefinitionsOf(name.name)

    def _definitions(self, name: Named) -> tuple[Definition, ...]:
        """What a name means in this file: definitions in the file itself, else shared ones."""
        answer = self._tree.definitions(self._query(name))
        callable_ones = tuple(d for d in answer if d.kind != "object")
        stated = {d.path for d in self._files(name)}
        here = tuple(d for d in callable_ones if d.path in stated) or tuple(
            d for d in callable_ones if d.path == self._path
        )
        shared = tuple(d for d in callable_ones if not d.static or d.path.endswith(".h"))
        return here or shared or callable_ones

    def _is_object(self, name: Named) -> bool:
        """Whether a name means a variable, a member or a type, and nothing that can be called."""
        answer = self._tree.definitions(self._query(name))
        return not name.called and bool(answer) and all(d.kind == "object" for d in answer)

    def _is_operation(self, name: Named) -> bool:
        """Whether a name, beside a function's, is what that function does.

        In "the foo_unlock() of bar()", bar() is the counterpart, as long as foo_unlock() exists.
        """
        is_other = not name.like_primitive and "_" not in name.name.strip("_")
        does = name.operation or name.like_primitive
        return does and (is_other or bool(self._definitions(name)))

    def _is_missing(self, name: Named, definitions: tuple[Definition, ...]) -> bool:
        """Whether the tree was asked for a name, and does not have it."""
        query = self._query(name)
        return query in self._tree.answers and not (definitions or self._tree.definitions(query))

    def _counterpart(self, name: Named) -> Counterpart:
        """A name with its definitions and barriers, and what that says about it."""
        definitions = self._definitions(name)
        is_macro = bool(definitions) and all(d.kind == "macro" for d in definitions)
        kind: Kind = "macro" if is_macro else name.kind
        if self._is_missing(name, definitions) and self._tree.gaps:
            return Counterpart(name.name, kind, "not-in-part")
        if self._is_missing(name, definitions):
            alike = self._tree.definitions(NamedLike(name.name, self._path))
            return Counterpart(name.name, kind, "missing", alike=alike[0] if alike else None)
        barriers = self._barriers(definitions)
        shown = tuple(d for d in definitions if d.kind != "use")
        status = self._status(name, definitions, barriers)
        return Counterpart(
            name.name, kind, status, shown, barriers, holds=name.holds, file=name.file
        )

    def _status(
        self, name: Named, definitions: tuple[Definition, ...], barriers: tuple[WriteBarrier, ...]
    ) -> Status:
        """What is wrong with a name that the tree has; `ok` where nothing can be said."""
        if self._is_elsewhere(name, definitions):
            return "elsewhere"
        readable = [d for d in definitions if d.kind in _READABLE]
        is_clear = len(readable) == len(definitions) and not self._is_ambiguous(definitions)
        if not (readable and is_clear) or name.pointed_at:
            return "ok"
        if not barriers:
            return "no-write-barrier"
        calls = {call.name for d in (*definitions, *self._called(definitions)) for call in d.calls}
        has_it = not name.holds or any(self._is_one_of(name.holds, call) for call in calls)
        return "ok" if has_it else "other-barrier"

    def _is_one_of(self, primitives: tuple[str, ...], call: str) -> bool:
        """Whether a call does what one of some primitives does."""
        return any(self._families.does_as(call, primitive) for primitive in primitives)

    def _is_settled(self, name: Named, definitions: tuple[Definition, ...]) -> bool:
        """Whether definitions hold what a comment says, so that nothing they call matters."""
        calls = [call.name for d in definitions for call in d.calls]
        has_it = not name.holds or any(self._is_one_of(name.holds, call) for call in calls)
        return has_it and bool(self._barriers(definitions))

    def _files(self, name: Named) -> tuple[Definition, ...]:
        """The file that a comment says a function is in."""
        return self._tree.definitions(SourceFile(name.file, self._path)) if name.file else ()

    def _is_elsewhere(self, name: Named, definitions: tuple[Definition, ...]) -> bool:
        """Whether a comment names the wrong file for a function; a header may be included there."""
        files = {d.path for d in self._files(name)}
        return bool(files and definitions) and not any(
            d.path in files or d.path.endswith(".h") or d.kind not in _READABLE for d in definitions
        )

    def _is_ambiguous(self, definitions: tuple[Definition, ...]) -> bool:
        """Whether a name may mean any of several functions, each static in another file."""
        elsewhere = [d for d in definitions if d.static and d.path != self._path]
        return len({d.path for d in elsewhere if d.path.endswith(".c")}) > 1

    def _barriers(self, definitions: tuple[Definition, ...]) -> tuple[WriteBarrier, ...]:
        """The barriers in definitions, else those in what they call directly."""
        return self._direct_barriers(definitions) or self._direct_barriers(
            self._called(definitions)
        )

    def _called(self, definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        """What definitions call directly, as far as the tree was asked."""
        callees = self._callees(self._with_wrapped(definitions))
        return tuple(sorted({d for q in callees for d in self._tree.definitions(q)}))

    def _direct_barriers(self, definitions: tuple[Definition, ...]) -> tuple[WriteBarrier, ...]:
        """The proper barriers in definitions, else the other calls in them that order writes."""
        calls = [
            WriteBarrier(d.path, call.region, call.name) for d in definitions for call in d.calls
        ]
        proper = [call for call in calls if self._families.is_write_barrier(call.name)]
        return tuple(proper or [c for c in calls if self._families.orders_writes(c.name)])

    def _with_wrapped(self, definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        """Definitions, and for one that only calls a single function also what it passes on to."""
        wrappers = tuple(d for d in definitions if len({call.name for call in d.calls}) == 1)
        wrapped = {d for q in self._callees(wrappers) for d in self._tree.definitions(q)}
        return (*definitions, *sorted(wrapped.difference(definitions)))

    def _callees(self, definitions: tuple[Definition, ...]) -> Iterator[Query]:
        """Queries for what definitions call: a function of the same file, else of another."""
        for definition in definitions:
            for call in definition.calls:
                if self._families.orders_no_writes(call.name) or self._families.is_known(call.name):
                    continue  # how it is built does not matter
                in_file = DefinedIn(call.name, definition.path)
                yield in_file
                if in_file in self._tree.answers and not self._tree.definitions(in_file):
                    yield DefinitionsOf(call.name, definition.path)

    def _pointed_pairing(self, names: tuple[Named, ...]) -> Pairing:
        """How well the pairing is explained where a comment points to.

        A place explains it if a comment there mentions barriers, or if it holds a proper write
        barrier. A place that is not in the tree or cannot be read is trusted.
        """
        best: Pairing = "none"
        for name in names:
            definitions = self._definitions(name)
            if name.pointed_at and not any(d.kind in _READABLE for d in definitions):
                return "explicit"
            if any(self._families.is_write_barrier(c.name) for d in definitions for c in d.calls):
                return "explicit"
            for comment in (text for d in definitions for text in d.comments):
                if _SPEAKS_OF_BARRIERS.search(comment):
                    pairing = self._reader.read_comment(comment, Site("")).pairing
                    explained: Pairing = "explicit" if pairing == "none" else pairing
                    best = max(best, explained, key=PAIRINGS.index)
        return best


def _unless_missing(counterpart: Counterpart, missing: AbstractSet[str]) -> Counterpart:
    """A counterpart that lacks what is nowhere at all has nothing wrong with itself."""
    if counterpart.status == "other-barrier" and missing & {*counterpart.holds}:
        return msgspec.structs.replace(counterpart, status="ok")
    return counterpart
