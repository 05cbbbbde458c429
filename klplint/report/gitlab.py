"""GitLab's code quality report: a JSON list, of which a merge request shows what is new.

GitLab compares the reports of two branches by the fingerprints.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from klplint.findings.finding import Finding, Place
from klplint.findings.levels import Level
from klplint.printable import encodable, one_line
from klplint.report.base import Report

_Severity = Literal["info", "minor", "major", "critical", "blocker"]
_SEVERITIES: dict[Level, _Severity] = {"error": "critical", "warning": "major", "note": "info"}


class _Lines(msgspec.Struct, frozen=True):
    begin: int
    end: int


class _Location(msgspec.Struct, frozen=True):
    path: str
    lines: _Lines


class _Content(msgspec.Struct, frozen=True):
    body: str


class _Issue(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["issue"] = "issue"
    description: str
    check_name: str
    fingerprint: str
    severity: _Severity
    categories: tuple[str, ...] = ("Bug Risk",)
    location: _Location
    other_locations: tuple[_Location, ...]
    content: _Content


def render(report: Report) -> str:
    """The findings as GitLab's list; those that the source suppresses are left out."""
    pages = {rule.code: rule.page for rule in report.rules}
    issues = [_issue(finding, pages[finding.code]) for finding in report.result.findings]
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _issue(finding: Finding, page: str) -> _Issue:
    return _Issue(
        description=f"{one_line(finding.message)} [{finding.code}]",
        check_name=finding.code,
        fingerprint=finding.fingerprint,
        severity=_SEVERITIES[finding.level],
        location=_location(finding.place),
        other_locations=tuple(map(_location, finding.related)),
        content=_Content(encodable(page)),
    )


def _location(place: Place) -> _Location:
    lines = place.lines
    return _Location(encodable(place.file), _Lines(lines[0], lines[-1]))
