"""GitHub workflow commands: each finding an annotation at its line, in a log and a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from klplint.findings.finding import Finding, NotAnalysed
from klplint.findings.levels import Level
from klplint.printable import encodable, one_line
from klplint.report.base import Report

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
_SHOWN = 10
"""The annotations of a kind that GitHub shows for a step; the log has them all."""


def render(report: Report) -> str:
    """A line a finding, `::error file=...,line=...::text`, then what was not analysed."""
    names = {rule.code: rule.header.name for rule in report.rules}
    lines = [_finding(finding, names[finding.code]) for finding in report.findings]
    lines += [_not_analysed(missed) for missed in report.result.not_analysed]
    return "".join(f"{line}\n" for line in lines)


def limits_exceeded(report: Report) -> str | None:
    """A sentence for the user where GitHub would not show all annotations, else None."""
    kinds = Counter(map(_kind, report.findings))
    kinds["notice"] += len(report.result.not_analysed)
    many = [
        f"{kinds[kind]:,} of kind {kind}" for kind in _COMMANDS.values() if kinds[kind] > _SHOWN
    ]
    if not many:
        return None
    return (
        f"GitHub shows only {_SHOWN} annotations of a kind, but there are {', '.join(many)}; "
        "the log of the step has all of them"
    )


def _kind(finding: Finding) -> str:
    """The command of a finding; a suppressed one must not look like a failure."""
    return "notice" if finding.suppressed else _COMMANDS[finding.level]


def _finding(finding: Finding, name: str) -> str:
    place = finding.place
    region = place.first_line
    properties = {
        "file": place.file,
        "line": str(region.line),
        "endLine": str(region.end_line),
        "col": str(region.column),
        "endColumn": str(region.end_column),
        "title": f"{finding.code} {name}",
    }
    return _command(_kind(finding), properties, "\n".join(_text(finding)))


def _text(finding: Finding) -> Iterator[str]:
    """The message, then a line for each related place."""
    suppressed = f" (suppressed: {one_line(finding.justification)})" if finding.suppressed else ""
    yield f"{one_line(finding.message)}{suppressed}"
    for place in finding.related:
        label = one_line(place.label) or "related place"
        yield f"{one_line(place.file)}:{place.region.line}: {label}"


def _not_analysed(missed: NotAnalysed) -> str:
    line = {"line": str(missed.line)} if missed.line else {}
    properties = {"file": missed.file, **line, "title": "klplint: not fully analysed"}
    return _command("notice", properties, one_line(missed.reason))


def _command(name: str, properties: dict[str, str], text: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """`text` after the second `::`, where a line's end would end the command."""
    escaped = encodable(text).replace("%", "%25")
    return escaped.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property, which colons and commas would end, too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
