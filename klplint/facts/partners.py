"""The partners of read barriers that the code shows: what a search that reads no comment found."""

from __future__ import annotations

from typing import Literal

from klplint.facts.barrier_contexts import AccessKind
from klplint.facts.region import Fact, Region

Side = Literal["before", "after"]


class ObjectUse(Fact, frozen=True, array_like=True):
    """How one side of a pair accesses a shared object, nearest to its barrier."""

    side: Side
    """Whether that is before or after the barrier."""
    kind: AccessKind
    line: int
    column: int
    end_column: int
    via: str = ""
    """The helper or function that makes the access; "" if it is plain."""

    @property
    def region(self) -> Region:
        """Where the access stands."""
        return Region(self.line, self.column, self.line, self.end_column)


class SharedObject(Fact, frozen=True, array_like=True):
    """An object that both sides of a pair touch."""

    name: str
    reader: ObjectUse
    writer: ObjectUse

    @property
    def is_crossed(self) -> bool:
        """Whether the two sides touch it on opposite sides of their barriers."""
        return self.reader.side != self.writer.side


OrderStatus = Literal["ordered", "misordered", "not-checked"]
OrderReason = Literal[
    "",
    "same-side",
    "wrong-kind",
    "wrong-branch",
    "nothing-before",
    "nothing-after",
    "nothing-shared",
    "uncertain",
    "one-object",
    "again",
    "one-way",
    "other-barrier",
    "one-function",
    "dependency",
]
"""What is wrong with the order of a pair, or why it was not checked; "" if it is right.

`same-side`: an object is on the same side of both barriers. `wrong-kind`: a side stores what its
barrier has to order, and the barrier orders loads alone; or it loads, and that orders stores.
`wrong-branch`: the reader loads the data on a way that does not pass its barrier. `nothing-before`:
the reader loads nothing of what the writer stores before its barrier. `nothing-after`: the writer
stores nothing after its own.

`nothing-shared`: both functions touch no object that is the same for certain. `uncertain`: they
may be ordered, by an access that is not plain. `one-object`: one alone has no order. `again`: an
object is accessed on both sides of a barrier, or its address is passed on. `one-way`: all are on
the same side, or all across, and others may be in callers. `other-barrier`: another barrier of the
functions orders what they share. `one-function`: both barriers are in one. `dependency`: whoever
loads the pointer that the writer publishes needs no barrier.
"""


Again = Literal["", "load", "store"]
"""What is done with an object on both sides of a barrier: the reader loads it, or the writer stores
it; "" if each accesses it on one side."""


class Order(Fact, frozen=True, array_like=True):
    """Whether the barriers of a pair order what both sides touch."""

    status: OrderStatus
    reason: OrderReason = ""
    objects: tuple[SharedObject, ...] = ()
    """If it is ordered, or the kind is wrong, what the reader accesses before, then after; if one
    is on the same side, that one, then what is across."""
    followed: int = 0
    """If it is misordered, how many of the accesses to these are not in the functions of the
    barriers, but in functions that they call, or that call them."""
    is_plain: bool = False
    """If it is misordered, whether none is, and the side that is at fault accesses both in the
    order that was wanted. If the kind is wrong, whether it orders nothing else there."""
    is_in_turn: bool = False
    """If it is misordered, whether the side that is at fault accesses both in that order, itself or
    in another function."""
    deviates: bool = False
    """If it is misordered, whether another barrier orders the object that is wrong: of another
    writer for the reader, or of another reader for the writer, whoever is at fault."""
    again: Again = ""
    """If an object is on the same side of both barriers, what is done with it on the other, too;
    if nothing is loaded before, `load` for one that is loaded there the next time, in a loop."""

    @property
    def is_readers(self) -> bool:
        """Whether the reader has both objects on one side of its barrier, not the writer."""
        if self.reason != "same-side":
            return False
        wrong, right = self.objects
        return right.reader.side == wrong.reader.side


class Partner(Fact, frozen=True, array_like=True):
    """A write-side barrier that may be the partner of a read barrier."""

    function: str
    path: str
    barrier: str
    line: int
    column: int
    score: float
    """How likely it is, from 0 to 1."""
    confident: bool
    """Whether the evidence is clear; only then a message names it."""
    objects: tuple[SharedObject, ...]
    """What both sides touch, the strongest evidence first."""
    order: Order = Order("not-checked", "nothing-shared")
    """Whether the two barriers order that."""

    @property
    def region(self) -> Region:
        """Where the barrier's name stands."""
        return Region(self.line, self.column, self.line, self.column + len(self.barrier))


class ReaderPartners(Fact, frozen=True, array_like=True):
    """The possible partners of the read barrier at a place, best first."""

    line: int
    column: int
    partners: tuple[Partner, ...]
