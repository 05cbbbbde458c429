from __future__ import annotations

import msgspec
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place, Result
from klplint.report.base import Report
from klplint.report.formats import render
from tests.support.report_samples import clean_report, hunk, report


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("checkpatch", report()) == snapshot


def test_nothing_found_is_nothing_printed() -> None:
    assert render("checkpatch", clean_report()) == ""


def test_b4_takes_a_line_for_a_failure_by_the_level() -> None:
    lines = render("checkpatch", report()).splitlines()
    errors = [finding.level == "error" for finding in report().findings]
    assert ["ERROR:" in line for line in lines] == errors


def test_a_caused_finding_names_the_change() -> None:
    finding = msgspec.structs.replace(report().findings[0], hunk=hunk(is_cause=True))
    line = render("checkpatch", Report(Result((finding,), (), 1, 1), report().rules, "0.1.0"))
    assert line.endswith(" [KLP003] (caused by lib/writer.c:11)\n")


def test_one_line_whatever_the_text() -> None:
    wild = Finding("KLP003", "error", "a\nb\x1b", Place("x\ny.c", Region(1, 2, 1, 3)))
    rendered = render("checkpatch", Report(Result((wild,), (), 1, 1), report().rules, "0.1.0"))
    assert rendered == "x y.c:1: ERROR: a b\u241b [KLP003]\n"
