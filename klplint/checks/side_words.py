"""What messages call the two sides of a pair."""

from __future__ import annotations

import msgspec

from klplint.barriers.pairing import Pair


class SideWords(msgspec.Struct, frozen=True):
    """The words for the side of a barrier, and for the other one."""

    this: str
    """The barrier of the comment: "the read barrier"."""
    other: str
    """The barrier that the comment should name."""
    somebody: str
    """Who holds that one."""
    ordered: str
    """What that one orders."""
    does: str
    """What the device on the other side does last."""


# The other side of a full barrier may be either one. Most readers of a message look for the writer.
_READ = SideWords("the read barrier", "write", "the writer", "writes", "writes")
_WRITE = SideWords("the write barrier", "read", "the reader", "reads", "reads")


def words_for(pair: Pair) -> SideWords:
    """The words for a message about a pair."""
    return _WRITE if pair.side == "write" else _READ
