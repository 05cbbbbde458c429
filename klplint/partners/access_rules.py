"""What rules/accesses.toml says: which barriers order what, and what helpers do with arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import Generic, TypeVar

import msgspec

from klplint.analysis.name_patterns import alternatives, fits_any
from klplint.facts.barrier_contexts import AccessKind, Effects, Ordering
from klplint.partners.barrier_calls import BarrierCalls

_CHOICE = re.compile(r"\{([^{}]*)\}")

T = TypeVar("T")


def expanded(pattern: str) -> list[str]:
    """The patterns without `{a,b}` that a pattern stands for."""
    choice = _CHOICE.search(pattern)
    if choice is None:
        return [pattern]
    before, behind = pattern[: choice.start()], pattern[choice.end() :]
    return [name for arm in choice[1].split(",") for name in expanded(f"{before}{arm}{behind}")]


class _Table(Generic[T]):
    """Values by patterns of names; plain names are looked up, the first pattern counts."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._plain: dict[str, T] = {}
        self._open: list[tuple[str, re.Pattern[str], T]] = []
        for pattern, value in entries:
            for name in expanded(pattern):
                if "*" in name:
                    prefix = name.partition("*")[0]
                    self._open.append((prefix, re.compile(alternatives([name])), value))
                else:
                    self._plain.setdefault(name, value)
        self._prefixes = tuple({prefix for prefix, _, _ in self._open})

    def find(self, name: str) -> T | None:
        """The value for a name; None if no pattern fits."""
        if name in self._plain:
            return self._plain[name]
        if not name.startswith(self._prefixes):  # as most: this is one call, and quick
            return None
        for prefix, pattern, value in self._open:
            if name.startswith(prefix) and pattern.fullmatch(name):
                return value
        return None


class Barriers(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"
):
    """Patterns for the names of barriers, by what they order."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    acquire: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    store_all: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    """Those that order accesses to devices, too: they pair with each other."""
    publishes: tuple[str, ...] = ()
    """Those whose usual partner is an address dependency, not a barrier."""
    depends: tuple[str, ...] = ()
    """Loads of published pointers."""
    partners: dict[str, str] = {}
    """The usual partner of a barrier of the reader's side."""

    def by_ordering(self) -> dict[Ordering, tuple[str, ...]]:
        """The patterns by what the barriers order."""
        return {
            "reads": self.reads,
            "writes": self.writes,
            "all": self.all,
            "acquire": self.acquire,
            "release": self.release,
            "store-all": self.store_all,
        }


class Helper(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Helpers that do the same with their arguments."""

    names: tuple[str, ...]
    """Patterns of their names."""
    loads: tuple[int, ...] = ()
    stores: tuple[int, ...] = ()
    both: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    bit: int = 0
    prefix: str = ""
    """With it, what `*` stands for in the name is the bit that is accessed, in lower case."""
    kind: AccessKind = "load"


class AccessRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """The data of rules/accesses.toml."""

    barriers: Barriers = Barriers()
    helpers: tuple[Helper, ...] = ()
    wakers: tuple[str, ...] = ()
    """Patterns for functions that change an object only to wake up who sleeps on it."""
    harmless: tuple[str, ...] = ()
    """Patterns for functions and macros that access nothing which two sides share."""

    def ordering(self, name: str) -> Ordering | None:
        """What a barrier orders; None for what is not one."""
        return self._barriers.find(name)

    def usual_partner(self, name: str) -> str | None:
        """The usual partner of a barrier of the reader's side."""
        return self.barriers.partners.get(name)

    def is_for_devices(self, name: str) -> bool:
        """Whether a barrier orders accesses to devices, too."""
        return fits_any(name, self.barriers.devices)

    def publishes(self, name: str) -> bool:
        """Whether what a barrier publishes is usually read without one."""
        return fits_any(name, self.barriers.publishes)

    def depends(self, name: str) -> bool:
        """Whether a load of a published pointer orders what is behind the pointer."""
        return fits_any(name, self.barriers.depends)

    def wakes(self, name: str) -> bool:
        """Whether a call changes an object only to wake up who sleeps on it."""
        return fits_any(name, self.wakers) if name else False

    def is_harmless(self, name: str) -> bool:
        """Whether a call accesses nothing that the two sides of a barrier share."""
        return self._harmless.find(name) is not None

    @cached_property
    def _harmless(self) -> _Table[bool]:
        return _Table((name, True) for name in self.harmless)

    @cached_property
    def barrier_names(self) -> tuple[str, ...]:
        """All names of barriers."""
        names = chain.from_iterable(self.barriers.by_ordering().values())
        return tuple(sorted({each for name in names for each in expanded(name)}))

    @cached_property
    def barrier_calls(self) -> BarrierCalls:
        """Finds the calls of barriers."""
        return BarrierCalls(self.barrier_names)

    @cached_property
    def _barriers(self) -> _Table[Ordering]:
        return _Table((n, key) for key, names in self.barriers.by_ordering().items() for n in names)

    @cached_property
    def _helpers(self) -> _Table[Helper]:
        return _Table((name, helper) for helper in self.helpers for name in helper.names)

    @cached_property
    def _cached(self) -> dict[str, Effects | None]:
        return {}

    def effects(self, name: str) -> Effects | None:
        """What the call of a helper does; None for what is not one."""
        if name not in self._cached:
            self._cached[name] = self._effects(name)
        return self._cached[name]

    def _effects(self, name: str) -> Effects | None:
        helper = self._helpers.find(name)
        if helper is None:
            return None
        return Effects(
            loads=helper.loads,
            stores=helper.stores,
            both=helper.both,
            unread=helper.unread,
            bit=helper.bit,
            object=_object(name, helper) if helper.prefix else "",
            object_kind=helper.kind,
        )


def _object(name: str, helper: Helper) -> str:
    """The bit that a helper's name says it accesses."""
    for pattern in helper.names:
        match = re.fullmatch(alternatives([pattern]).replace(r"\w*", r"(\w*)"), name)
        if match and match.lastindex:
            return helper.prefix + match[1].lower()
    return ""
