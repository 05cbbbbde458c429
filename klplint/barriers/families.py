"""The families of memory barriers: which ones order reads, writes, or both.

The names are data (rules/barriers.toml); this module answers questions about a name.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

import msgspec

from klplint.analysis.name_patterns import alternatives, fits_any
from klplint.barriers.words import Words

Side = Literal["read", "write"]


class Families(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """Names of barriers by what they order: on the reader's side, and on the writer's side."""

    read: dict[str, str]
    """Barriers that order reads only, each with its usual partner."""
    load: dict[str, str]
    """Loads that order the accesses after them, each with its usual partner."""
    full: dict[str, str]
    """Barriers that order reads and writes, each with its usual partner."""
    write: tuple[str, ...]
    """Patterns for barriers that order writes only; `*` stands for any letters, digits and _."""
    general: tuple[str, ...]
    """Patterns for full barriers that are part of an operation."""
    barrier_functions: tuple[str, ...] = ()
    """Patterns for functions that are full barriers, although a comment names them as functions."""
    before_rmw: tuple[str, ...] = ()
    """Patterns for barriers that order nothing in front of `plain_accesses`."""
    plain_accesses: tuple[str, ...] = ()
    """Patterns for accesses that are not read-modify-write operations."""
    implied: tuple[str, ...]
    """Patterns for functions that order the writes before them, although that is not their job."""
    unordered: tuple[str, ...]
    """Patterns for functions that order no writes, whatever an architecture builds them from."""
    spoken: tuple[str, ...]
    """Patterns for functions that stand for the writer's side only where a comment names them."""
    compiler: tuple[str, ...] = ()
    """Barriers for the compiler only."""
    reading: tuple[str, ...] = ()
    """Patterns for other functions that cannot be the partner of a read barrier."""
    primitives: tuple[str, ...] = ()
    """Patterns for the full names of primitives. Any other name that matches `implied` or `spoken`
    is a function of the tree."""
    device: tuple[str, ...] = ()
    """Write barriers whose other side may be a device, which has no function."""
    device_advice: dict[str, str] = {}
    """What to use against a device, for read barriers that are for other CPUs only."""
    places: tuple[str, ...] = ()
    """Patterns for primitives that a comment may give as the place of a barrier: complete()."""
    writer: dict[str, str] = {}
    """Further barriers that order writes only, each with its usual partner: the partners of `read`
    are such barriers without an entry."""
    store: dict[str, str] = {}
    """Further stores that order the accesses before them, as the partners of `load` do."""
    orders_reads: tuple[str, ...] = ()
    """Patterns for further functions whose job it is to order the reads behind them."""
    implied_reads: tuple[str, ...] = ()
    """Patterns for functions that order the reads behind them, although that is not their job."""
    unordered_reads: tuple[str, ...] = ()
    """Patterns for functions that order no reads, whatever an architecture builds them from."""
    reads_stand_for: dict[str, tuple[str, ...]] = {}
    """What `stands_for` is for the write side, for primitives of the read side."""
    foreign: tuple[str, ...] = ()
    """Barriers that no header of the kernel declares: a configuration file adds them."""
    words: Words
    """The words of comments on barriers."""
    stands_for: dict[str, tuple[str, ...]] = {}
    """For primitives that a comment names, patterns for others that do what they do."""

    @property
    def readers(self) -> dict[str, str]:
        """The barriers of the reader's side, each with its usual partner."""
        return self.read | self.load | self.full

    @property
    def side(self) -> Side:
        """On which side the comments stand that are read with these families."""
        return "read"

    @cached_property
    def writers(self) -> dict[str, str]:
        """The barriers that order writes only, each with its usual partner."""
        return {partner: reader for reader, partner in reversed(self.read.items())} | self.writer

    @cached_property
    def stores(self) -> dict[str, str]:
        """The stores that order the accesses before them, each with its usual partner."""
        return {partner: load for load, partner in reversed(self.load.items())} | self.store

    @property
    def writing(self) -> dict[str, str]:
        """The barriers of the writer's side, each with its usual partner."""
        return self.writers | self.stores | self.full

    def orders_writes(self, name: str) -> bool:
        """Whether a call of `name` orders the writes before it, as its job or as a side effect."""
        return self.is_write_barrier(name) or (
            fits_any(name, self.implied) and not fits_any(name, self.unordered)
        )

    def orders_no_writes(self, name: str) -> bool:
        """Whether `name` promises no order of writes, however an architecture implements it.

        An architecture without a barrier for reads alone uses a full one in its place.
        """
        return self.is_read_side(name) or fits_any(name, self.unordered)

    def is_write_barrier(self, name: str) -> bool:
        """Whether `name` is a proper barrier that orders writes: ordering is its job."""
        return name in self.full or self._writing.fullmatch(name) is not None

    def is_void(self, name: str, following: str) -> bool:
        """Whether the barrier `name` orders nothing, because of the call that follows it."""
        return fits_any(name, self.before_rmw) and fits_any(following, self.plain_accesses)

    @cached_property
    def proper(self) -> tuple[str, ...]:
        """The full names of the barriers by which others are recognized as misspelt."""
        names = (*self.read, *self.full, *self.write, *self.load)
        return tuple(dict.fromkeys(name for name in names if "*" not in name))

    def is_place(self, name: str) -> bool:
        """Whether `name` is a function that holds a barrier, although it is a primitive itself."""
        return fits_any(name, self.places)

    @cached_property
    def _writing(self) -> re.Pattern[str]:
        return re.compile(alternatives((*self.write, *self.general, *self.barrier_functions)))

    def is_read_side(self, name: str) -> bool:
        """Whether `name` is a barrier that cannot be the partner of a read barrier."""
        return name in self.read or name in self.load or name in self.compiler

    def is_known(self, name: str) -> bool:
        """Whether `name` is the full name of a primitive, so that the data says what it orders."""
        return self.is_read_side(name) or name in self.full or bool(self._full_names.match(name))

    @cached_property
    def _full_names(self) -> re.Pattern[str]:
        """The primitives that are listed by their full names: many, asked about for each word."""
        listed = (*self.write, *self.general, *self.implied, *self.unordered, *self.spoken)
        plain = (entry for entry in listed if "*" not in entry)
        return re.compile(rf"(?:{alternatives((*self.primitives, *plain))})\Z")

    def does_as(self, call: str, primitive: str) -> bool:
        """Whether a call makes it true that a function has `primitive`, which a comment names.

        A call whose name contains that of the primitive is a form of it: spin_unlock_irq(). A
        function of the tree that looks like it may be built from it: foo_unlock().
        """
        if primitive in call or any(
            fits_any(primitive, (pattern,)) and fits_any(call, others)
            for pattern, others in self.stands_for.items()
        ):
            return True
        alike = (each for each in self.implied if fits_any(call, (each,)))
        return not self.is_known(call) and any(fits_any(primitive, (each,)) for each in alike)
