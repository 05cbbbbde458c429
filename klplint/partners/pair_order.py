"""The order of pairs in a tree: each barrier with the others of its function in view."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from klplint.facts.barrier_contexts import FULL, LOADS, STORES, UNKNOWN, Access, Context, Ordering
from klplint.facts.partners import ObjectUse, Order, Partner
from klplint.partners.access_rules import AccessRules
from klplint.partners.barrier_sides import MOST_ACCESSES
from klplint.partners.directories import directory_of
from klplint.partners.header_functions import HeaderFunctions, with_wrappers
from klplint.partners.object_index import Sited
from klplint.partners.order import OrderCheck
from klplint.partners.wrong_kind import WrongKinds

# Lines of a function up to which it is plain which of its ways exclude each other.
LONGEST = 80


class PairOrders:
    """Checks the order of pairs whose barriers are in some files."""

    def __init__(
        self,
        contexts: Mapping[str, Iterable[Context]],
        rules: AccessRules,
        headers: HeaderFunctions | None = None,
    ) -> None:
        """`contexts` are those of the barriers in each file; `headers` has what they call."""
        self._headers = headers
        self._rules = rules
        self._whole: dict[tuple[str, int, int], Context] = {}
        structures: defaultdict[str, set[str]] = defaultdict(set)
        self._functions: defaultdict[tuple[str, str], list[Context]] = defaultdict(list)
        self._by_directory: defaultdict[str, list[Sited]] = defaultdict(list)
        for path, inside in contexts.items():
            for context in inside:
                self._by_directory[directory_of(path)].append(Sited(path, context))
                self._functions[path, context.function].append(context)
                for access in (*context.before, *context.after):
                    if access.name and access.structure != UNKNOWN:
                        structures[access.name].add(access.structure)
        tags_of = {name: frozenset(tags) for name, tags in structures.items()}
        self._check = OrderCheck(rules, tags_of)
        self._kinds = WrongKinds(self._by_directory, rules, self._check, self._with_wrappers)

    def order(self, reader: Sited, writer: Sited) -> Order:
        """The order of a pair; not checked if other barriers of the two functions order it."""
        order = self._check.order(self._with_wrappers(reader), self._with_wrappers(writer))
        if order.status != "misordered":
            return order
        if reader.function == writer.function and not self._is_apart(order, reader, writer):
            return Order("not-checked", "one-function")
        if self._is_ordered_elsewhere(order, reader, writer):
            return Order("not-checked", "other-barrier")
        return order

    def all_ordered(self, reader: Sited, writer: Sited) -> frozenset[tuple[str, str]]:
        """The names of all two objects that a pair orders, the first one first."""
        return self._check.all_ordered(self._with_wrappers(reader), self._with_wrappers(writer))

    def of_wrong_kind(self, site: Sited) -> Partner | None:
        """The other side of a barrier that orders the wrong kind of accesses, if it is one."""
        return self._kinds.partner(site)

    def orders(self, reader: Sited, writers: Sequence[Sited]) -> list[Order]:
        """The order of a reader with each of some writers.

        The side at fault deviates if its function has two objects on one side of its barrier, and
        another barrier in its place orders them: of another writer for this very reader, or of
        another reader in the directory for this writer.
        """
        every = [self.order(reader, writer) for writer in writers]
        for number, order in enumerate(every):
            if order.is_plain and order.reason == "same-side":
                writer = writers[number]
                others = (
                    self._other_readers(order, reader, writer)
                    if order.is_readers
                    else self._other_writers(reader, writer, writers)
                )
                if any(self._orders_the_same(order, *pair) for pair in others):
                    every[number] = msgspec.structs.replace(order, deviates=True)
        return every

    def _other_writers(
        self, reader: Sited, writer: Sited, writers: Sequence[Sited]
    ) -> list[tuple[Sited, Sited]]:
        """The reader with the other writers, for a writer near it: its fault is shown once."""
        if directory_of(writer.path) != directory_of(reader.path):
            return []
        return [(reader, other) for other in writers if other.context != writer.context]

    def _other_readers(
        self, order: Order, reader: Sited, writer: Sited
    ) -> list[tuple[Sited, Sited]]:
        """The other readers of the directory with the writer.

        None if another barrier of the reader's function orders the object for that writer.
        """
        alike = [
            site
            for site in self._by_directory[directory_of(reader.path)]
            if site.context.barrier == reader.context.barrier and site.context != reader.context
        ]
        inside = [site for site in alike if site.function == reader.function]
        if any(self._orders_the_same(order, site, writer) for site in inside):
            return []
        return [(site, writer) for site in alike if site.function != reader.function]

    def _orders_the_same(self, order: Order, reader: Sited, writer: Sited) -> bool:
        """Whether a pair orders what is misordered in another one."""
        contexts = self._with_wrappers(reader), self._with_wrappers(writer)
        return self._check.orders_object(*contexts, order.objects[0], readers=order.is_readers)

    def _is_apart(self, order: Order, reader: Sited, writer: Sited) -> bool:
        """Whether a function that has both barriers loads on another way than it stores.

        Else one thread may load what it stored itself, which needs no barrier. In a long function,
        or one with a full barrier, what a context lacks may still be on its way.
        """
        context = self._with_wrappers(writer)
        is_short = context.last_line - context.first_line <= LONGEST
        inside = self._functions[reader.function]
        if not is_short or any(self._rules.ordering(each.barrier) in FULL for each in inside):
            return False
        if max(len(writer.context.before), len(writer.context.after)) >= MOST_ACCESSES:
            return False
        on_way = _places(context.before) | _places(context.after)
        uses = (each.reader for each in order.objects)
        return any((use.line, use.column) not in on_way for use in uses)

    def _with_wrappers(self, site: Sited) -> Context:
        """A context with what the wrappers of headers touch that it calls."""
        if self._headers is None:
            return site.context
        key = site.path, site.context.line, site.context.column
        if key not in self._whole:
            self._whole[key] = with_wrappers(site.context, site.path, self._headers)
        return self._whole[key]

    def _is_behind_flag(self, flag: ObjectUse, reader: Sited) -> bool:
        """Whether another barrier of the reader's function has the flag before it."""
        place = (flag.line, flag.column)
        others = self._others(reader, LOADS)
        return any(place in _places(other.before) for other in others)

    def _others(self, site: Sited, orderings: tuple[Ordering, ...]) -> Iterator[Context]:
        """The other barriers of a function that order loads, or stores."""
        for context in self._functions[site.function]:
            if context != site.context and self._rules.ordering(context.barrier) in orderings:
                yield context

    def _is_ordered_elsewhere(self, order: Order, reader: Sited, writer: Sited) -> bool:
        """Whether another barrier of the function at fault stands between the two accesses."""
        if order.reason == "nothing-before":
            return self._is_behind_flag(order.objects[0].reader, reader)
        if order.reason != "same-side":
            return False
        site = reader if order.is_readers else writer
        uses = [each.reader if order.is_readers else each.writer for each in order.objects]
        others = self._others(site, LOADS if order.is_readers else STORES)
        return any(_separates(other, *uses) for other in others)


def _separates(context: Context, use: ObjectUse, other: ObjectUse) -> bool:
    """Whether a barrier is between two accesses, on every way that has both."""
    before, after = _places(context.before), _places(context.after)
    one, two = (use.line, use.column), (other.line, other.column)
    is_between = (one in before and two in after) or (two in before and one in after)
    return is_between and any(context.is_passed_with(each.line) for each in (use, other))


def _places(accesses: Iterable[Access]) -> set[tuple[int, int]]:
    return {(access.line, access.column) for access in accesses}
