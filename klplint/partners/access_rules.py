"""What rules/accesses.toml says: which barriers order what, and what helpers do with arguments."""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from klplint.analysis.name_patterns import alternatives
from klplint.facts.barrier_contexts import AccessKind, Effects, Ordering

_PLAIN = re.compile(r"\w+")


class Barriers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    """Patterns for the names of barriers, by what they order."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    acquire: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    store_all: tuple[str, ...] = ()

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
    """With it, what `*` stands for in the name is the bit that is accessed."""
    kind: AccessKind = "load"


class AccessRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """The data of rules/accesses.toml."""

    barriers: Barriers
    helpers: tuple[Helper, ...] = ()

    def ordering(self, name: str) -> Ordering | None:
        """What a barrier orders; None for what is not one."""
        match = self._barriers.fullmatch(name)
        return self._orderings[match.lastgroup or ""] if match else None

    @cached_property
    def barrier_pattern(self) -> str:
        """The regular expression of all names of barriers."""
        return "|".join(
            alternatives(names) for names in self.barriers.by_ordering().values() if names
        )

    @cached_property
    def _orderings(self) -> dict[str, Ordering]:
        return {key.replace("-", "_"): key for key in self.barriers.by_ordering()}

    @cached_property
    def _barriers(self) -> re.Pattern[str]:
        groups = (
            f"(?P<{key.replace('-', '_')}>{alternatives(names)})"
            for key, names in self.barriers.by_ordering().items()
            if names
        )
        return re.compile("|".join(groups))

    @cached_property
    def _helpers(self) -> re.Pattern[str]:
        groups = (f"(?P<h{n}>{alternatives(h.names)})" for n, h in enumerate(self.helpers))
        return re.compile("|".join(groups))

    @cached_property
    def _cached(self) -> dict[str, Effects | None]:
        return {}

    def effects(self, name: str) -> Effects | None:
        """What the call of a helper does; None for what is not one."""
        if name not in self._cached:
            self._cached[name] = self._effects(name)
        return self._cached[name]

    def _effects(self, name: str) -> Effects | None:
        match = self._helpers.fullmatch(name)
        if match is None:
            return None
        helper = self.helpers[int((match.lastgroup or "h0")[1:])]
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
            return helper.prefix + match[1]
    return ""
