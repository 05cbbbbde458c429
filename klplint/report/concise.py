"""The concise format: one line a finding, in the form of gcc, which editors and CI understand."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.findings.finding import Finding, Place
from klplint.printable import one_line
from klplint.report.base import Report


def render(report: Report) -> str:
    """Findings as `file:line:col: level: text [CODE]`, related places as notes below them."""
    return "".join(f"{line}\n" for finding in report.findings for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    suppressed = " (suppressed)" if finding.suppressed else ""
    yield (
        f"{_position(finding.place)}: {finding.level}: {one_line(finding.message)} "
        f"[{finding.code}]{suppressed}"
    )
    for related in finding.related:
        yield f"{_position(related)}: note: {one_line(related.label) or 'related place'}"


def _position(place: Place) -> str:
    return f"{one_line(place.file)}:{place.region.line}:{place.region.column}"
