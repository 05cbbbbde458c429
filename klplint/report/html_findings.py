"""Findings as data for a page: each with its marked lines and its fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from klplint.findings.finding import Finding, Place
from klplint.findings.fix import Fix
from klplint.findings.levels import Level
from klplint.printable import one_line
from klplint.report.html_text import Span, shown, source_line


class PageMark(msgspec.Struct, frozen=True):
    """A marked part of a line, and what to say of it."""

    span: Span | None
    label: str
    primary: bool
    """Whether it is the place of the finding."""


class PageLine(msgspec.Struct, frozen=True):
    """A line of an excerpt."""

    file: str
    line: int
    text: str
    marks: tuple[PageMark, ...]


class PageEdit(msgspec.Struct, frozen=True):
    """What a fix changes in a file: the lines as they are, and as they would be."""

    file: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


class PageFix(msgspec.Struct, frozen=True):
    """A way to correct what a finding reports."""

    title: str
    safe: bool
    edits: tuple[PageEdit, ...]


class PageFinding(msgspec.Struct, frozen=True):
    """A finding."""

    id: str
    group: str
    code: str
    level: Level
    message: str
    file: str
    line: int
    function: str
    lines: tuple[PageLine, ...]
    fix: PageFix | None
    suppressed: str
    """Why it is suppressed; empty if it is not."""


def listed(findings: Iterable[Finding], groups: dict[str, str]) -> list[PageFinding]:
    """Findings for a page, in their order."""
    return [_finding(number, finding, groups) for number, finding in enumerate(findings, 1)]


def _finding(number: int, finding: Finding, groups: dict[str, str]) -> PageFinding:
    return PageFinding(
        id=finding.fingerprint or str(number),
        group=one_line(groups[finding.place.file]),
        code=finding.code,
        level=finding.level,
        message=one_line(finding.message),
        file=one_line(finding.place.file),
        line=finding.place.region.line,
        function=one_line(finding.function or ""),
        lines=tuple(_lines(finding)),
        fix=_fix(finding.fix) if finding.fix else None,
        suppressed=one_line(finding.justification),
    )


def _lines(finding: Finding) -> Iterator[PageLine]:
    """The marked lines, by file and number; the file of the finding comes first."""
    primary = finding.place
    places = [primary, *finding.related, *(s for s in finding.steps if s not in finding.related)]
    ordered = sorted(places, key=lambda place: (place.file != primary.file, place.file, place))
    for (file, line), group in groupby(ordered, key=lambda p: (p.file, p.region.line)):
        # A long line is cut around the first of its marks.
        here = sorted(group, key=lambda place: place is not primary)
        columns = [_columns(place) for place in here]
        text = source_line(here[0].excerpt, columns)
        marks = tuple(
            PageMark(span, one_line(place.label), place is primary)
            for place, span in zip(here, text.spans, strict=True)
        )
        yield PageLine(one_line(file), line, text.text, marks)


def _columns(place: Place) -> tuple[int, int]:
    """The marked columns of the line; a longer region is marked to the end of the line."""
    region = place.first_line
    return region.column, max(min(region.end_column, len(place.excerpt) + 1), region.column + 1)


def _fix(fix: Fix) -> PageFix:
    return PageFix(
        title=one_line(fix.title),
        safe=fix.safe,
        edits=tuple(
            PageEdit(
                file=one_line(edit.file),
                line=edit.region.line,
                old=tuple(map(shown, edit.old_lines)),
                new=tuple(map(shown, edit.new_lines)),
            )
            for edit in fix.edits
        ),
    )
