"""Findings: what a check reports, with places, level and fingerprints.

A check yields drafts whose places are bare (file and region); `resolve` makes complete findings
of them.
"""

from __future__ import annotations

import msgspec

from klplint.facts.region import Region
from klplint.findings.fix import Fix
from klplint.findings.levels import Level


class Place(msgspec.Struct, frozen=True, order=True):
    """A region of a file."""

    file: str
    """The path from the root of the sources."""
    region: Region
    label: str = ""
    """What to say of the place."""
    excerpt: str = ""
    """The line of source text that the region starts on."""

    @property
    def lines(self) -> range:
        """The lines of the region."""
        return range(self.region.line, max(self.region.line, self.region.end_line) + 1)

    @property
    def first_line(self) -> Region:
        """The region, cut to its first line: GitHub shows one over several lines badly."""
        region = self.region
        end = region.end_column if region.end_line == region.line else len(self.excerpt) + 1
        return Region(region.line, region.column, region.line, max(end, region.column))


class HunkPart(msgspec.Struct, frozen=True):
    """The part of a hunk that is behind a finding: it added the line, or it may be the cause."""

    file: str
    """The file that the hunk changes: its path afterwards, or before where it is deleted."""
    line: int
    """The line of the file, after the change, at which `lines` begin."""
    names: tuple[str, str]
    """The file before and after, as the diff has it: `a/lib/x.c` and `b/lib/x.c`."""
    header: str
    """The hunk's header: `@@ -25,3 +25,3 @@ void publish(void)`."""
    lines: tuple[str, ...]
    """The lines, each with its ` `, `+` or `-` in front, without their ends."""
    at: int
    """Which of the lines it is, from 0."""
    number: int
    """The number of this line in the patch, or in what git printed."""
    is_cause: bool
    """Whether the finding is on a line that the change does not touch."""
    place: Place | None = None
    """The related place of the finding for this line, in the patch or in the changed file."""

    @property
    def line_at(self) -> int:
        """The line of the file, after the change, that is added, or follows what is removed."""
        return self.line + sum(line[:1] != "-" for line in self.lines[: self.at])


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has to say of a place; the engine makes it a finding of the check's rule."""

    place: Place
    message: str
    function: str | None = None
    """The function around the place; None outside all functions."""
    level: Level | None = None
    """The level, where it differs from the rule's own."""
    related: tuple[Place, ...] = ()
    """Other places that explain the finding."""
    steps: tuple[Place, ...] = ()
    """The way from the place to the fault, in order; empty where it is the place itself."""
    refuted: Place | None = None
    """What in the source is no longer true, if a change elsewhere causes the finding: it then has
    the level of the rule, whatever `level` is."""
    fix: Fix | None = None
    """What would correct it, where that is clear."""


class Finding(msgspec.Struct, frozen=True):
    """One report of one rule at one primary place."""

    code: str
    """The rule's code."""
    level: Level
    message: str
    place: Place
    function: str | None = None
    """The function around the place; None outside all functions."""
    related: tuple[Place, ...] = ()
    """Other places that explain the finding."""
    steps: tuple[Place, ...] = ()
    """The way from the place to the fault, in order; empty where it is the place itself."""
    line_hash: str = ""
    """GitHub's primaryLocationLineHash."""
    fingerprint: str = ""
    """klplint's fingerprint, which survives edits elsewhere in the file.

    It is made of rule, file, function, normalised line, and the number among findings alike.
    """
    justification: str = ""
    """Why the finding is suppressed; empty if it is not."""
    refuted: Place | None = None
    """What in the source is no longer true, if a change elsewhere causes the finding."""
    caused_level: Level | None = None
    """The level that the finding then has."""
    fix: Fix | None = None
    """What would correct it, where that is clear."""
    hunk: HunkPart | None = None
    """What of a change is behind it; None without a comparison, or where that is not clear."""

    @property
    def suppressed(self) -> bool:
        """Whether a comment in the source suppresses the finding."""
        return bool(self.justification)

    @property
    def caused(self) -> bool:
        """Whether a change causes the finding on a line that the change does not touch."""
        return self.hunk is not None and self.hunk.is_cause

    @property
    def order(self) -> tuple[str, Region, str, str]:
        """The order of findings in every report: by file, place, code."""
        return self.place.file, self.place.region, self.code, self.message


class NotAnalysed(msgspec.Struct, frozen=True, order=True):
    """A place, or a whole file, that could not be fully analysed."""

    file: str
    line: int
    """The line; 0 for the whole file."""
    reason: str


class GoneFinding(msgspec.Struct, frozen=True):
    """A kind of finding that a baseline has, and that the run would have found again."""

    code: str
    file: str
    function: str
    """The function; "" outside all functions."""
    fingerprint: str
    number: int
    """How many of the kind are gone."""


class Result(msgspec.Struct, frozen=True):
    """The outcome of a run."""

    findings: tuple[Finding, ...]
    """The findings that count, in report order."""
    not_analysed: tuple[NotAnalysed, ...]
    files: int
    """The number of files that name a watched identifier."""
    occurrences: int
    """The number of places that name a watched identifier."""
    from_tokens: int = 0
    """How many of the occurrences no parse found, though one should have."""
    unreadable: tuple[str, ...] = ()
    """The files that could not even be searched."""
    suppressed: tuple[Finding, ...] = ()
    """The findings that a comment in the source suppresses."""
    baselined: int = 0
    """The number of findings that were left out because the baseline has them."""
    in_baseline: tuple[Finding, ...] = ()
    """These findings, in report order."""
    gone: tuple[GoneFinding, ...] = ()
    """What the baseline has and the run did not find again; empty if only changed lines count."""
    has_baseline: bool = False
    """Whether the findings were compared with a baseline."""
    gaps: tuple[str, ...] = ()
    """What the kernel tree lacks; empty for a whole one, and where nothing was looked up in it."""

    @property
    def unread(self) -> tuple[NotAnalysed, ...]:
        """The files in `unreadable`, with the reason for each."""
        return tuple(each for each in self.not_analysed if each.file in self.unreadable)
