from __future__ import annotations

import re

import msgspec
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from tests.support.report_samples import clean_report, report

_LINE = re.compile(r"[^:]+:\d+:\d+: (error|warning|note): .+")


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("concise", report(), Appearance()) == snapshot


def test_nothing_found_is_nothing_said() -> None:
    assert render("concise", clean_report(), Appearance()) == ""


def test_every_line_is_as_gcc_writes_it() -> None:
    lines = render("concise", report(), Appearance()).splitlines()
    assert len(lines) == sum(1 + len(f.related) for f in report().result.findings)
    assert all(_LINE.fullmatch(line) for line in lines)


def test_style_changes_nothing() -> None:
    plain = render("concise", report(), Appearance())
    assert render("concise", report(), Appearance(colour=True, width=10)) == plain


def test_one_line_a_finding_whatever_its_text() -> None:
    wild = Finding("KLP003", "error", "a\nb\x1b[0m\tc\udcff", Place("x\ny.c", Region(1, 2, 1, 3)))
    rendered = render("concise", _of(wild), Appearance())
    assert rendered == "x y.c:1:2: error: a b\u241b[0m c\ufffd [KLP003]\n"


def test_suppressed_findings_say_so() -> None:
    finding = msgspec.structs.replace(report().result.findings[0], justification="why")
    assert render("concise", _of(finding), Appearance()).endswith(" [KLP003] (suppressed)\n")


def _of(*findings: Finding) -> Report:
    return Report(Result(findings, (), 1, 1), report().rules, "0.1.0")
