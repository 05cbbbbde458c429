"""How the read side's and the write side's reader read a comment, for the tests of the wording."""

from __future__ import annotations

from klplint.barriers.opposite import opposite
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.reading import Reader, Reading
from klplint.catalogue.load import load_families

READER = Reader(Primitives(load_families()))
"""Reads comments at read barriers."""
WRITER = Reader(Primitives(opposite(load_families())))
"""Reads comments at write barriers."""


def read(text: str, barrier: str = "smp_rmb") -> Reading:
    """The reading of a comment at a barrier of the function `reader`."""
    return READER.read_comment(f"/* {text} */", Site(barrier, "reader"))


def names(reading: Reading) -> list[str]:
    """The counterparts that a comment names."""
    return [name.name for name in reading.counterparts]
