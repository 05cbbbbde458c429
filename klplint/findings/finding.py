"""Findings: what a check reports, with places, level and fingerprints.

A check yields findings whose places are bare (file and region). `resolve()` gives each place
its line of source text and each finding its two fingerprints, once, when all are known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from klplint.facts.file_facts import Suppression
from klplint.facts.region import Region
from klplint.findings.line_hash import line_hashes
from klplint.source_text import digest

Level = Literal["note", "warning", "error"]
Precision = Literal["very-high", "high", "medium", "low"]
LEVELS: tuple[Level, ...] = ("note", "warning", "error")


class Place(msgspec.Struct, frozen=True, order=True):
    """A region of a file; `label` is what to say of it, `excerpt` the line it starts on."""

    file: str
    region: Region
    label: str = ""
    excerpt: str = ""

    @property
    def first_line(self) -> Region:
        """The region, cut to its first line: GitHub shows one over several lines badly."""
        region = self.region
        end = region.end_column if region.end_line == region.line else len(self.excerpt) + 1
        return Region(region.line, region.column, region.line, max(end, region.column))


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has to say of a place; the engine makes it a finding of the check's rule."""

    place: Place
    message: str
    function: str | None = None
    """The function around the place; None outside all functions."""
    level: Level | None = None
    """The level, where it differs from the rule's own."""
    related: tuple[Place, ...] = ()
    steps: tuple[Place, ...] = ()
    """The way from the place to the fault, in order; empty where it is the place itself."""


class Finding(msgspec.Struct, frozen=True):
    """One report of one rule at one primary place.

    `line_hash` is GitHub's primaryLocationLineHash; `fingerprint` is klplint's own, which
    survives edits elsewhere in the file (rule, file, function, normalised line, n-th of its kind).
    `justification` is the reason why the finding is suppressed; empty if it is not.
    """

    code: str
    level: Level
    message: str
    place: Place
    function: str | None = None
    related: tuple[Place, ...] = ()
    steps: tuple[Place, ...] = ()
    line_hash: str = ""
    fingerprint: str = ""
    justification: str = ""

    @property
    def suppressed(self) -> bool:
        """Whether a comment in the source says that the finding is not to count."""
        return bool(self.justification)

    @property
    def order(self) -> tuple[str, Region, str, str]:
        """The order of every report: by file, place, code."""
        return self.place.file, self.place.region, self.code, self.message


class NotAnalysed(msgspec.Struct, frozen=True, order=True):
    """A place, or a whole file (line 0), that could not be judged as it should be."""

    file: str
    line: int
    reason: str


class Result(msgspec.Struct, frozen=True):
    """The outcome of a run: findings in report order, and what was not analysed.

    `findings` are those that count, `suppressed` those that a comment in the source suppresses.
    `files` and `occurrences` count what names a watched identifier, `from_tokens` those that no
    parse reached though one should; `unreadable` are files that could not even be searched.
    `baselined` counts findings that were left out because a baseline has them.
    """

    findings: tuple[Finding, ...]
    not_analysed: tuple[NotAnalysed, ...]
    files: int
    occurrences: int
    from_tokens: int = 0
    unreadable: tuple[str, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    baselined: int = 0


def at_least(level: Level, floor: Level) -> bool:
    """Whether `level` is as severe as `floor` or more."""
    return LEVELS.index(level) >= LEVELS.index(floor)


def with_suppressed(
    findings: Iterable[Finding], suppressions: Sequence[Suppression]
) -> list[Finding]:
    """The findings of one file, those that one of its `suppressions` covers marked as such."""
    return [
        next(
            (
                msgspec.structs.replace(finding, justification=suppression.reason)
                for suppression in suppressions
                if suppression.covers(finding.code, finding.place.region.line)
            ),
            finding,
        )
        for finding in findings
    ]


def resolve(findings: Iterable[Finding], read: Callable[[str], str]) -> tuple[Finding, ...]:
    """Findings in report order, without repeats, with excerpts and fingerprints.

    `read` gives the text of a file by its reported path.
    """
    unique = {finding.order: finding for finding in findings}
    ordered = [unique[key] for key in sorted(unique)]
    texts = _Texts(read, ordered)
    alike: Counter[tuple[str, ...]] = Counter()
    resolved = []
    for finding in ordered:
        place = texts.with_excerpt(finding.place)
        kind = (finding.code, place.file, finding.function or "", normalised(place.excerpt))
        alike[kind] += 1
        resolved.append(
            msgspec.structs.replace(
                finding,
                place=place,
                related=tuple(map(texts.with_excerpt, dict.fromkeys(finding.related))),
                steps=tuple(map(texts.with_excerpt, finding.steps)),
                line_hash=texts.line_hash(place),
                fingerprint=fingerprint_of(*kind, str(alike[kind])),
            )
        )
    return tuple(resolved)


def split_lines(text: str) -> list[str]:
    """The lines of a file, as compilers and editors count them: LF, CRLF or CR ends one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class _Texts:
    """The texts of the files that findings speak of, each read and hashed once."""

    def __init__(self, read: Callable[[str], str], findings: Iterable[Finding]) -> None:
        primary: defaultdict[str, set[int]] = defaultdict(set)
        files = set()
        for finding in findings:
            primary[finding.place.file].add(finding.place.region.line)
            files |= {place.file for place in (finding.place, *finding.related, *finding.steps)}
        texts = {file: read(file) for file in sorted(files)}
        self._lines = {file: split_lines(text) for file, text in texts.items()}
        self._hashes = {file: line_hashes(texts[file], lines) for file, lines in primary.items()}

    def with_excerpt(self, place: Place) -> Place:
        lines, line = self._lines[place.file], place.region.line
        excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
        return msgspec.structs.replace(place, excerpt=excerpt)

    def line_hash(self, place: Place) -> str:
        return self._hashes[place.file].get(place.region.line, "")


def normalised(excerpt: str) -> str:
    """A line of source without what may change when it is only moved: its white space."""
    return " ".join(excerpt.split())


def fingerprint_of(*parts: str) -> str:
    """A fingerprint of some texts: 32 hexadecimal digits."""
    return digest(["\0".join(parts).encode("utf-8", "surrogatepass")]).hex()
