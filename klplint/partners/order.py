"""Whether the two barriers of a pair order what both sides touch.

In message passing, the reader loads the flag before its barrier and the data after, and the writer
stores the data before its barrier and the flag after. In store buffering, each side stores one
object before a full barrier and loads the other object after. What is not certain is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations
from typing import Literal, NamedTuple

import msgspec

from klplint.facts.barrier_contexts import FULL, Access, Context
from klplint.facts.partners import ObjectUse, Order, OrderReason, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.faults import Fault, faults, is_direct
from klplint.partners.idle import IdleCheck
from klplint.partners.shared_objects import Mutual, Uses, mutual_objects, uses_by_key

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
        self._idle = IdleCheck(rules)
        self._structures = structures
        self._by_key: dict[int, tuple[Context, Uses]] = {}
        """What contexts touch, with each context, which keeps its id."""

    def _mutual(self, reader: Context, writer: Context) -> tuple[Mutual, ...]:
        """What both contexts touch; what each touches is put in order once."""
        return mutual_objects(
            self._uses(reader), self._uses(writer), reader.function, writer.function
        )

    def _uses(self, context: Context) -> Uses:
        cached = self._by_key.get(id(context))
        if cached is None or cached[0] is not context:
            cached = self._by_key[id(context)] = context, uses_by_key(context, self._structures)
        return cached[1]

    def order(self, reader: Context, writer: Context) -> Order:
        """Whether the barriers of a reader and a writer order what both touch."""
        if self._rules.publishes(writer.barrier):
            return _unchecked("dependency")
        mutual = self._mutual(reader, writer)
        if not mutual:
            return _unchecked("nothing-shared")
        forms = self._forms(reader, writer)
        objects = _ordered(mutual, forms, certain=True)
        fault = self._fault(mutual, reader, writer)
        branch = self._wrong_branch(reader, writer)
        if branch:
            return Order("misordered", "wrong-branch", branch, is_plain=True)
        if fault and fault.is_plain and _overrides(fault, reader, writer):
            return _misordered(fault)
        if objects:
            return Order("ordered", objects=objects)
        is_plain = fault is not None and fault.is_plain
        if not is_plain and _ordered(mutual, forms, certain=False):
            return _unchecked("uncertain")
        objects = self._of_wrong_kind(mutual, reader, writer)
        if objects:
            return Order("misordered", "wrong-kind", objects)
        idle = self._idle.order(mutual, reader, writer)
        if fault and (not fault.followed or not idle):
            return _misordered(fault)
        return idle or _without_fault(mutual)

    def orders_object(
        self, reader: Context, writer: Context, wrong: SharedObject, *, readers: bool
    ) -> bool:
        """Whether two barriers order an object that a pair with one of them has wrong.

        The one at fault is the other reader if `readers`, else the other writer.
        """
        mutual = self._mutual(reader, writer)
        use = wrong.writer if readers else wrong.reader
        for one, other in permutations(mutual, 2):
            uses = one.writers if readers else one.readers
            if (use.line, use.column) not in {(u.access.line, u.access.column) for u in uses}:
                continue
            is_flag = (use.side == "after") == readers
            first, second = (one, other) if is_flag else (other, one)
            flag = first.across("before", loads=True, certain=True)
            data = second.across("after", loads=True, certain=True)
            if flag and data:
                return True
        return False

    def all_ordered(self, reader: Context, writer: Context) -> frozenset[tuple[str, str]]:
        """The names of all two objects that the barriers order, the first one first."""
        mutual, forms = self._mutual(reader, writer), self._forms(reader, writer)
        pairs = (_ordered(two, forms, certain=True) for two in combinations(mutual, 2))
        return frozenset((pair[0].name, pair[1].name) for pair in pairs if pair)

    def _wrong_branch(self, reader: Context, writer: Context) -> tuple[SharedObject, ...]:
        """The flag and the data that the reader loads on a way without the barrier, if any.

        Nothing is wrong if it loads the data behind the barrier, too: they are not the same.
        """
        if not reader.beside:
            return ()
        bypassing = msgspec.structs.replace(reader, after=reader.beside)
        mutual = self._mutual(bypassing, writer)
        objects = _ordered(mutual, ["message"], certain=True)
        if not objects:
            return ()
        flag, data = objects
        places = {(a.line, a.column) for a in reader.beside}
        behind = [a for a in reader.after if a.name and data.name.endswith(a.name) and a.loads]
        if reader.function == writer.function:  # what it changes as the writer is not a load
            changed = {(a.line, a.column) for a in writer.before if a.stores}
            behind = [a for a in behind if (a.line, a.column) not in changed]
        is_in_turn = (flag.reader.line, flag.reader.column) < (data.reader.line, data.reader.column)
        is_plain = is_in_turn and all((a.line, a.column) in places for a in behind)
        # A flag that is loaded in the branch of the barrier alone says nothing about other ways.
        is_in_branch = reader.arm_first_line <= flag.reader.line <= reader.arm_last_line
        is_in_any = is_in_branch and reader.arm_first_line > reader.first_line
        return objects if is_plain and not is_in_any else ()

    def _fault(self, mutual: tuple[Mutual, ...], reader: Context, writer: Context) -> Fault | None:
        """What is most clearly at fault."""
        every = faults(mutual, reader, writer, self._rules)
        return min(
            every, key=lambda f: (f.followed, not f.is_in_turn, not f.is_of_data), default=None
        )

    def _forms(self, reader: Context, writer: Context) -> list[_Form]:
        """The forms of order that two barriers can have."""
        are_full = all(self._rules.ordering(c.barrier) in FULL for c in (reader, writer))
        return ["message", "reply", "buffering"] if are_full else ["message"]

    def ordered_as_message(self, reader: Context, writer: Context) -> tuple[SharedObject, ...]:
        """The flag and the data that two barriers would order, each of the right kind for it.

        Only what both functions access themselves, on one side of their barriers.
        """
        if self._rules.publishes(writer.barrier):
            return ()
        mutual = [each for each in self._mutual(reader, writer) if each.is_one_sided]
        return self._direct(_ordered(mutual, ["message"], certain=True), reader, writer)

    def ordered_if_full(self, reader: Context, writer: Context) -> tuple[SharedObject, ...]:
        """As `ordered_as_message`, or what a full barrier of the reader would order."""
        objects = self.ordered_as_message(reader, writer)
        if objects or self._rules.ordering(writer.barrier) not in FULL:
            return objects
        mutual = self._mutual(reader, writer)
        return self._direct(_ordered(mutual, ["buffering"], certain=True), reader, writer)

    def _direct(
        self, objects: tuple[SharedObject, ...], reader: Context, writer: Context
    ) -> tuple[SharedObject, ...]:
        """Objects that both functions access themselves; none if they do not access all so."""
        are_direct = all(is_direct(each, reader, writer, self._rules) for each in objects)
        return objects if are_direct else ()

    def _of_wrong_kind(
        self, mutual: tuple[Mutual, ...], reader: Context, writer: Context
    ) -> tuple[SharedObject, ...]:
        """What would be ordered if the reader's barrier were a full one, as the writer's is.

        The reader's function stores the first object, and loads or stores the second one.
        """
        orderings = self._rules.ordering(reader.barrier), self._rules.ordering(writer.barrier)
        if orderings[0] != "reads" or orderings[1] not in FULL:
            return ()
        objects = _ordered(mutual, ["buffering", "reply"], certain=True)
        return self._direct(objects, reader, writer)


def _overrides(fault: Fault, reader: Context, writer: Context) -> bool:
    """Whether a fault is so clear that the pair is wrong, even if it orders other objects."""
    return (
        fault.is_of_data or _is_last_store(fault, writer) or _is_first_load(fault, reader, writer)
    )


def _is_first_load(fault: Fault, reader: Context, writer: Context) -> bool:
    """Whether the flag is on the wrong side of the reader's barrier, right behind it.

    The data are loaded next, and the writer's barrier is right between the stores to both.
    """
    wrong, right = fault.wrong, fault.right
    if not fault.is_readers or wrong.reader.side == "before":
        return False
    loads = [(a.line, a.column) for a in reader.after if a.loads]
    stores = [(a.line, a.column) for side in (writer.before, writer.after) for a in _first(side)]
    return loads[:2] == [_place(wrong.reader), _place(right.reader)] and stores == [
        _place(right.writer),
        _place(wrong.writer),
    ]


def _first(side: Iterable[Access]) -> list[Access]:
    """The store of a side that is nearest to the barrier."""
    return [a for a in side if a.stores][:1]


def _place(use: ObjectUse) -> tuple[int, int]:
    return use.line, use.column


def _is_last_store(fault: Fault, writer: Context) -> bool:
    """Whether the flag is on the wrong side of the writer's barrier, right before it."""
    wrong = fault.wrong.writer
    if fault.is_readers or wrong.side == "after" or fault.right.reader.side == "before":
        return False
    stores = (a for a in writer.before if a.kind in ("store", "both"))
    last = next(stores, None)
    return last is not None and (last.line, last.column) == (wrong.line, wrong.column)


def _misordered(fault: Fault) -> Order:
    return Order(
        "misordered",
        "same-side",
        (fault.wrong, fault.right),
        fault.followed,
        is_plain=fault.is_plain,
        is_in_turn=fault.is_in_turn,
        again=fault.again,
    )


def _without_fault(mutual: tuple[Mutual, ...]) -> Order:
    """Why a pair shows neither order nor fault."""
    if len(mutual) == 1:
        return _unchecked("one-object")
    return _unchecked("one-way" if all(each.is_one_sided for each in mutual) else "again")


def _unchecked(reason: OrderReason) -> Order:
    return Order("not-checked", reason)


def _ordered(
    mutual: Sequence[Mutual], forms: Iterable[_Form], *, certain: bool
) -> tuple[SharedObject, ...]:
    """Two objects that the barriers order, the first one first; empty if there are none."""
    for form in forms:
        wanted = _FORMS[form]
        second = [
            (each, o)
            for each in mutual
            if (o := each.across("after", loads=wanted.loads_second, certain=certain))
        ]
        for one in mutual if second else ():
            first = one.across("before", loads=wanted.loads_first, certain=certain)
            other = next((o for each, o in second if each is not one), None)
            if first and other:
                return first, other
    return ()
