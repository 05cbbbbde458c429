"""Whether the two barriers of a pair order what both sides touch.

In message passing, the reader loads the flag before its barrier and the data after, and the writer
stores the data before its barrier and the flag after. In store buffering, each side stores one
object before a full barrier and loads the other object after. What is not certain is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Literal, NamedTuple

from klplint.facts.barrier_contexts import Context
from klplint.facts.partners import ObjectUse, Order, OrderReason, SharedObject, Side
from klplint.partners.access_rules import AccessRules
from klplint.partners.shared_objects import Mutual, mutual_objects

_FULL = ("all", "store-all")
_SIDES: tuple[Side, Side] = ("before", "after")
_Form = Literal["message", "reply", "buffering"]


class _Wanted(NamedTuple):
    """In one form of order, whether the reader loads (else stores) what is first, and second."""

    loads_first: bool
    loads_second: bool


_FORMS: dict[_Form, _Wanted] = {
    "message": _Wanted(loads_first=True, loads_second=True),
    "reply": _Wanted(loads_first=False, loads_second=False),
    "buffering": _Wanted(loads_first=False, loads_second=True),
}
"""`reply` is a message from the reader's function to the writer's."""


class OrderCheck:
    """Checks the order of pairs, with what rules/accesses.toml says."""

    def __init__(self, rules: AccessRules, structures: Mapping[str, frozenset[str]]) -> None:
        """`structures` has the tags of all structures that are known to have a member."""
        self._rules = rules
        self._structures = structures

    def order(self, reader: Context, writer: Context) -> Order:
        """Whether the barriers of a reader and a writer order what both touch."""
        if self._rules.publishes(writer.barrier):
            return _unchecked("dependency")
        mutual = mutual_objects(reader, writer, self._structures)
        if not mutual:
            return _unchecked("nothing-shared")
        forms = self._forms(reader, writer)
        objects = _ordered(mutual, forms, certain=True)
        if objects:
            return Order("ordered", objects=objects)
        if _ordered(mutual, forms, certain=False):
            return _unchecked("uncertain")
        if "buffering" not in forms and self._may_buffer(reader, writer):
            objects = _ordered(mutual, ["buffering"], certain=True)
            if objects:
                return Order("misordered", "wrong-kind", objects)
        return self._misordered(mutual, reader, writer)

    def _misordered(self, mutual: tuple[Mutual, ...], reader: Context, writer: Context) -> Order:
        """A pair with an object on the same side of both barriers, and another one across them."""
        if len(mutual) == 1:
            return _unchecked("one-object")
        plain = [each for each in mutual if each.is_plain]
        wrong = [o for each in plain for side in _SIDES if (o := each.both_on(side))]
        right = [
            o
            for each in mutual
            if each.is_one_sided
            for side in _SIDES
            if (o := each.across(side, loads=True, certain=False))
        ]
        if not (wrong and right):
            return _unchecked("again" if len(plain) < len(mutual) else "one-way")

        def followed(each: SharedObject) -> int:
            """How many of its accesses the functions of the barriers do not make themselves."""
            sides = ((reader, each.reader), (writer, each.writer))
            return sum(not self._is_direct(context, use) for context, use in sides)

        one, other = min(wrong, key=followed), min(right, key=followed)
        is_plain = followed(one) == followed(other) == 0 and _is_in_turn(one, other)
        return Order(
            "misordered", "same-side", (one, other), followed(one) + followed(other), is_plain
        )

    def _is_direct(self, context: Context, use: ObjectUse) -> bool:
        """Whether the function of a barrier makes an access itself, perhaps by a helper."""
        by_helper = not use.via or self._rules.effects(use.via) is not None
        return use.kind != "address" and by_helper and context.holds(use.line)

    def _forms(self, reader: Context, writer: Context) -> list[_Form]:
        """The forms of order that two barriers can have."""
        are_full = all(self._rules.ordering(c.barrier) in _FULL for c in (reader, writer))
        return ["message", "reply", "buffering"] if are_full else ["message"]

    def _may_buffer(self, reader: Context, writer: Context) -> bool:
        """Whether the writer has a full barrier, and the reader one that orders loads alone."""
        orderings = self._rules.ordering(reader.barrier), self._rules.ordering(writer.barrier)
        return orderings[0] == "reads" and orderings[1] in _FULL


def _unchecked(reason: OrderReason) -> Order:
    return Order("not-checked", reason)


def _ordered(
    mutual: Iterable[Mutual], forms: Iterable[_Form], *, certain: bool
) -> tuple[SharedObject, ...]:
    """Two objects that the barriers order, the first one first; empty if there are none."""
    for form in forms:
        wanted = _FORMS[form]
        for one, other in permutations(mutual, 2):
            first = one.across("before", loads=wanted.loads_first, certain=certain)
            second = other.across("after", loads=wanted.loads_second, certain=certain)
            if first and second:
                return first, second
    return ()


def _is_in_turn(wrong: SharedObject, right: SharedObject) -> bool:
    """Whether the side that is at fault accesses the objects in the order that was wanted.

    The reader loads the flag first, and the writer stores it last. A flag that is loaded after the
    data was hardly meant to guard these: a caller may have tested it.
    """
    reader_is_wrong = right.reader.side == wrong.reader.side
    use, other = (wrong.reader, right.reader) if reader_is_wrong else (wrong.writer, right.writer)
    is_first = (use.line, use.column) < (other.line, other.column)
    return is_first == (use.side == "after")
