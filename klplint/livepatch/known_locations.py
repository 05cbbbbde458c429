"""Places in the kernel that the rules' data lists: a function, a file, a range of versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from klplint.analysis.name_patterns import path_fits
from klplint.facts.kernel_version import Version


class KnownLocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function of the kernel that a rule treats specially, with the reason and its source."""

    function: str
    """The function; empty for a file of assembly."""
    file: str
    """The path from the tree's root; `*` in it stands for any characters."""
    why: str
    """What the place is, or why it is an exception, as messages say it."""
    source: str
    """Where that is documented."""
    since: str = ""
    """The first kernel version for which this holds; empty for no limit."""
    until: str = ""
    """The last kernel version for which this holds; empty for no limit."""
    loops: int = 1
    """How many loops of the function may be around the place: 0 where the loop is in its caller."""
    may_hold: Annotated[tuple[str, ...], msgspec.Meta(extra={"holds": "texts"})] = ()
    """The kinds of locks that may be held at the place, by design."""

    def __post_init__(self) -> None:
        for limit in (self.since, self.until):
            if limit:
                Version.parse(limit)

    def covers(self, function: str | None, file: str, version: Version) -> bool:
        """Whether this is the place of `function` in `file` of a kernel of `version`.

        A run on another project has the kernel's files with absolute paths.
        """
        pattern = f"*/{self.file}" if file.startswith("/") else self.file
        return (
            function == self.function
            and path_fits(file, pattern)
            and version.within(self.since, self.until)
        )


def location_of(
    locations: Iterable[KnownLocation], function: str | None, file: str, version: Version
) -> KnownLocation | None:
    """The first of `locations` that covers a place; None if none does."""
    return next((loc for loc in locations if loc.covers(function, file, version)), None)
