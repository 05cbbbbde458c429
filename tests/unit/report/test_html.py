from __future__ import annotations

import base64
import builtins
import hashlib
import re
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klplint.errors import UsageError
from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place, Result
from klplint.findings.fix import Edit, Fix
from klplint.report.base import Gone, Report, Trend
from klplint.report.formats import expect_available, render
from tests.support.html_pages import HOSTILE, data_of, elements
from tests.support.report_samples import RULES, clean_report, report

_LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "style"}
_MOST_BYTES_OF_A_FINDING = 2_000


def test_all_findings_are_in_the_data_with_their_marked_lines() -> None:
    data = data_of(render("html", report()))
    assert [(each["code"], each["line"]) for each in data["findings"]] == [
        (finding.code, finding.place.region.line) for finding in report().findings
    ]
    first = next(each for each in data["findings"] if each["level"] == "note")
    marked = {
        line["text"][slice(*mark["span"])]: mark["label"]
        for line in first["lines"]
        for mark in line["marks"]
        if line["file"] == first["file"]
    }
    assert marked == {
        "task": "this is the task of the loop, not current",
        "for_each_process_thread(g, task)": "task is assigned here",
    }


def test_the_marks_of_a_long_line_are_shown() -> None:
    data = data_of(render("html", report()))
    (long,) = (each for each in data["findings"] if each["message"].endswith("in a long line"))
    (line,) = long["lines"]
    (barrier,) = (mark for mark in line["marks"] if mark["label"] == "the barrier")
    assert line["text"][slice(*barrier["span"])] == "smp_rmb()"
    assert len(line["text"]) < 500


def test_without_a_script_the_page_has_the_findings_and_what_was_not_analysed() -> None:
    page = render("html", report())
    text = "".join(f"{each.text} " for each in elements(page) if each.tag != "script")
    assert "8 findings in 4 files: 2 errors, 5 warnings, 1 note." in text
    for finding in report().findings:
        assert f"{finding.place.file}:{finding.place.region.line}" in text
    assert "assembly is counted, not analysed" in text
    assert "<noscript>" in page


def test_nothing_found() -> None:
    page = render("html", clean_report())
    assert "No findings." in page
    assert data_of(page)["findings"] == []


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render("html", report()) == render("html", report())


def test_a_page_loads_nothing_and_runs_only_what_its_policy_names() -> None:
    page = render("html", report())
    parsed = elements(page)
    assert [each for each in parsed if each.attributes.keys() & _LOADING] == []
    assert {each.tag for each in parsed} & {"link", "img", "iframe", "object", "base"} == set()
    assert [n for each in parsed for n in each.attributes if n.startswith("on")] == []
    links = [each.attributes["href"] for each in parsed if "href" in each.attributes]
    assert links
    assert all(href.startswith("#") for href in links)
    policy = next(e.attributes["content"] for e in parsed if "http-equiv" in e.attributes)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def _report_with(text: str) -> Report:
    """A report with a text in all places that come from a kernel, a rule or a baseline."""
    line = f"\t{text} smp_rmb();"
    here = Place(f"drivers/{text}/{text}.c", Region(1, 2, 1, 3), text, line)
    edit = Edit(here.file, here.region, text, (line,), (text,))
    finding = Finding(
        "KLP003",
        "warning",
        text,
        here,
        text,
        (msgspec.structs.replace(here, file=text),),
        fingerprint="0" * 32,
        fix=Fix(text, (), edits=(edit,)),
        justification=text,
    )
    missed = (NotAnalysed(text, 1, text),)
    trend = Trend({"KLP003": 1}, {}, (Gone("KLP003", text, text, 2),))
    header = msgspec.structs.replace(RULES[2].header, name=text, summary=text)
    rules = (msgspec.structs.replace(RULES[2], header=header),)
    return Report(Result((finding,), missed, 1, 1), rules, "0.1.0", kernel=text, trend=trend)


_FRAME = [
    (each.tag, sorted(each.attributes)) for each in elements(render("html", _report_with("x")))
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_text_and_nothing_else(text: str) -> None:
    page = render("html", _report_with(text))
    frame = [(each.tag, sorted(each.attributes)) for each in elements(page)]
    # How often a path may be broken, and what is code, depends on the text.
    loose = {"wbr", "code"}
    assert [each for each in frame if each[0] not in loose] == [
        each for each in _FRAME if each[0] not in loose
    ]
    visible = data_of(page)["findings"][0]["message"]
    assert visible.isprintable()
    assert re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b\x1b\x00]", page) is None


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@example("\ud800</script>")
def test_any_text_can_be_rendered(text: str) -> None:
    page = render("html", _report_with(text))
    page.encode()
    assert page.count("<script") == 2
    assert data_of(page)["findings"][0]["code"] == "KLP003"


def test_a_trend_compares_each_rule_with_the_baseline() -> None:
    plain = report()
    gone = (Gone("KLP001", "kernel/a.c", "f", 2), Gone("KLP004", "kernel/b.c", "", 1))
    trend = Trend(new={"KLP001": 2, "KLP003": 4}, old={"KLP002": 1, "KLP004": 1}, gone=gone)
    page = render("html", msgspec.structs.replace(plain, trend=trend))
    rows = _rows(page)
    assert [row[-3:] for row in rows] == [
        ["2", "\u22122", "+2"],
        ["1", "0", "0"],
        ["0", "0", "+4"],
        ["2", "\u22121", "0"],
    ]
    assert "Gone since the baseline (3)" in page
    assert "f()" in page
    assert "Baseline" not in render("html", plain)


def _rows(page: str) -> list[list[str]]:
    """The cells of the table of rules."""
    table = page[page.index("<caption>Findings by rule") : page.index("</table>")]
    rows = table.split("<tr>")[2:]
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall("<td.*?</td>", row, re.DOTALL)]
        for row in rows
    ]


def test_the_page_grows_with_the_findings_only() -> None:
    one = report().findings[0]
    pages = [
        render("html", Report(Result((one,) * number, (), 1, 1), RULES, "0"))
        for number in (0, 1_000)
    ]
    assert len(pages[1]) - len(pages[0]) < 1_000 * _MOST_BYTES_OF_A_FINDING


def test_without_jinja_a_sentence_says_what_to_install() -> None:
    imported = builtins.__import__

    def without_jinja(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "jinja2":
            raise ImportError(name)
        return imported(name, *arguments, **options)

    with mock.patch("builtins.__import__", without_jinja):
        expect_available("json")
        with pytest.raises(UsageError, match="pip install Jinja2"):
            expect_available("html")
