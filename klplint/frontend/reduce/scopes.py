"""The local variables of a function that is reduced, each with the scope of its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clang.cindex import Cursor

from klplint.facts.region import Region
from klplint.facts.statements import Local
from klplint.frontend.reduce.source_ranges import SourceRanges


class Scopes:
    """Keeps the variables that are declared, and the scopes that are open at the moment."""

    def __init__(self, ranges: SourceRanges) -> None:
        self._ranges = ranges
        self._open: list[Region] = []
        self.variables: list[Local] = []

    @contextmanager
    def within(self, region: Region) -> Iterator[None]:
        """What is declared meanwhile is visible in `region` only."""
        self._open.append(region)
        try:
            yield
        finally:
            self._open.pop()

    def declare(self, cursor: Cursor) -> None:
        """Keep a variable, which is visible in the innermost scope."""
        region = self._ranges.region(cursor)
        scope = self._open[-1] if self._open else region
        self.variables.append(Local(cursor.spelling, region, scope))
