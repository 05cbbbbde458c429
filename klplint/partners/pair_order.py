"""The order of pairs in a tree: each barrier with the others of its function in view."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from klplint.facts.barrier_contexts import UNKNOWN, Context
from klplint.facts.partners import Order
from klplint.partners.access_rules import AccessRules
from klplint.partners.object_index import Sited
from klplint.partners.order import OrderCheck


class PairOrders:
    """Checks the order of pairs whose barriers are in some files."""

    def __init__(self, contexts: Mapping[str, Iterable[Context]], rules: AccessRules) -> None:
        """`contexts` are those of the barriers in each file."""
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
        order = self._check.order(reader.context, writer.context)
        if order.status != "misordered":
            return order
        if reader.function == writer.function:
            return Order("not-checked", "one-function")
        others = self._others(reader, writer)
        if any(self._check.order(*pair).status == "ordered" for pair in others):
            return Order("not-checked", "other-barrier")
        return order

    def _others(self, reader: Sited, writer: Sited) -> Iterator[tuple[Context, Context]]:
        """The pairs of other barriers of two functions."""
        pairs = product(self._functions[reader.function], self._functions[writer.function])
        given = (reader.context, writer.context)
        yield from (pair for pair in pairs if pair != given)
