"""The index of a tree as the cache holds it."""

from __future__ import annotations

from itertools import chain

import msgspec

from klplint.facts.queries import IndexQuery
from klplint.index.scan import Hit
from klplint.kernel.file_listing import Listing
from klplint.kernel.signatures import GONE

# How many numbers make up a signature.
_NUMBERS = len(GONE)

Hits = dict[str, Hit]


class SavedIndex(msgspec.Struct):
    """The index as the cache holds it: hits of files that had certain signatures.

    Names and signatures are packed, which makes decoding several times as fast.
    """

    names: str
    """The paths of the files, with a null byte between each two."""
    numbers: list[int]
    """The signatures of the files, one after the other."""
    entries: list[tuple[IndexQuery, Hits, list[str]]]
    """Each query with its hits, and the files that have to be searched again for it."""

    @classmethod
    def of(cls, files: Listing, entries: list[tuple[IndexQuery, Hits, list[str]]]) -> SavedIndex:
        """The index of some files."""
        return cls("\0".join(files), [*chain.from_iterable(files.values())], entries)

    def __post_init__(self) -> None:
        if len(self.numbers) != _NUMBERS * (self.names.count("\0") + bool(self.names)):
            raise ValueError("expected as many signatures as names")

    def covers_exactly(self, files: Listing) -> bool:
        """Whether it covers just these files with these signatures: much faster than `files()`."""
        other = SavedIndex.of(files, [])
        return self.names == other.names and self.numbers == other.numbers

    def files(self) -> Listing:
        """The files with their signatures."""
        if not self.names:
            return {}
        signatures = zip(*(self.numbers[i::_NUMBERS] for i in range(_NUMBERS)), strict=True)
        return dict(zip(self.names.split("\0"), signatures, strict=True))
