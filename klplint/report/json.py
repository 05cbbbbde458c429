"""The JSON format: everything about each finding, for programs."""

from __future__ import annotations

import msgspec

from klplint.findings.finding import Finding
from klplint.findings.levels import Level
from klplint.printable import encodable
from klplint.report.base import Report


class _Related(msgspec.Struct, frozen=True):
    file: str
    line: int
    message: str


class _Finding(msgspec.Struct, frozen=True):
    code: str
    level: Level
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str | None
    related: tuple[_Related, ...]
    fingerprint: str
    suppressed: bool


class _NotAnalysed(msgspec.Struct, frozen=True):
    file: str
    line: int
    reason: str


class _Document(msgspec.Struct, frozen=True):
    """The document's form is a promise: fields may be added, none renamed or dropped."""

    findings: tuple[_Finding, ...]
    not_analysed: tuple[_NotAnalysed, ...]


def render(report: Report) -> str:
    """The result as one JSON object, indented."""
    encoded = msgspec.json.encode(_document(report))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _document(report: Report) -> _Document:
    return _Document(
        findings=tuple(map(_finding, report.findings)),
        not_analysed=tuple(
            _NotAnalysed(encodable(missed.file), missed.line, encodable(missed.reason))
            for missed in report.result.not_analysed
        ),
    )


def _finding(finding: Finding) -> _Finding:
    region = finding.place.region
    return _Finding(
        code=finding.code,
        level=finding.level,
        message=encodable(finding.message),
        file=encodable(finding.place.file),
        line=region.line,
        column=region.column,
        end_line=region.end_line,
        end_column=region.end_column,
        function=finding.function and encodable(finding.function),
        related=tuple(
            _Related(encodable(place.file), place.region.line, encodable(place.label))
            for place in finding.related
        ),
        fingerprint=finding.fingerprint,
        suppressed=finding.suppressed,
    )
