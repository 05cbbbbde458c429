"""JUnit's XML, which Jenkins and other CI servers show: a suite a rule, a case a finding.

A rule without findings is a case that passes, because servers take a report without cases for an
error. Names are those of the findings' fingerprints, so that a server follows a finding over runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

import msgspec

from klplint.findings.finding import Finding, NotAnalysed, Place
from klplint.printable import one_line
from klplint.report.base import Report

_FINGERPRINT = 12
"""Digits of a fingerprint in the name of a case: enough for some hundred thousand findings."""


class _Suite(msgspec.Struct, frozen=True):
    name: str
    cases: tuple[str, ...]
    failures: int = 0
    skipped: int = 0


def render(report: Report) -> str:
    """The whole document."""
    suites = list(_suites(report))
    tests = sum(len(suite.cases) for suite in suites)
    failures = sum(suite.failures for suite in suites)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="klplint" tests="{tests}" failures="{failures}">',
    ]
    for suite in suites:
        lines.append(
            f'  <testsuite name={_attribute(suite.name)} tests="{len(suite.cases)}" '
            f'failures="{suite.failures}" errors="0" skipped="{suite.skipped}">'
        )
        lines += suite.cases
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _suites(report: Report) -> Iterator[_Suite]:
    ordered = sorted(report.findings, key=lambda finding: (finding.code, finding.order))
    by_code = {c: list(group) for c, group in groupby(ordered, key=lambda f: f.code)}
    for rule in report.rules:
        findings = by_code.get(rule.code, [])
        name = f"{rule.code} {rule.header.name}"
        yield _Suite(
            name,
            tuple(map(_finding, findings)) or (_case("klplint", f"{name}: no findings"),),
            failures=sum(_fails(finding) for finding in findings),
            skipped=sum(finding.suppressed for finding in findings),
        )
    if missed := report.result.not_analysed:
        yield _Suite("not fully analysed", tuple(map(_not_analysed, missed)), skipped=len(missed))


def _fails(finding: Finding) -> bool:
    """Whether a finding is a failure; a note is a case that passes, with its text as output."""
    return finding.level != "note" and not finding.suppressed


def _finding(finding: Finding) -> str:
    where = f"{finding.function}()" if finding.function else finding.place.excerpt.strip()
    name = f"{finding.code} {where} {finding.fingerprint[:_FINGERPRINT]}".rstrip()
    text = "\n".join(_text(finding))
    if finding.suppressed:
        inside = f"<skipped message={_attribute(finding.justification)}/>"
    elif _fails(finding):
        message = _attribute(finding.message)
        inside = f'<failure type="{finding.level}" message={message}>{escape(text)}</failure>'
    else:
        inside = f"<system-out>{escape(text)}</system-out>"
    return _case(finding.place.file, name, inside)


def _text(finding: Finding) -> Iterator[str]:
    """The finding and its related places, each on a line that editors and servers can follow."""
    yield f"{_position(finding.place)}: {finding.level}: {one_line(finding.message)}"
    for place in finding.related:
        yield f"{_position(place)}: note: {one_line(place.label) or 'related place'}"


def _not_analysed(missed: NotAnalysed) -> str:
    name = f"line {missed.line}" if missed.line else "whole"
    return _case(missed.file, name, f"<skipped message={_attribute(missed.reason)}/>")


def _position(place: Place) -> str:
    return f"{one_line(place.file)}:{place.region.line}:{place.region.column}"


def _case(group: str, name: str, inside: str = "") -> str:
    head = f"    <testcase classname={_attribute(group)} name={_attribute(name)}"
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"


def _attribute(text: str) -> str:
    """A quoted value; XML has no form for control characters, which `one_line` shows."""
    return quoteattr(one_line(text))
