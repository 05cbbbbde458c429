"""Findings, and what suppressions do to them."""

from __future__ import annotations

from klplint.facts.file_facts import Suppression
from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place
from klplint.findings.resolve import with_suppressed


def finding(code: str, line: int, end: int = 0) -> Finding:
    return Finding(code, "error", "m", Place("a.c", Region(line, 1, end or line, 2)))


def suppression(codes: str, *lines: int, fault: str = "") -> Suppression:
    return Suppression(
        codes=tuple(codes.split()),
        reason="why",
        region=Region(1, 1, 1, 9),
        lines=lines,
        fault=fault,
    )


def test_a_finding_is_suppressed_by_code_and_first_line() -> None:
    findings = [finding("KLP001", 4, 7), finding("KLP002", 4), finding("KLP001", 5)]
    marked = with_suppressed(findings, [suppression("KLP001 KLP003", 4)])
    assert [f.suppressed for f in marked] == [True, False, False]
    assert marked[0].justification == "why"
    assert marked[1:] == findings[1:]


def test_a_suppression_with_a_fault_suppresses_nothing() -> None:
    findings = [finding("KLP001", 4)]
    assert with_suppressed(findings, [suppression("KLP001", 4, fault="no reason")]) == findings
