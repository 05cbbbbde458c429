"""The two sides of a pair, each with the source around it."""

from __future__ import annotations

import msgspec

from klplint.barriers.counterparts import Status
from klplint.facts.partners import Partner, SharedObject


class Chunk(msgspec.Struct, frozen=True):
    """Successive lines of a file."""

    function: str
    """The function that the first line is in; "" outside all functions."""
    first: int
    """The number of the first line."""
    lines: tuple[str, ...]


class Excerpt(msgspec.Struct, frozen=True):
    """The parts of a file around a barrier, in order; lines between them are left out."""

    file: str
    chunks: tuple[Chunk, ...]


class OtherSide(msgspec.Struct, frozen=True, kw_only=True):
    """What may be on the other side of a pair."""

    function: str
    file: str
    line: int
    barrier: str
    """The barrier on this line; "" if the line is that of a definition without one."""
    is_named: bool
    """Whether the comment names it."""
    status: Status | None = None
    """What the comment says about it, compared with the tree; None if it does not name it."""
    partner: Partner | None = None
    """What the code shows about it."""
    objects: tuple[SharedObject, ...] = ()
    """What both sides access; the objects that decide about the order come first."""
    excerpt: Excerpt


class PairSides(msgspec.Struct, frozen=True):
    """A barrier and the other sides that it may have, likeliest first."""

    barrier: Excerpt
    others: tuple[OtherSide, ...]
