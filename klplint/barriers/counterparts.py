"""What a comment names, looked up in the tree: does each counterpart exist, and order writes?

A word that turns out to be a variable was not a counterpart.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from klplint.barriers.families import Families
from klplint.barriers.held_barriers import HeldBarriers, WriteBarrier
from klplint.barriers.name_lookup import READABLE, NameLookup
from klplint.barriers.named_functions import Named
from klplint.barriers.reading import Reader, Reading
from klplint.barriers.verdicts import PAIRINGS, Pairing
from klplint.facts.file_facts import Barrier
from klplint.facts.queries import DefinedIn, Definition, Query, SourceFile, TreeFacts

Status = Literal[
    "ok", "missing", "not-in-part", "elsewhere", "no-write-barrier", "other-barrier", "misspelt"
]
Kind = Literal["function", "file", "macro"]

_SPEAKS_OF_BARRIERS = re.compile(
    r"\b(?:\w*[rw]?mb(?:\(\))?(?!\w)|barriers?\b|fences?\b|order(?:s|ed|ing)?\b|reorder)",
    re.IGNORECASE,
)
_ARCH = "arch/"
# How similar a word has to be to a primitive, from 0 to 1, to be that one misspelt.
_ALIKE = 0.8


class Counterpart(msgspec.Struct, frozen=True):
    """A function, macro or file that a comment names as the writer's side, as found in the tree."""

    name: str
    kind: Kind
    status: Status
    """`ok` also stands for what could not be checked: assembly, say. `not-in-part`: nowhere in a
    tree that is only a part of a kernel, so nothing is claimed. `elsewhere`: not in `file`.
    `other-barrier`: it has a write-side barrier, but none of `holds`. `misspelt`: the comment says
    that it has `misspelt`, which is not a primitive."""
    definitions: tuple[Definition, ...] = ()
    barriers: tuple[WriteBarrier, ...] = ()
    """The calls that order writes, in its definitions or in what they call directly."""
    alike: Definition | None = None
    """If it is missing, a definition with a similar name."""
    data: Definition | None = None
    """If it is missing, a variable or a type of its name."""
    holds: tuple[str, ...] = ()
    """The primitives that the comment says are in it."""
    file: str = ""
    """The file that the comment says it is in."""
    misspelt: str = ""
    """What the comment says is in it, and is not a primitive."""
    primitive: str = ""
    """The primitive that this is most like."""
    how: str = ""
    """In which way the name was resolved."""

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
        self._lookup = NameLookup(path, tree)
        self._held = HeldBarriers(tree, families)

    def queries(self, reading: Reading, function: str = "") -> Iterator[Query]:
        """What is needed to resolve a reading; the first answers may raise more queries.

        `function` holds the barrier.
        """
        if reading.itself or (function and any(n.ordered for n in reading.counterparts)):
            yield DefinedIn(function, self._path)
        if reading.condition == "spot":
            yield from self._marking()
        for name in reading.counterparts:
            yield from self._lookup.queries(name)
            definitions = self._lookup.definitions(name)
            if not name.pointed_at:
                yield from self._held.queries(definitions, name.holds)

    def resolved(
        self, reading: Reading, barrier: Barrier | None = None
    ) -> tuple[Reading, tuple[Counterpart, ...]]:
        """A reading without the names that are not counterparts, and its counterparts."""
        names = tuple(filter(self._lookup.may_be_meant, reading.counterparts))
        misspelt = self._misspelt(names)
        names = tuple(n for n in names if n.name not in misspelt)
        if any(not _is_action(name) for name in names if name.kind == "function"):
            names = tuple(name for name in names if not self._is_operation(name))
        others = self._lookup.not_called_in(barrier.function or "", names) if barrier else names
        if names and not others:
            reading = msgspec.structs.replace(reading, pairing="none", condition="")
        names = others
        changed = self._with_condition(
            msgspec.structs.replace(reading, counterparts=names), reading
        )
        if changed.pairing == "none" and changed.condition != "pointer":
            return msgspec.structs.replace(changed, counterparts=()), ()
        if barrier and reading.itself and self._is_alone(barrier):
            itself = f"the barrier in {barrier.function}(), which is this one"
            return msgspec.structs.replace(changed, pairing="none", impossible=itself), ()
        reader = barrier.function or "" if barrier else ""
        counterparts = [self._counterpart(name, misspelt, reader) for name in names]
        missing = {each.name for each in counterparts if each.status == "missing"}
        return changed, tuple(_unless_missing(each, missing) for each in counterparts)

    def _with_condition(self, reading: Reading, before: Reading) -> Reading:
        """A reading whose condition is looked up in the tree; `before` has all its names."""
        match reading.condition:
            case "pointer":
                pairing = self._pointed_pairing(before.counterparts)
            case "name":
                # "A vs. B", where A is a variable: B is what this side accesses, too.
                is_of_objects = any(map(self._lookup.is_object, before.counterparts)) and not any(
                    name.called for name in before.counterparts
                )
                is_function = not is_of_objects and any(
                    map(self._lookup.is_meant, reading.counterparts)
                )
                is_known = is_function or not self._was_asked(before.counterparts)
                pairing = reading.pairing if is_known or self._tree.gaps else "none"
            case "spot":
                pairing = reading.pairing if self._is_marked(reading) else "implicit"
            case _:
                return reading
        return msgspec.structs.replace(reading, pairing=pairing)

    def _was_asked(self, names: tuple[Named, ...]) -> bool:
        return any(self._lookup.query(name) in self._tree.answers for name in names)

    def _marking(self) -> Iterator[Query]:
        """The files whose comments may mark a spot: this one, and its header or C file."""
        yield SourceFile(self._path, self._path)
        stem, _, ending = self._path.rpartition("/")[2].rpartition(".")
        yield SourceFile(f"{stem}.{'h' if ending == 'c' else 'c'}", self._path)

    def _is_marked(self, reading: Reading) -> bool:
        """Whether another comment of the file marks the spot that a comment pairs with."""
        files = [*self._marking()]
        if not any(file in self._tree.answers for file in files):
            return True
        spot = re.escape(reading.spot)
        marked = re.compile(rf"\A\W*{spot}(?![\w'])|\({spot}\)|\b{spot}:")
        this_comment = reading.source.text if reading.source else ""
        comments = (
            text for file in files for d in self._tree.definitions(file) for text in d.comments
        )
        return any(marked.search(text) for text in comments if text != this_comment)

    def _is_alone(self, barrier: Barrier) -> bool:
        """Whether the function of a barrier, which it is said to pair with, has no other one."""
        inside = DefinedIn(barrier.function or "", self._path)
        others = [
            call.name
            for definition in self._tree.definitions(inside)
            for call in definition.calls
            if call.region != barrier.region
        ]
        asked = bool(self._tree.definitions(inside))
        return asked and not any(
            self._families.orders_writes(name) or self._families.is_read_side(name)
            for name in others
        )

    def _misspelt(self, names: tuple[Named, ...]) -> dict[str, str]:
        """The names that are nowhere, and look like primitives: each with the nearest of them."""
        misspelt: dict[str, str] = {}
        for name in names:
            if not (name.operation and self._lookup.is_missing(name)):
                continue
            near = difflib.get_close_matches(name.name, self._families.proper, 1, cutoff=_ALIKE)
            if near:
                misspelt[name.name] = near[0]
        return misspelt

    def _is_operation(self, name: Named) -> bool:
        """Whether a name, beside a function's, is what that function does.

        In "the foo_unlock() of bar()", bar() is the counterpart, as long as foo_unlock() exists.
        """
        is_everyday = not name.like_primitive and "_" not in name.name.strip("_")
        return _is_action(name) and (is_everyday or bool(self._lookup.definitions(name)))

    def _counterpart(self, name: Named, misspelt: dict[str, str], reader: str) -> Counterpart:
        """A name with its definitions and barriers, and what that says about it.

        `reader` is the function that holds the comment's barrier.
        """
        how, definitions = self._lookup.how(name, reader)
        is_macro = bool(definitions) and all(d.kind == "macro" for d in definitions)
        kind: Kind = "macro" if is_macro else name.kind
        is_missing = self._lookup.is_missing(name, reader)
        if is_missing and self._orders_by_itself(name):
            return Counterpart(name.name, kind, "ok", how=how)
        if is_missing and self._tree.gaps:
            return Counterpart(name.name, kind, "not-in-part", how=how)
        if is_missing:
            alike = self._lookup.alike(name, reader)
            first = alike[0] if alike else None
            data = next(iter(self._lookup.answer(name)), None)
            return Counterpart(
                name.name, kind, "missing", alike=first, data=data, holds=name.holds, how=how
            )
        wrong = next((word for word in misspelt if name.after == word), "")
        barriers = self._held.barriers(definitions)
        return Counterpart(
            name.name,
            kind,
            "misspelt" if wrong else self._status(name, definitions, barriers),
            tuple(d for d in definitions if d.kind != "use"),
            barriers,
            holds=name.holds,
            file=name.file,
            misspelt=wrong,
            primitive=misspelt.get(wrong, ""),
            how=how,
        )

    def _status(
        self, name: Named, definitions: tuple[Definition, ...], barriers: tuple[WriteBarrier, ...]
    ) -> Status:
        """What is wrong with a name that the tree has; `ok` where nothing can be said."""
        if self._is_elsewhere(name, definitions):
            return "elsewhere"
        readable = [d for d in definitions if d.kind in READABLE]
        is_clear = len(readable) == len(definitions)
        if not readable or not is_clear or self._lookup.is_ambiguous(definitions):
            return "ok"
        if name.pointed_at or name.locked or self._is_ordered_elsewhere(name, definitions):
            return "ok"
        if not barriers:
            return "ok" if self._held.is_explained(definitions) else "no-write-barrier"
        has_it = not name.holds or self._held.holds(definitions, name.holds)
        return "ok" if has_it else "other-barrier"

    def _is_ordered_elsewhere(self, name: Named, definitions: tuple[Definition, ...]) -> bool:
        """Whether what orders is not in the code of definitions: in a primitive, or in assembly.

        What an architecture defines for the other files is often made of its own instructions.
        """
        if self._orders_by_itself(name) or (name.kind == "file" and name.name.endswith(".S")):
            return True
        if any(d.kind == "assembly" for d in self._held.called(definitions)):
            return True
        return not self._path.startswith(_ARCH) and all(
            d.path.startswith(_ARCH) for d in definitions
        )

    def _orders_by_itself(self, name: Named) -> bool:
        """Whether a name is that of a primitive of which the data says that it orders."""
        return self._families.is_known(name.name) and self._families.orders_writes(name.name)

    def _is_elsewhere(self, name: Named, definitions: tuple[Definition, ...]) -> bool:
        """Whether a comment names the wrong file for a function; a header may be included there."""
        files = {d.path for d in self._lookup.files(name)}
        return bool(files and definitions) and not any(
            d.path in files or d.path.endswith(".h") or d.kind not in READABLE for d in definitions
        )

    def _pointed_pairing(self, names: tuple[Named, ...]) -> Pairing:
        """How well the pairing is explained where a comment points to.

        A place explains it if a comment there mentions barriers, or if it holds a proper write
        barrier. A place that is not in the tree or cannot be read is trusted.
        """
        best: Pairing = "none"
        for name in names:
            definitions = self._lookup.definitions(name)
            if name.pointed_at and not any(d.kind in READABLE for d in definitions):
                return "explicit"
            if any(self._families.is_write_barrier(c.name) for d in definitions for c in d.calls):
                return "explicit"
            for comment in (text for d in definitions for text in d.comments):
                if _SPEAKS_OF_BARRIERS.search(comment):
                    pairing = self._reader.read_comment(comment).pairing
                    explained: Pairing = "explicit" if pairing == "none" else pairing
                    best = max(best, explained, key=PAIRINGS.index)
        return best


def _is_action(name: Named) -> bool:
    return name.operation or name.like_primitive


def _unless_missing(counterpart: Counterpart, missing: AbstractSet[str]) -> Counterpart:
    """A counterpart that lacks what is nowhere at all has nothing wrong with itself."""
    if counterpart.status == "other-barrier" and missing & {*counterpart.holds}:
        return msgspec.structs.replace(counterpart, status="ok")
    return counterpart
