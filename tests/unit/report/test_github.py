from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.github import limits_exceeded
from tests.support.report_samples import RULES, clean_report, report

_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
_PLACE = Place("a.c", Region(1, 2, 1, 3))


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("github", report(), Appearance()) == snapshot


def test_nothing_found_is_nothing_said() -> None:
    assert render("github", clean_report(), Appearance()) == ""


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), min_size=1))
def test_whatever_the_text_the_runner_reads_one_command(message: str, file: str) -> None:
    place = Place(file, Region(1, 2, 1, 3))
    line, properties, text = _parsed(Finding("KLP003", "note", message, place, "f", (place,)))
    assert line == "notice"
    assert properties["file"] == file
    assert properties["title"] == "KLP003 unpaired-read-barrier"
    assert text.count("\n") == 1
    if message.isprintable():
        assert text.split("\n")[0] == message


def test_a_region_over_several_lines_keeps_its_columns() -> None:
    place = Place("a.c", Region(4, 2, 6, 1), "", "\tfoo(")
    _, properties, _ = _parsed(Finding("KLP003", "error", "m", place))
    assert [properties[key] for key in ("line", "endLine", "col", "endColumn")] == list("4426")


def test_a_suppressed_finding_does_not_look_like_a_failure() -> None:
    command, _, text = _parsed(Finding("KLP001", "error", "m", _PLACE, justification="why"))
    assert (command, text) == ("notice", "m (suppressed: why)")


@pytest.mark.parametrize(("errors", "printed"), [(10, False), (11, True)])
def test_more_than_github_shows_is_reported(errors: int, printed: bool) -> None:
    wrong = Finding("KLP001", "error", "m", _PLACE)
    note = msgspec.structs.replace(wrong, level="note")
    hidden = msgspec.structs.replace(wrong, justification="why")
    result = Result((wrong,) * errors + (note,) * 10, (), 1, 1, suppressed=(hidden,) * 9)
    sentence = limits_exceeded(Report(result, RULES, "0"))
    assert (sentence is not None) == printed
    if sentence:
        assert "there are 11 of kind error;" in sentence


def test_every_finding_and_every_place_that_was_missed_is_a_line() -> None:
    commands = Counter(
        line.split(" ")[0] for line in render("github", report(), Appearance()).split("\n")
    )
    assert commands == {"::error": 2, "::warning": 5, "::notice": 3, "": 1}


def _parsed(finding: Finding) -> tuple[str, dict[str, str], str]:
    """The command, properties and text of the only line, as GitHub's runner reads it."""
    rendered = render("github", Report(Result((finding,), (), 1, 1), RULES, "0"), Appearance())
    match = _COMMAND.fullmatch(rendered.removesuffix("\n"))
    assert match, rendered
    pairs = (pair.partition("=") for pair in match[2].split(","))
    return match[1], {key: _unescaped(value) for key, _, value in pairs}, _unescaped(match[3])


def _unescaped(text: str) -> str:
    codes = {"%25": "%", "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}
    return re.sub("|".join(codes), lambda match: codes[match[0]], text)
