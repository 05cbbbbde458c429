"""The families of barriers as a comment on a write barrier needs them: the sides change places.

The other side of a write barrier reads. What `Families` calls the reader's side is then the side
on which the comment stands, and its `write` is what orders the reads on the other side.
"""

from __future__ import annotations

import msgspec

from klplint.barriers.families import Families, Side


class WriterFamilies(Families, frozen=True):
    """Families for comments on barriers that order writes."""

    @property
    def side(self) -> Side:
        """The comments stand on the write side."""
        return "write"


def opposite(families: Families) -> Families:
    """The families for comments on write barriers."""
    values = {
        field.name: getattr(families, field.name) for field in msgspec.structs.fields(families)
    }
    values |= {
        "read": families.writers,
        "load": families.stores,
        "write": (*families.read, *families.load, *families.orders_reads),
        "implied": families.implied_reads,
        "unordered": families.unordered_reads,
        "primitives": (
            *families.primitives,
            *(name for name in families.unordered if "*" not in name),
        ),
        "spoken": (*families.spoken, *families.implied, *families.implied_reads),
        "reading": (),
        "device": tuple(r for r, w in families.read.items() if w in families.device),
        "device_advice": {
            families.read[name]: families.read[other]
            for name, other in families.device_advice.items()
            if name in families.read and other in families.read
        },
        "stands_for": families.stands_for | families.reads_stand_for,
    }
    return WriterFamilies(**values)


def either_side(families: Families) -> Families:
    """The families for the counterparts of full barriers, whose other side may read or write."""
    other = opposite(families)
    return msgspec.structs.replace(
        families,
        read={},
        load={},
        write=(*families.write, *other.write),
        implied=(*families.implied, *other.implied),
        unordered=tuple(name for name in families.unordered if name in other.unordered),
        primitives=other.primitives,
        reading=(),
        stands_for=other.stands_for,
    )
