"""The index of a tree as the cache holds it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import cast

import msgspec

from klplint.facts.queries import IndexQuery
from klplint.index.hits import Hit
from klplint.kernel.on_disk import Listing
from klplint.kernel.signatures import GONE, Signature

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

    def lists_same(self, files: Listing) -> bool:
        """Whether it covers the same files, whether or not they changed."""
        return self.names == "\0".join(files)

    def changed(self, files: Listing) -> set[str]:
        """Those of some files that it does not cover, or that have another signature now."""
        if self.lists_same(files):
            each = zip(files.items(), self._signatures(), strict=True)
            return {file for (file, now), then in each if now != then}
        before = self.files()
        return {file for file, now in files.items() if before.get(file) != now}

    def files(self) -> Listing:
        """The files with their signatures."""
        if not self.names:
            return {}
        return dict(zip(self.names.split("\0"), self._signatures(), strict=True))

    def _signatures(self) -> Iterator[Signature]:
        numbers = (self.numbers[i::_NUMBERS] for i in range(_NUMBERS))
        return cast("Iterator[Signature]", zip(*numbers, strict=True))
