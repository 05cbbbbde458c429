"""Barriers of the wrong kind: a write barrier between loads, or a read barrier between stores.

Such a barrier is not on the side of the pair that its kind says, so its partner is looked for among
the barriers of the directory that access the same objects in the opposite order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from klplint.facts.barrier_contexts import LOADS, STORES, Access, Context, Ordering
from klplint.facts.partners import Order, Partner, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.barrier_sides import MOST_CALLS
from klplint.partners.directories import directory_of
from klplint.partners.object_index import Sited, keys
from klplint.partners.order import OrderCheck

# A pair has two objects. One that more barriers of a directory touch says too little.
_BOTH = 2
_MOST_USERS = 40
_Deed = Literal["loads", "stores"]
_Users = Mapping[str, frozenset[str]]
"""The functions that load, or store, an object around a barrier, by the name of the object."""


class WrongKinds:
    """Finds barriers of the wrong kind in a tree."""

    def __init__(
        self,
        by_directory: Mapping[str, Sequence[Sited]],
        rules: AccessRules,
        check: OrderCheck,
        whole: Callable[[Sited], Context],
    ) -> None:
        """`whole` adds to a context what the wrappers of headers touch that it calls."""
        self._by_directory = by_directory
        self._rules = rules
        self._check = check
        self._whole = whole
        self._cached: dict[tuple[str, _Deed], _Users] = {}
        self._numbers: dict[str, dict[str, list[int]]] = {}

    def partner(self, site: Sited) -> Partner | None:
        """The other side of a barrier of the wrong kind; None if its kind is not wrong."""
        ordering = self._rules.ordering(site.context.barrier)
        if self._rules.is_for_devices(site.context.barrier):
            return None
        if ordering == "writes":
            return self._partner(site, "stores", STORES)
        return self._partner(site, "loads", LOADS) if ordering == "reads" else None

    def _partner(
        self, site: Sited, ordered: _Deed, orderings: tuple[Ordering, ...]
    ) -> Partner | None:
        """The partner of a barrier that has nothing to order of what its kind orders."""
        if not self._is_idle(site, ordered):
            return None
        mine = self._whole(site)
        for other in self._sharing(mine, directory_of(site.path)):
            is_usable = self._rules.ordering(other.context.barrier) in orderings
            if not is_usable or other.function == site.function:
                continue
            theirs = self._whole(other)
            objects = (
                self._check.ordered_if_full(mine, theirs)
                if ordered == "stores"
                else _turned(self._check.ordered_as_message(theirs, mine))
            )
            if objects and all(_is_only(each, mine) for each in objects):
                return _as_partner(other, objects)
        return None

    def _sharing(self, context: Context, directory: str) -> list[Sited]:
        """The barriers of a directory that have two objects in common with one, in order."""
        if directory not in self._numbers:
            numbers: defaultdict[str, list[int]] = defaultdict(list)
            for number, site in enumerate(self._by_directory[directory]):
                for key in keys(self._whole(site)):
                    numbers[key].append(number)
            self._numbers[directory] = dict(numbers)
        by_key = self._numbers[directory]
        shared = Counter(
            number
            for key in keys(context)
            if len(by_key.get(key, ())) <= _MOST_USERS
            for number in by_key.get(key, ())
        )
        sites = self._by_directory[directory]
        return [sites[number] for number in sorted(shared) if shared[number] >= _BOTH]

    def _is_idle(self, site: Sited, ordered: _Deed) -> bool:
        """Whether one side of a barrier has nothing of what its kind orders.

        What no other function of the directory accesses the other way does not count.
        """
        context = self._whole(site)
        users = self._users(directory_of(site.path), "loads" if ordered == "stores" else "stores")
        sides = (context.before, context.calls_before), (context.after, context.calls_after)
        return any(
            len(calls) < MOST_CALLS
            and all(self._rules.is_harmless(call.name) for call in calls)
            and not any(
                _does(access, ordered) and users.get(access.name, frozenset()) - {context.function}
                for access in accesses
            )
            for accesses, calls in sides
        )

    def _users(self, directory: str, deed: _Deed) -> _Users:
        """The functions of a directory that load, or store, an object around a barrier."""
        if (directory, deed) not in self._cached:
            users: defaultdict[str, set[str]] = defaultdict(set)
            for site in self._by_directory[directory]:
                for access in _accesses(site.context):
                    if _does(access, deed):
                        users[access.name].add(site.context.function)
            self._cached[directory, deed] = {name: frozenset(who) for name, who in users.items()}
        return self._cached[directory, deed]


def _does(access: Access, deed: _Deed) -> bool:
    return access.loads if deed == "loads" else access.stores


def _accesses(context: Context) -> Iterator[Access]:
    yield from context.before
    yield from context.after


def _is_only(shared: SharedObject, context: Context) -> bool:
    """Whether a function does nothing else with an object than at its one place in the pair."""
    uses = [a for a in _accesses(context) if shared.name.endswith(a.text)]
    return {a.kind for a in uses} == {shared.reader.kind} and shared.reader.kind != "both"


def _turned(objects: Iterable[SharedObject]) -> tuple[SharedObject, ...]:
    """Objects of a pair whose sides change places: the first one comes last then."""
    return tuple(SharedObject(o.name, o.writer, o.reader) for o in reversed([*objects]))


def _as_partner(site: Sited, objects: tuple[SharedObject, ...]) -> Partner:
    context = site.context
    return Partner(
        function=context.function,
        path=site.path,
        barrier=context.barrier,
        line=context.line,
        column=context.column,
        score=0.0,
        confident=False,
        objects=objects,
        order=Order("misordered", "wrong-kind", objects, is_plain=True),
    )
