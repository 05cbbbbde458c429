"""Barriers that order nothing of what a pair shares: one side of them accesses none of it."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.facts.barrier_contexts import Access, Called, Context
from klplint.facts.partners import Again, Order, OrderReason, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.faults import is_direct
from klplint.partners.shared_objects import Mutual

# One object alone may be read for another reason, such as to get a fresh value.
_LEAST_OBJECTS = 2
# A context lists so many calls.
_MOST_CALLS = 8


class IdleCheck:
    """Finds barriers that order nothing, with what rules/accesses.toml says of calls."""

    def __init__(self, rules: AccessRules) -> None:
        self._rules = rules

    def order(self, mutual: tuple[Mutual, ...], reader: Context, writer: Context) -> Order | None:
        """What is wrong if the barrier of one side orders nothing of the pair; None if it does."""
        flag = self._late_flag(mutual, reader, writer)
        if flag:
            again: Again = "load" if reader.repeats(flag.reader.line) else ""
            return Order("misordered", "nothing-before", (flag,), is_plain=True, again=again)
        data = [each for each in map(_data, mutual) if each]
        if len(data) < _LEAST_OBJECTS or any(_may_announce(each, reader) for each in mutual):
            return None
        reason: OrderReason | None = None
        if self._loads_foreign_before(reader):
            return None
        if not (reader.is_small or self._has_unknown(reader.calls_before)):
            reason = "nothing-before"
        elif self._stores_nothing_after(writer):
            reason = "nothing-after"
        return Order("misordered", reason, (data[0], data[1])) if reason else None

    def _late_flag(
        self, mutual: tuple[Mutual, ...], reader: Context, writer: Context
    ) -> SharedObject | None:
        """An object that both access only behind barriers, while nothing is before the reader's."""
        if reader.is_small or self._has_unknown(reader.calls_before):
            return None
        stored = {access.name or access.bit for access in _accesses(writer) if access.stores}
        if any(a.loads and (a.name or a.bit) in stored for a in reader.before):
            return None
        late = [o for each in mutual if each.is_one_sided and (o := each.both_on("after"))]
        direct = (o for o in late if is_direct(o, reader, writer, self._rules))
        flag = next(direct, None)
        is_repeated = flag is not None and reader.repeats(flag.reader.line)
        return None if is_repeated and len(mutual) > 1 else flag

    def _loads_foreign_before(self, reader: Context) -> bool:
        """Whether a function loads what it does not store itself before its barrier."""
        stored = {access.name for access in _accesses(reader) if access.kind in ("store", "both")}
        return any(
            access.loads and access.name not in stored and not self._rules.is_harmless(access.via)
            for access in reader.before
        )

    def _stores_nothing_after(self, writer: Context) -> bool:
        """Whether a function stores nothing after its barrier, and calls nothing that may."""
        following = [a for a in writer.before if writer.repeats(a.line)]  # the next time
        helped = all(self._is_silent(access) for access in (*writer.after, *following))
        return not writer.is_small and helped and not self._has_unknown(writer.calls_after)

    def _is_silent(self, access: Access) -> bool:
        is_direct = not access.via or self._rules.effects(access.via) is not None
        is_direct = is_direct or self._rules.is_harmless(access.via)
        is_passed = access.kind == "address"  # to a call, which is looked at itself
        return is_direct and (is_passed or not access.stores)

    def _has_unknown(self, calls: tuple[Called, ...]) -> bool:
        """Whether calls may touch anything; of too many, not all are listed."""
        is_cut = len(calls) >= _MOST_CALLS
        return is_cut or not all(self._rules.is_harmless(call.name) for call in calls)


def _accesses(context: Context) -> Iterator[Access]:
    yield from context.before
    yield from context.after


def _data(each: Mutual) -> SharedObject | None:
    """The object, if the writer stores it before its barrier and the reader loads it after."""
    return each.across("after", loads=True, certain=True) if each.is_one_sided else None


def _may_announce(each: Mutual, reader: Context) -> bool:
    """Whether the reader may load an object before its barrier that the writer may store.

    In a loop with the barrier, what is loaded behind it comes before it the next time.
    """
    flag = each.both_on("after")
    return each.may_announce or (flag is not None and reader.repeats(flag.reader.line))
