"""Named places of the kernel, as rule data lists them: a function, a file, a range of versions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from klplint.analysis.name_patterns import path_fits
from klplint.facts.kernel_version import Version


class KnownLocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function of the kernel of which something is known, with the reason and its source.

    `file` is a pattern (`arch/*/kernel/signal.c`) for the path from the tree's root; `since` and
    `until` are the first and last versions for which it holds, both included, "" for no limit.
    """

    function: str
    file: str
    why: str
    source: str
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        for limit in (self.since, self.until):
            if limit:
                Version.parse(limit)

    def covers(self, function: str | None, file: str, version: Version) -> bool:
        """Whether this is the place of `function` in `file` of a kernel of `version`."""
        return (
            function == self.function
            and path_fits(file, self.file)
            and version.within(self.since, self.until)
        )


def location_of(
    locations: Iterable[KnownLocation], function: str | None, file: str, version: Version
) -> KnownLocation | None:
    """The first of `locations` that covers the place."""
    return next((loc for loc in locations if loc.covers(function, file, version)), None)
