"""The objects that a reader and a writer share, with all accesses of each side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from klplint.facts.barrier_contexts import UNKNOWN, Access, Context
from klplint.facts.partners import ObjectUse, SharedObject, Side

OTHER: dict[Side, Side] = {"before": "after", "after": "before"}

_Key = tuple[str, str, str]


class Use(NamedTuple):
    """An access on one side of a barrier."""

    access: Access
    side: Side
    is_far: bool = False
    """Whether it only shows that the object is accessed on this side, too."""


Uses = Mapping[_Key, list[Use]]
"""The accesses of a context by the name, the structure and the bit of the object."""


class Mutual(NamedTuple):
    """An object that both sides touch for certain."""

    readers: tuple[Use, ...]
    """The accesses of the reader's function, nearest first."""
    writers: tuple[Use, ...]
    maybe_readers: tuple[Use, ...] = ()
    """Accesses to what may be the object: of a structure or a bit that is not known."""
    maybe_writers: tuple[Use, ...] = ()
    far_readers: tuple[Use, ...] = ()
    """Accesses to what is or may be the object, farther away than those."""
    far_writers: tuple[Use, ...] = ()

    def across(self, side: Side, *, loads: bool, certain: bool) -> SharedObject | None:
        """The object, if the reader accesses it on `side` of its barrier, the writer on the other.

        One side loads it, and the other one stores it: the reader loads it if `loads`. Unless
        `certain`, what may be the object counts, too, and who passes its address may do either.
        """
        readers = self.readers if certain else (*self.readers, *self.maybe_readers)
        writers = self.writers if certain else (*self.writers, *self.maybe_writers)
        reader = _nearest(readers, side, loads=loads, certain=certain)
        writer = _nearest(writers, OTHER[side], loads=not loads, certain=certain)
        if reader is None or writer is None:
            return None
        # To take the address on both sides (of a lock, or of an element) says nothing.
        is_touched = reader.access.kind != "address" or writer.access.kind != "address"
        return _shared(reader, writer) if is_touched else None

    def both_on(self, side: Side) -> SharedObject | None:
        """The object, if the reader loads it on a side, and the writer stores it on the same."""
        reader = _nearest(self.readers, side, loads=True, certain=True)
        writer = _nearest(self.writers, side, loads=False, certain=True)
        return _shared(reader, writer) if reader and writer else None

    @property
    def is_one_sided(self) -> bool:
        """Whether the reader may load it on one side only, and the writer store it on one only.

        What is loaded on both sides is read again; what may be stored on both is stored twice. It
        does not matter where the writer loads what it stores, and where the reader stores it.
        """
        return self.is_loaded_once and self.is_stored_once

    @property
    def is_one_sided_nearby(self) -> bool:
        """Whether that is so of the accesses near both barriers."""
        return self._replace(far_readers=(), far_writers=()).is_one_sided

    @property
    def is_loaded_once(self) -> bool:
        """Whether the reader may load it on one side of its barrier only."""
        return len(self._load_sides) == 1

    @property
    def is_stored_once(self) -> bool:
        """Whether the writer may store it on one side of its barrier only."""
        return len(self._store_sides) == 1

    @property
    def is_loaded_late(self) -> bool:
        """Whether the reader loads it only after its barrier, wherever the writer stores it."""
        return self._load_sides == {"after"}

    @property
    def may_announce(self) -> bool:
        """Whether the reader may load it before its barrier, and the writer store it at all."""
        return "before" in self._load_sides and bool(self._store_sides)

    @property
    def _load_sides(self) -> set[Side]:
        uses = (*self.readers, *self.maybe_readers, *self.far_readers)
        return {use.side for use in uses if use.access.loads}

    @property
    def _store_sides(self) -> set[Side]:
        uses = (*self.writers, *self.maybe_writers, *self.far_writers)
        return {use.side for use in uses if use.access.stores}


def mutual_objects(reads: Uses, writes: Uses, reader: str, writer: str) -> tuple[Mutual, ...]:
    """The objects that both contexts touch, in the order in which the reader does.

    What one function accesses by a call of the other, whose names are given, is not shared.
    """
    shared = []
    for key, uses in reads.items():
        if key in writes and (key[1] != UNKNOWN or key[2]):
            of_reader = [use for use in uses if use.access.via != writer]
            of_writer = [use for use in writes[key] if use.access.via != reader]
            if _near(of_reader) and _near(of_writer):
                readers, writers = [*_alike(key, reads)], [*_alike(key, writes)]
                maybe = _near(readers), _near(writers)
                far = _far([*of_reader, *readers]), _far([*of_writer, *writers])
                shared.append(Mutual(_near(of_reader), _near(of_writer), *maybe, *far))
    return tuple(shared)


def uses_by_key(context: Context, structures: Mapping[str, frozenset[str]]) -> Uses:
    """The accesses of a context by their objects.

    A member of a structure that is not known counts as that of the only structure in `structures`
    which has one of the name.
    """
    uses: defaultdict[_Key, list[Use]] = defaultdict(list)
    for use in _uses(context):
        access = use.access
        structure = access.structure
        if structure == UNKNOWN:
            candidates = structures.get(access.name, frozenset())
            if len(candidates) == 1:
                (structure,) = candidates
        uses[access.name, structure, access.bit].append(use)
    return uses


def _uses(context: Context) -> Iterator[Use]:
    yield from (Use(access, "before") for access in context.before)
    yield from (Use(access, "after") for access in context.after)
    yield from (Use(access, "before", is_far=True) for access in context.far_before)
    yield from (Use(access, "after", is_far=True) for access in context.far_after)


def _near(uses: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(use for use in uses if not use.is_far)


def _far(uses: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(use for use in uses if use.is_far)


def _alike(key: _Key, uses: Mapping[_Key, list[Use]]) -> Iterator[Use]:
    """Accesses that may be to the object of a key, but not for certain."""
    for other, accesses in uses.items():
        if other[0] == key[0] and other != key and _may_be_same(key, other):
            yield from accesses


def _may_be_same(one: _Key, other: _Key) -> bool:
    if one[0] != other[0] or (one[2] and other[2] and one[2] != other[2]):
        return False
    return one[1] == other[1] or not (_is_tag(one[1]) and _is_tag(other[1]))


def _is_tag(structure: str) -> bool:
    return structure != UNKNOWN and not structure.endswith(".")


def _nearest(uses: Iterable[Use], side: Side, *, loads: bool, certain: bool) -> Use | None:
    """The first access on a side that loads, or that stores."""
    for use in uses:
        access = use.access
        fits = access.loads if loads else access.stores
        if use.side == side and fits and not (certain and access.kind == "address"):
            return use
    return None


def _shared(reader: Use, writer: Use) -> SharedObject:
    name = max(reader.access.text, writer.access.text, key=len)
    return SharedObject(name, _object_use(reader), _object_use(writer))


def _object_use(use: Use) -> ObjectUse:
    access = use.access
    end = access.column + len(access.name or access.via)
    return ObjectUse(use.side, access.kind, access.line, access.column, end, access.via)
