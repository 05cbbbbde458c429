"""The base of all facts, and the region of source text that most of them have.

Lines and columns count from 1, columns in Unicode code points, ends are exclusive.
"""

from __future__ import annotations

import msgspec


class Fact(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Base of all facts: immutable, comparable, serialisable."""


class Region(Fact, frozen=True):
    """A stretch of source text; `end_line` and `end_column` point just behind it."""

    line: int
    column: int
    end_line: int
    end_column: int

    def holds(self, other: Region) -> bool:
        """Whether all of `other` is within this region."""
        return (self.line, self.column) <= (other.line, other.column) and (
            other.end_line,
            other.end_column,
        ) <= (self.end_line, self.end_column)
