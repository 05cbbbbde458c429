"""How two barriers fail to order what both sides access: one object is on the wrong side of one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from klplint.facts.barrier_contexts import Context
from klplint.facts.partners import ObjectUse, SharedObject, Side
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

    one_sided = [each for each in mutual if each.is_one_sided]
    wrong = [o for each in one_sided for side in _SIDES if (o := each.both_on(side))]
    right = [
        o
        for each in one_sided
        for side in _SIDES
        if (o := each.across(side, loads=True, certain=False))
    ]
    # What the writer stores on both sides may be wrong if the nearest store is before the flag's.
    late = [o for each in mutual if each.is_loaded_late and (o := each.both_on("after"))]
    pairs = [*product(wrong, right)]
    # A flag that the reader loads again is still a flag, if the writer is at fault.
    flags = [each for each in mutual if each.is_stored_once and not each.is_one_sided]
    again = [o for each in flags if (o := each.both_on("before"))]
    pairs += [pair for pair in product(again, right) if pair[1].reader.side == "after"]
    again = [o for each in flags if (o := each.across("before", loads=True, certain=True))]
    pairs += [pair for pair in product(wrong, again) if pair[0].reader.side == "after"]
    pairs += [pair for pair in product(late, right) if _is_before_flag(*pair)]
    for one, other in pairs:
        if not any(rules.wakes(each.writer.via) for each in (one, other)):
            yield Fault(one, other, followed(one) + followed(other))


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
