"""Findings as `checkpatch.pl --terse` prints them: one line each, which b4 and patch bots read."""

from __future__ import annotations

from klplint.findings.finding import Finding
from klplint.findings.levels import Level
from klplint.printable import one_line
from klplint.report.base import Report

_WORDS: dict[Level, str] = {"error": "ERROR", "warning": "WARNING", "note": "CHECK"}


def render(report: Report) -> str:
    """A line for each finding, with the place of the change that causes it."""
    return "".join(f"{_line(finding)}\n" for finding in report.findings)


def _line(finding: Finding) -> str:
    word = "CHECK" if finding.suppressed else _WORDS[finding.level]
    suppressed = " (suppressed)" if finding.suppressed else ""
    hunk = finding.hunk
    cause = f" (caused by {one_line(hunk.file)}:{hunk.line_at})" if hunk and hunk.is_cause else ""
    return (
        f"{one_line(finding.place.file)}:{finding.place.region.line}: {word}: "
        f"{one_line(finding.message)} [{finding.code}]{cause}{suppressed}"
    )
