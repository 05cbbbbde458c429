"""JUnit's XML, read back with Python's parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import msgspec
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place, Result
from klplint.report.base import Report
from klplint.report.formats import render
from tests.support.report_samples import clean_report, report


def parsed(shown: Report) -> ET.Element:
    return ET.fromstring(render("junit", shown))  # noqa: S314 - klplint wrote it


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("junit", report()) == snapshot


def test_counts_are_those_of_the_cases() -> None:
    root = parsed(report())
    for suite in root:
        assert suite.get("tests") == str(len(suite))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    assert root.get("tests") == str(len(root.findall("*/testcase")))
    levels = [finding.level for finding in report().findings]
    assert root.get("failures") == str(len(levels) - levels.count("note"))


def test_a_rule_without_findings_is_a_case_that_passes() -> None:
    root = parsed(clean_report())
    assert [len(suite) for suite in root] == [1] * len(clean_report().rules)
    assert root.get("failures") == "0"


def test_no_two_cases_have_one_name() -> None:
    cases = [(c.get("classname"), c.get("name")) for c in parsed(report()).iter("testcase")]
    assert len(set(cases)) == len(cases)


def test_a_suppressed_finding_is_skipped() -> None:
    hidden = msgspec.structs.replace(report().findings[0], justification='a "reason" <&>')
    result = Result((), (), 1, 1, suppressed=(hidden,))
    root = parsed(Report(result, report().rules, "0.1.0", show_suppressed=True))
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == 'a "reason" <&>'
    assert root.get("failures") == "0"


def test_hostile_text_is_text() -> None:
    text = ']]></failure><script>\x00\x1b\udcff\ufffe&amp;"'
    place = Place(text, Region(1, 1, 1, 2), excerpt=text)
    wild = Finding("KLP003", "error", text, place, function=text, related=(place,))
    (failure,) = parsed(Report(Result((wild,), (), 1, 1), report().rules, "0")).iter("failure")
    assert failure.get("message") == ']]></failure><script>\u2400\u241b\ufffd<U+FFFE>&amp;"'
