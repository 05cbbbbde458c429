"""The order of pairs in a tree: each barrier with the others of its function in view."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from klplint.facts.barrier_contexts import UNKNOWN, Access, Context
from klplint.facts.partners import ObjectUse, Order
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import directory_of
from klplint.partners.header_functions import HeaderFunctions, with_wrappers
from klplint.partners.object_index import Sited
from klplint.partners.order import OrderCheck


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
        self._whole: dict[tuple[str, int, int], Context] = {}
        structures: defaultdict[str, set[str]] = defaultdict(set)
        self._functions: defaultdict[tuple[str, str], list[Context]] = defaultdict(list)
        for path, inside in contexts.items():
            for context in inside:
                self._functions[path, context.function].append(context)
                for access in (*context.before, *context.after):
                    if access.name and access.structure != UNKNOWN:
                        structures[access.name].add(access.structure)
        tags_of = {name: frozenset(tags) for name, tags in structures.items()}
        self._check = OrderCheck(rules, tags_of)

    def order(self, reader: Sited, writer: Sited) -> Order:
        """The order of a pair; not checked if other barriers of the two functions order it."""
        order = self._check.order(self._with_wrappers(reader), self._with_wrappers(writer))
        if order.status != "misordered":
            return order
        if reader.function == writer.function:
            return Order("not-checked", "one-function")
        if self._is_ordered_elsewhere(order, reader, writer):
            return Order("not-checked", "other-barrier")
        return order

    def orders(self, reader: Sited, writers: Sequence[Sited]) -> list[Order]:
        """The order of a reader with each of some writers.

        A writer deviates if its function has two objects on one side of its barrier, which the
        barrier of another writer orders for this very reader.
        """
        every = [self.order(reader, writer) for writer in writers]
        for number, order in enumerate(every):
            if order.is_plain and order.reason == "same-side" and not _is_readers(order):
                others = [w for w in writers if w.context != writers[number].context]
                is_near = directory_of(writers[number].path) == directory_of(reader.path)
                if is_near and any(self._orders_the_same(order, reader, other) for other in others):
                    every[number] = msgspec.structs.replace(order, deviates=True)
        return every

    def _orders_the_same(self, order: Order, reader: Sited, writer: Sited) -> bool:
        """Whether another writer orders for the reader what is misordered."""
        contexts = self._with_wrappers(reader), self._with_wrappers(writer)
        return self._check.orders_object(*contexts, order.objects[0])

    def _with_wrappers(self, site: Sited) -> Context:
        """A context with what the wrappers of headers touch that it calls."""
        if self._headers is None:
            return site.context
        key = site.path, site.context.line, site.context.column
        if key not in self._whole:
            self._whole[key] = with_wrappers(site.context, site.path, self._headers)
        return self._whole[key]

    def _is_ordered_elsewhere(self, order: Order, reader: Sited, writer: Sited) -> bool:
        """Whether another barrier of the function at fault stands between the two accesses."""
        if order.reason != "same-side":
            return False
        wrong, right = order.objects
        is_readers = _is_readers(order)
        site = reader if is_readers else writer
        uses = [each.reader if is_readers else each.writer for each in (wrong, right)]
        return any(
            _separates(other, *uses)
            for other in self._functions[site.function]
            if other != site.context
        )


def _is_readers(order: Order) -> bool:
    """Whether the reader has both objects on one side of its barrier, not the writer."""
    wrong, right = order.objects
    return right.reader.side == wrong.reader.side


def _separates(context: Context, use: ObjectUse, other: ObjectUse) -> bool:
    """Whether a barrier is between two accesses, on every way that has both."""
    before, after = _places(context.before), _places(context.after)
    one, two = (use.line, use.column), (other.line, other.column)
    is_between = (one in before and two in after) or (two in before and one in after)
    return is_between and any(context.is_passed_with(each.line) for each in (use, other))


def _places(accesses: Iterable[Access]) -> set[tuple[int, int]]:
    return {(access.line, access.column) for access in accesses}
