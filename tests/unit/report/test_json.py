from __future__ import annotations

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from klplint.config.choices import FORMATS, Format
from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.json import VERSION
from tests.support.report_samples import clean_report, report


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("json", report(), Appearance()) == snapshot


def test_nothing_found() -> None:
    document = json.loads(render("json", clean_report(), Appearance()))
    assert (document["findings"], document["not_analysed"]) == ([], [])
    totals = document["totals"]
    assert (totals["findings"], totals["codes"]) == (0, {})
    assert totals["levels"] == {"note": 0, "warning": 0, "error": 0}


def test_the_head_has_versions_and_totals() -> None:
    made = report()
    document = json.loads(render("json", made, Appearance()))
    assert list(document) == ["version", "klplint", "totals", "findings", "not_analysed"]
    assert (document["version"], document["klplint"]) == (VERSION, made.version)
    totals, findings = document["totals"], document["findings"]
    counting = [finding for finding in findings if not finding["suppressed"]]
    assert totals["findings"] == sum(totals["levels"].values()) == len(counting) > 0
    for code, levels in totals["codes"].items():
        for level, number in levels.items():
            alike = [f for f in counting if (f["code"], f["level"]) == (code, level)]
            assert len(alike) == number
    assert totals["not_analysed"] == len(document["not_analysed"]) > 0
    result = made.result
    assert (totals["files"], totals["occurrences"]) == (result.files, result.occurrences)


def test_the_form_is_the_one_promised() -> None:
    document = json.loads(render("json", report(), Appearance()))
    finding = document["findings"][1]
    assert list(finding) == [
        *("code", "level", "message", "file", "line", "column", "end_line", "end_column"),
        *("function", "related", "fingerprint", "suppressed", "fix"),
        *("excerpt", "caused", "hunk"),
    ]
    assert list(finding["related"][0]) == [
        *("file", "line", "message", "column", "end_line", "end_column"),
    ]
    assert list(document["not_analysed"][0]) == ["file", "line", "reason"]


@pytest.mark.parametrize(
    ("line", "column", "excerpt"),
    [
        ("ab" * 500, 7, "ab" * 500),
        ("ab" * 501, 7, "ab" * 498),
        ("ab" * 2000, 7, "ab" * 500),
        ("ab" * 2000, 4000, "b"),
    ],
)
def test_of_a_long_line_each_finding_has_the_part_that_begins_with_it(
    line: str, column: int, excerpt: str
) -> None:
    place = Place("a.c", Region(1, column, 1, column + 1), excerpt=line)
    result = Result((Finding("KLP003", "note", "m", place),), (), 1, 1)
    document = json.loads(render("json", Report(result, (), "0"), Appearance()))
    assert document["findings"][0]["excerpt"] == excerpt


def test_bytes_of_no_encoding_do_not_stop_it() -> None:
    place = Place("a\udcff.c", Region(1, 1, 1, 2), "\udcff")
    finding = Finding("KLP003", "note", "\udcff", place, related=(place,), justification="\udcff")
    result = Result((finding,), (NotAnalysed("\udcfe", 0, "\udcfd"),), 1, 1)
    document = json.loads(render("json", Report(result, (), "0"), Appearance()))
    assert document["findings"][0]["message"] == "\ufffd"
    assert document["findings"][0]["suppressed"] is True
    assert document["not_analysed"] == [{"file": "\ufffd", "line": 0, "reason": "\ufffd"}]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_the_same_twice_and_ends_its_last_line(name: Format) -> None:
    first, second = (render(name, report(), Appearance()) for _ in range(2))
    assert first == second
    assert first.endswith("\n")
