"""The reply to a patch: quoted lines with the findings below them."""

from __future__ import annotations

import msgspec
from syrupy.assertion import SnapshotAssertion

from klplint.findings.finding import Finding, Result
from klplint.report.base import Report
from klplint.report.formats import render
from tests.support.report_samples import clean_report, hunk, report

WIDTH = 75


def reply(*findings: Finding) -> str:
    result = msgspec.structs.replace(clean_report().result, findings=findings)
    return render("mail", Report(result, report().rules, "0.1.0"))


def behind(index: int, at: int, *, is_cause: bool, number: int = 0) -> Finding:
    part = hunk(at, is_cause=is_cause, number=number)
    finding = report().findings[index]
    assert part.place is not None
    return msgspec.structs.replace(finding, hunk=part, related=(*finding.related, part.place))


def test_sample(snapshot: SnapshotAssertion) -> None:
    caused, added = behind(0, 3, is_cause=True), behind(2, 4, is_cause=False)
    assert reply(caused, added, report().findings[4]) == snapshot


def test_nothing_found_is_a_short_sentence() -> None:
    assert render("mail", clean_report()) == "klplint found nothing to report in this patch.\n"


def test_each_finding_is_below_its_line_in_the_order_of_the_patch() -> None:
    text = reply(behind(2, 4, is_cause=False), behind(0, 3, is_cause=True))
    order = ["> -\tsmp_wmb()", "KLP003", "> +\tklp_update_patch_state", "KLP001", "\n-- \n"]
    assert sorted(order, key=text.index) == order
    assert text.count("> @@ -8,6 +8,6 @@ struct box {\n") == 1
    assert "WRITE_ONCE" not in text  # nothing is quoted below the last finding


def test_two_findings_of_a_line_share_its_quote() -> None:
    text = reply(behind(1, 4, is_cause=False), behind(2, 4, is_cause=False))
    assert text.count("> +\tklp_update_patch_state(other);\n") == 1


def test_lines_that_are_left_out_of_a_quote_are_marked() -> None:
    text = reply(behind(0, 3, is_cause=True), behind(2, 4, is_cause=False, number=100))
    assert "\n> [ ... ]\n" in text


def test_text_is_wrapped_and_quotes_are_not() -> None:
    text = render("mail", report())
    assert all(len(line) <= WIDTH or " " not in line.strip() for line in text.split("\n"))
    part = msgspec.structs.replace(hunk(3, is_cause=True), lines=("x" * 200,), at=0)
    assert f"> {'x' * 200}\n" in reply(msgspec.structs.replace(report().findings[0], hunk=part))


def test_nothing_is_left_that_a_terminal_would_interpret() -> None:
    text = reply(behind(0, 3, is_cause=True))
    assert "\x1b" not in text
    assert "\u241b pairs with" in text


def test_the_place_in_the_patch_is_not_listed_again() -> None:
    assert "x.patch" not in reply(behind(0, 3, is_cause=True))


def test_suppressed_findings_are_left_out() -> None:
    hidden = msgspec.structs.replace(report().findings[0], justification="why")
    result = Result((), (), 1, 1, suppressed=(hidden,))
    text = render("mail", Report(result, report().rules, "0.1.0", show_suppressed=True))
    assert text == "klplint found nothing to report in this patch.\n"
