"""The JSON format: everything about each finding, for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from klplint.facts.region import Region
from klplint.findings.finding import Finding, HunkPart, Place, Result
from klplint.findings.fix import Fix
from klplint.findings.levels import LEVELS, Level
from klplint.printable import encodable
from klplint.report.base import Report

VERSION = 1
"""The version of the form. A field may be added without a new one."""
_LONGEST = 1000
"""A longer line may hold many findings: each has only the part of it that it begins with."""


class Related(msgspec.Struct, frozen=True):
    """A place that explains a finding."""

    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    message: str
    """What to know of the place."""
    column: int
    """The column in characters, from 1."""
    end_line: int
    """The line where the place ends."""
    end_column: int
    """The column behind its last character."""


class ReportedFinding(msgspec.Struct, frozen=True):
    """A finding."""

    code: str
    """The code of the rule."""
    level: Level
    """How severe it is."""
    message: str
    """What is wrong."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    column: int
    """The column in characters, from 1."""
    end_line: int
    """The line where the place ends."""
    end_column: int
    """The column behind its last character."""
    function: str | None
    """The function around the place; null outside of functions."""
    related: tuple[Related, ...]
    """Other places that explain the finding."""
    fingerprint: str
    """Identifies the finding in later runs, although its line may change."""
    suppressed: bool
    """Whether a comment in the source suppresses it; with --show-suppressed only."""
    fix: ReportedFix | None
    """How to correct it; null where that is not clear."""
    excerpt: str
    """The line of source that the place begins on. For lines longer than 1,000 characters, only
    the part from the place on, at most 1,000 characters."""
    caused: bool
    """Whether a change causes it on a line that the change does not touch."""
    hunk: ReportedHunk | None
    """The part of the change that is behind it; null without --patch and --diff-from, or where
    that is not clear."""


class ReportedHunk(msgspec.Struct, frozen=True):
    """The part of a change that is behind a finding."""

    file: str
    """The file that it changes, from the root of the sources: its path after the change."""
    line: int
    """The line of that file, after the change, at which `lines` begin."""
    header: str
    """The hunk's header, such as `@@ -25,3 +25,3 @@ void publish(void)`."""
    lines: tuple[str, ...]
    """Its lines, each with a space, `+` or `-` in front; of a long hunk, a part."""
    index: int
    """Which of the lines adds the place of the finding, or is the likeliest cause; from 0."""


class ReportedEdit(msgspec.Struct, frozen=True):
    """Text in place of a region; the region is empty where text is only inserted."""

    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    column: int
    """The column in characters, from 1."""
    end_line: int
    """The line where the region ends."""
    end_column: int
    """The column behind its last character."""
    text: str
    """The text that replaces it."""


class ReportedFix(msgspec.Struct, frozen=True):
    """A way to correct what a finding reports."""

    title: str
    """What it does."""
    safe: bool
    """Whether it can be applied without a review."""
    edits: tuple[ReportedEdit, ...]
    """What it changes, in order; the edits of a file do not overlap."""


class Missed(msgspec.Struct, frozen=True):
    """A place, a file or a directory that was not fully analysed."""

    file: str
    """The path from the root of the sources; that of a directory ends with `/`."""
    line: int
    """The line; 0 for the whole file or directory."""
    reason: str
    """Why it was not analysed."""


class Totals(msgspec.Struct, frozen=True):
    """Numbers. Suppressed findings count only as `suppressed`."""

    findings: int
    """Findings that count."""
    levels: dict[str, int]
    """Findings of each level, also of levels without any."""
    codes: dict[str, dict[str, int]]
    """Findings of each rule with findings, by level."""
    suppressed: int
    """Findings that comments in the source suppress."""
    baselined: int
    """Findings that the baseline has."""
    not_analysed: int
    """Entries of `not_analysed`."""
    files: int
    """Files with a watched name."""
    occurrences: int
    """Places with a watched name."""


class Document(msgspec.Struct, frozen=True):
    """The report. The form is a promise: fields may be added, none renamed or removed."""

    version: int
    """The version of this form; it changes if a field is renamed or removed."""
    klplint: str
    """The version of klplint that wrote the report."""
    totals: Totals
    findings: tuple[ReportedFinding, ...]
    """The findings, sorted by file and place."""
    not_analysed: tuple[Missed, ...]
    """What was not fully analysed, sorted by file and line."""


def render(report: Report) -> str:
    """The result as one JSON object, indented."""
    encoded = msgspec.json.encode(_document(report))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _document(report: Report) -> Document:
    return Document(
        version=VERSION,
        klplint=report.version,
        totals=_totals(report.result),
        findings=tuple(map(_finding, report.findings)),
        not_analysed=tuple(
            Missed(encodable(missed.file), missed.line, encodable(missed.reason))
            for missed in report.result.not_analysed
        ),
    )


def _totals(result: Result) -> Totals:
    codes = sorted({finding.code for finding in result.findings})
    return Totals(
        findings=len(result.findings),
        levels=_by_level(result.findings),
        codes={code: _by_level(f for f in result.findings if f.code == code) for code in codes},
        suppressed=len(result.suppressed),
        baselined=result.baselined,
        not_analysed=len(result.not_analysed),
        files=result.files,
        occurrences=result.occurrences,
    )


def _by_level(findings: Iterable[Finding]) -> dict[str, int]:
    counts = Counter(finding.level for finding in findings)
    return {level: counts[level] for level in LEVELS}


def _finding(finding: Finding) -> ReportedFinding:
    region = finding.place.region
    return ReportedFinding(
        code=finding.code,
        level=finding.level,
        message=encodable(finding.message),
        file=encodable(finding.place.file),
        line=region.line,
        column=region.column,
        end_line=region.end_line,
        end_column=region.end_column,
        function=finding.function and encodable(finding.function),
        related=tuple(map(_related, finding.related)),
        fingerprint=finding.fingerprint,
        suppressed=finding.suppressed,
        fix=_fix(finding.fix) if finding.fix else None,
        excerpt=encodable(_excerpt(finding.place)),
        caused=finding.caused,
        hunk=_hunk(finding.hunk) if finding.hunk else None,
    )


def _excerpt(place: Place) -> str:
    """The line that a place begins on, or the part of a long line that begins there."""
    line, start = place.excerpt, place.region.column - 1
    return line if len(line) <= _LONGEST else line[start : start + _LONGEST]


def _hunk(part: HunkPart) -> ReportedHunk:
    return ReportedHunk(
        file=encodable(part.file),
        line=part.line,
        header=encodable(part.header),
        lines=tuple(map(encodable, part.lines)),
        index=part.at,
    )


def _fix(fix: Fix) -> ReportedFix:
    return ReportedFix(
        title=encodable(fix.title),
        safe=fix.safe,
        edits=tuple(
            ReportedEdit(
                file=encodable(edit.file),
                line=edit.region.line,
                column=edit.region.column,
                end_line=edit.region.end_line,
                end_column=edit.region.end_column,
                text=encodable(edit.text),
            )
            for edit in fix.edits
        ),
    )


def _related(place: Place) -> Related:
    region: Region = place.region
    return Related(
        file=encodable(place.file),
        line=region.line,
        message=encodable(place.label),
        column=region.column,
        end_line=region.end_line,
        end_column=region.end_column,
    )
