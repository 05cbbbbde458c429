"""How two barriers fail to order what both sides access: one object is on the wrong side of one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from klplint.facts.barrier_contexts import Context
from klplint.facts.partners import Again, ObjectUse, SharedObject, Side
from klplint.partners.access_rules import AccessRules
from klplint.partners.shared_objects import Mutual

# An access that is farther away, in lines, says too little by itself.
_NEAR = 80
_SIDES: tuple[Side, Side] = ("before", "after")


class Fault(NamedTuple):
    """An object on the same side of both barriers, and one across, which shows what was wanted."""

    wrong: SharedObject
    right: SharedObject
    followed: int
    """How many of the accesses the functions of the barriers do not make themselves."""
    again: Again = ""
    """What is done with the wrong one on the other side of a barrier, too."""

    @property
    def is_readers(self) -> bool:
        """Whether the reader is at fault: it accesses both on one side of its barrier."""
        return self.right.reader.side == self.wrong.reader.side

    @property
    def is_in_turn(self) -> bool:
        """Whether the side that is at fault accesses the objects in the order that was wanted.

        The reader loads the flag first, and the writer stores it last. A flag that is loaded after
        the data was hardly meant to guard these: a caller may have tested it.
        """
        use, other = self.uses
        is_first = (use.line, use.column) < (other.line, other.column)
        return is_first == (use.side == "after")

    @property
    def uses(self) -> tuple[ObjectUse, ObjectUse]:
        """The accesses of the side that is at fault: to what is wrong, and to what is right."""
        if self.is_readers:
            return self.wrong.reader, self.right.reader
        return self.wrong.writer, self.right.writer

    @property
    def is_plain(self) -> bool:
        """Whether both functions make all accesses themselves, in the order that was wanted."""
        return self.followed == 0 and self.is_in_turn

    @property
    def is_of_data(self) -> bool:
        """Whether it is data on the wrong side of the barrier, while the flag is in its place.

        What the reader changes itself is not mere data.
        """
        flag_first = self.right.reader.side == "before"
        return flag_first and self.wrong.reader.kind == "load"


def faults(
    mutual: tuple[Mutual, ...], reader: Context, writer: Context, rules: AccessRules
) -> Iterator[Fault]:
    """All faults that the shared objects show."""

    def followed(each: SharedObject) -> int:
        uses = ((reader, each.reader), (writer, each.writer))
        return sum(not _is_own(context, use, rules) for context, use in uses)

    for wrong, right, again in _suspects(mutual):
        if any(rules.wakes(each.writer.via) for each in (wrong, right)):
            continue
        fault = Fault(wrong, right, followed(wrong) + followed(right), again)
        if not _is_ordered_by_way(fault, reader if fault.is_readers else writer):
            yield fault


def _suspects(mutual: tuple[Mutual, ...]) -> Iterator[tuple[SharedObject, SharedObject, Again]]:
    """Objects on the same side of both barriers, each with one across."""
    once = [each for each in mutual if each.is_one_sided_nearby]
    wrong = [(o, each) for each in once for side in _SIDES if (o := each.both_on(side))]
    right = [
        o for each in once for side in _SIDES if (o := each.across(side, loads=True, certain=False))
    ]
    # Two objects that the reader loads on one side are in no order, whatever the writer does with
    # them far away.
    for (one, each), other in product(wrong, right):
        is_readers = one.reader.side == other.reader.side
        if each.is_loaded_once and (each.is_stored_once or is_readers):
            yield one, other, "" if each.is_stored_once else "store"
    # A flag that the reader loads again is still a flag, if the writer is at fault; but where
    # another flag announces it, it is data, and the reader may look at it before.
    flags = [each for each in mutual if each.is_stored_once and not each.is_one_sided]
    again = [o for each in flags if not _has_flag(each, mutual) and (o := each.both_on("before"))]
    yield from ((*p, "load") for p in product(again, right) if p[1].reader.side == "after")
    again = [o for each in flags if (o := each.across("before", loads=True, certain=True))]
    late = [o for o, each in wrong if each.is_one_sided and o.reader.side == "after"]
    yield from ((*pair, "") for pair in product(late, again))
    # What the writer stores on both sides may be wrong if the nearest store is before the flag's.
    twice = [each for each in mutual if each.is_loaded_late and not each.is_stored_once]
    late = [o for each in twice if (o := each.both_on("after"))]
    yield from ((*pair, "store") for pair in product(late, right) if _is_before_flag(*pair))


def _has_flag(data: Mutual, mutual: tuple[Mutual, ...]) -> bool:
    """Whether another object is loaded before the read barrier and stored after the other one."""
    others = (each for each in mutual if each is not data)
    return any(each.across("before", loads=True, certain=False) for each in others)


def _is_ordered_by_way(fault: Fault, context: Context) -> bool:
    """Whether a barrier is passed between two accesses that are on one side of it in the text.

    In a loop, what is behind it comes before it the next time. What the writer stores in a branch
    that it leaves is not followed by the flag.
    """
    wrong, right = fault.uses
    if not fault.is_in_turn and context.repeats(wrong.line) and context.repeats(right.line):
        return True
    is_behind = not fault.is_readers and wrong.side == "after"
    return is_behind and any(way.bypasses(wrong.line, right.line) for way in context.exits)


def _is_before_flag(wrong: SharedObject, right: SharedObject) -> bool:
    """Whether the writer stores data behind its barrier, and before the flag."""
    return right.writer.side == "after" and (wrong.writer.line, wrong.writer.column) < (
        right.writer.line,
        right.writer.column,
    )


def is_direct(shared: SharedObject, reader: Context, writer: Context, rules: AccessRules) -> bool:
    """Whether the functions of both barriers access an object themselves, and not to wake up."""
    is_own = _is_own(reader, shared.reader, rules) and _is_own(writer, shared.writer, rules)
    return is_own and not rules.wakes(shared.writer.via)


def _is_own(context: Context, use: ObjectUse, rules: AccessRules) -> bool:
    """Whether the function of a barrier makes an access itself, perhaps by a helper."""
    by_helper = not use.via or rules.effects(use.via) is not None
    is_near = abs(use.line - context.line) <= _NEAR
    return use.kind != "address" and by_helper and is_near and context.holds(use.line)
