from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.terminal_cells import view, wrap
from tests.support.report_samples import RULES, clean_report, hunk, report

_ESCAPE = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize("width", [60, 100, 160])
def test_sample(width: int, snapshot: SnapshotAssertion) -> None:
    rendered = render("text", report(), Appearance(width=width))
    assert rendered == snapshot
    lines = [line for line in rendered.splitlines() if not re.match(" +(-->|:::) ", line)]
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", [40, 100])
def test_the_hunk_that_causes_a_finding(width: int, snapshot: SnapshotAssertion) -> None:
    first, part = report().findings[0], hunk(is_cause=True)
    assert part.place is not None
    caused = msgspec.structs.replace(first, hunk=part, related=(*first.related, part.place))
    made = Report(Result((caused,), (), 1, 1), RULES, "0.1.0")
    rendered = render("text", made, Appearance(width=width))
    assert rendered == snapshot
    assert rendered.count("pairs wi") == 1
    assert "\x1b" not in rendered


def test_colour_changes_no_text() -> None:
    coloured = render("text", report(), Appearance(colour=True))
    assert "\x1b[1;31merror[KLP001]" in coloured
    assert _ESCAPE.sub("", coloured) == render("text", report(), Appearance())


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = render("text", report(), Appearance(colour=True))
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "20"}.items():
        monkeypatch.setenv(name, value)
    assert render("text", report(), Appearance(colour=True)) == coloured


def test_a_hook_of_pre_commit_says_that_its_commands_need_klplint_on_the_path() -> None:
    hooked = render("text", report(), Appearance(width=80, by_pre_commit=True))
    plain = render("text", report(), Appearance(width=80))
    assert hooked.startswith(plain.rstrip("\n"))
    assert "  These commands need klplint on your PATH, where pre-commit does" in hooked
    assert all(len(line) <= 80 for line in hooked.splitlines()[-2:])
    assert "pre-commit" not in render("text", clean_report(), Appearance(by_pre_commit=True))


def test_nothing_found() -> None:
    assert render("text", clean_report(), Appearance()) == (
        "No findings. Examined: 385 files, 1,234 occurrences of watched names.\n"
    )


def test_nothing_found_does_not_hide_what_was_not_analysed() -> None:
    result = Result((), (NotAnalysed("a.c", 7, "#if 0"),), 1, 1)
    assert render("text", Report(result, RULES, "0"), Appearance()) == (
        "Not fully analysed: 1 place\n"
        "  a.c:7: #if 0\n"
        "\n"
        "No findings. Not fully analysed: 1 place, listed above. "
        "Examined: 1 file, 1 occurrence of watched\nnames.\n"
    )


def test_suppressed_findings_are_marked_and_counted() -> None:
    first, second = report().result.findings[:2]
    suppressed = msgspec.structs.replace(first, justification="a reason")
    result = Result((second,), (), 1, 1, suppressed=(suppressed,))
    rendered = render("text", Report(result, RULES, "0.1.0", show_suppressed=True), Appearance())
    assert "smp_rmb() without a comment (suppressed: a reason)\n" in rendered
    totals = f"1 finding in 1 file: 1 {second.level}.\nSuppressed: 1 finding, "
    assert f"{totals}marked above.\n" in rendered
    hidden = render("text", Report(result, RULES, "0.1.0"), Appearance())
    assert "smp_rmb() without a comment" not in hidden
    assert f"{totals}shown with --show-suppressed.\n" in hidden


def test_markup_in_kernel_text_is_text() -> None:
    excerpt = "x = [bold]a[0] + b[/] :smile:;"
    finding = Finding("KLP003", "note", excerpt, Place("[red].c", Region(1, 1, 1, 2), "", excerpt))
    assert _text(finding).count(excerpt) == 2
    assert "--> [red].c:1:1\n" in _text(finding)


def test_no_control_character_reaches_the_terminal() -> None:
    wild = "".join(map(chr, range(32))) + "\x7f\x9b\u202e\udcff"
    place = Place(wild, Region(1, 1, 1, 2), wild, wild)
    result = Result((Finding("KLP003", "note", wild, place, wild),), (), 1, 1)
    rendered = render("text", Report(result, RULES, "0"), Appearance())
    assert rendered.replace("\n", "").isprintable()


def test_a_megabyte_on_a_line_is_cut_around_the_caret() -> None:
    excerpt = "a" * 500_000 + "smp_rmb()" + "b" * 500_000
    place = Place("a.c", Region(1, 500_001, 1, 500_010), "", excerpt)
    line, carets = _text(Finding("KLP003", "note", "m", place)).splitlines()[3:5]
    assert len(line) == 100
    assert line[carets.index("^") : carets.rindex("^") + 1] == "smp_rmb()"
    assert line.startswith("1 | ...a")
    assert line.endswith("b...")


@given(
    st.text(st.sampled_from("ab\t漢e\u0301\x1b "), max_size=150),
    st.text(st.sampled_from("ab\t漢e\u0301\x1b "), max_size=700),
    st.integers(20, 120),
)
def test_the_mark_stands_under_what_it_marks(before: str, after: str, room: int) -> None:
    shown = view(f"{before}XYZ{after}", [(len(before), len(before) + 3)], room)
    assert cell_len(shown.text) <= room
    assert shown.spans[0] is not None
    start, end = shown.spans[0]
    assert (start, end) == (cell_len(shown.text[: shown.text.index("XYZ")]), start + 3)


@given(st.text(max_size=80), st.integers(0, 200), st.integers(0, 200), st.integers(20, 60))
def test_any_range_of_any_line_can_be_drawn(text: str, start: int, more: int, room: int) -> None:
    shown = view(text, [(start, start + more)], room)
    assert shown.spans[0] is not None
    assert 0 <= shown.spans[0][0] <= shown.spans[0][1] <= room


def test_marks_too_far_apart_show_the_line_twice() -> None:
    excerpt = "first" + " " * 300 + "second"
    place = Place("a.c", Region(1, 1, 1, 6), "here", excerpt)
    far = Place("a.c", Region(1, 306, 1, 312), "there", excerpt)
    rendered = _text(Finding("KLP003", "note", "m", place, related=(far,)))
    assert [line[:4] for line in rendered.splitlines()[3:7]] == ["1 | ", "  | ", "1 | ", "  | "]
    assert "^^^^^ here\n" in rendered
    assert re.search(r" ------\n *\| +there\n", rendered)


@given(st.text(st.sampled_from("ab 漢 "), max_size=200), st.integers(10, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = wrap(text, width, width)
    assert " ".join(lines).split() == text.split()
    assert all(cell_len(line) <= width or " " not in line for line in lines)


def _text(*findings: Finding) -> str:
    return render("text", Report(Result(findings, (), 1, 1), RULES, "0.1.0"), Appearance())
