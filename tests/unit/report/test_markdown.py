from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place, Result
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.markdown import limits_exceeded
from tests.support.report_samples import RULES, clean_report, report

_MEBIBYTE = 1024 * 1024
_GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("markdown", report(), Appearance()) == snapshot


def test_nothing_found() -> None:
    assert render("markdown", clean_report(), Appearance()) == (
        "## klplint\n\nNo findings.\nExamined: 385 files, 1,234 occurrences of watched names.\n"
    )


def test_what_was_not_analysed_is_listed_even_if_nothing_was_found() -> None:
    missed = (NotAnalysed("a|b.c", 7, "#if 0"), NotAnalysed("c.c", 0, "no C"))
    rendered = render("markdown", Report(Result((), missed, 1, 1), RULES, "0"), Appearance())
    assert "No findings.\nNot fully analysed: 2 places, listed below.\n" in rendered
    assert _rows(rendered) == [["a|b.c:7", "#if 0"], ["c.c", "no C"]]


def test_suppressed_findings_are_counted_and_listed_when_asked_for() -> None:
    wrong = report().result.findings[0]
    hidden = msgspec.structs.replace(wrong, justification="a reason")
    result = Result((), (), 1, 1, suppressed=(hidden,))
    plain = render("markdown", Report(result, RULES, "0"), Appearance())
    assert "No findings.\nSuppressed: 1 finding.\n" in plain
    assert _rows(plain) == []
    shown = render("markdown", Report(result, RULES, "0", show_suppressed=True), Appearance())
    assert "(suppressed: a reason)" in _rows(shown)[0][3]


@pytest.mark.parametrize(
    ("message", "html"),
    [
        ("called with `a[0]`, not `current`", "called with <code>a[0]</code>, not <code>current"),
        ("the comment quotes ` once", "the comment quotes ` once"),
        ("in `f(a | b)`", "in <code>f(a | b)</code>"),
    ],
)
def test_what_a_message_quotes_is_code(message: str, html: str) -> None:
    assert html in _GITHUB.render(_of(Finding("KLP003", "note", message, _place("a.c"))))


@given(st.text("ab1 _*`[]()<>&|~\\#:!$-+=.\"'"), st.text("ab_`|\\*<& ", min_size=1))
@example("`1``1`", "<")
def test_whatever_the_text_nothing_in_it_is_markup(message: str, file: str) -> None:
    finding = Finding("KLP003", "error", message, _place(file), "f", (_place(file),))
    ((level, place, function, text),) = _rows(_of(finding))
    assert (level, function) == ("error", "f()")
    assert _squeezed(place) == _squeezed(f"{file}:1:2")
    quoting = message.count("`") % 2 == 0  # then what stands between two is code
    printed = message.replace("`", "") if quoting else message
    assert _squeezed(text) == _squeezed(f"{printed} {file}:1")


def test_no_more_than_github_takes_and_what_is_left_out_is_reported() -> None:
    one, other = (Finding(code, "note", "é" * 999, _place("a.c")) for code in ("KLP001", "KLP003"))
    missed = NotAnalysed("a.c", 1, "m")
    result = Result((one,) * 400 + (other,) * 400, (missed,) * 3, 1, 1)
    rendered = render("markdown", Report(result, RULES, "0"), Appearance())
    assert _MEBIBYTE - 4_096 < len(rendered.encode()) <= _MEBIBYTE
    listed = len(_rows(rendered))
    assert rendered.count("omitted: a job summary is limited to 1 MiB") == 1
    printed = limits_exceeded(Report(result, RULES, "0"))
    assert printed is not None
    assert f"omits {803 - listed} rows," in printed
    assert f"**{803 - listed} more rows omitted" in rendered
    assert "| a.c | m |" not in rendered
    assert "`a.c:1` | m |" in rendered


def test_what_fits_is_not_reported() -> None:
    assert limits_exceeded(report()) is None


def _place(file: str) -> Place:
    return Place(file, Region(1, 2, 1, 3))


def _of(finding: Finding) -> str:
    return render("markdown", Report(Result((finding,), (), 1, 1), RULES, "0"), Appearance())


def _rows(markdown: str) -> list[list[str]]:
    """The cells of the tables behind the first heading of a rule, as a reader sees them."""
    tokens = _GITHUB.parse(markdown[markdown.find("\n###") + 1 :] if "\n###" in markdown else "")
    rows: list[list[str]] = []
    in_body = False
    for token in tokens:
        if token.type in ("tbody_open", "tbody_close"):
            in_body = token.type == "tbody_open"
        if in_body and token.type == "tr_open":
            rows.append([])
        if in_body and token.type == "inline":
            rows[-1].append(_visible(_GITHUB.renderInline(token.content)))
    return rows


def _visible(html: str) -> str:
    """The text of HTML in which nothing but code and line breaks may be marked."""
    for tag, shown in {"<code>": "", "</code>": "", "<br>": " "}.items():
        html = html.replace(tag, shown)
    assert "<" not in html, html
    return _unescaped(html)


def _unescaped(html: str) -> str:
    entities = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}
    for entity, character in entities.items():
        html = html.replace(entity, character)
    return html


def _squeezed(text: str) -> str:
    return " ".join(text.split())
