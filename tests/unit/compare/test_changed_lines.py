"""Findings on changed lines, and those caused elsewhere."""

from __future__ import annotations

from klplint.compare.changed_lines import Changes, caused
from klplint.compare.patches.series import Change
from klplint.facts.region import Region
from klplint.findings.finding import NotAnalysed, Place
from tests.support.patch_samples import CHANGES, finding


def test_lines_know_where_they_stood_before() -> None:
    assert CHANGES.origin("x.c", 4) == ("x.c", 4)
    assert CHANGES.origin("x.c", 5) is None
    assert CHANGES.origin("x.c", 7) == ("x.c", 5)
    assert CHANGES.origin("x.c", 17) == ("x.c", 16)
    assert CHANGES.origin("other.c", 5) == ("other.c", 5)
    assert Changes([Change("a.c", "b.c")]).origin("b.c", 1) == ("a.c", 1)
    assert Changes([Change(None, "b.c")]).origin("b.c", 1) is None


def test_a_finding_over_several_lines_is_on_each() -> None:
    assert CHANGES.is_on(finding(5))
    assert not CHANGES.is_on(finding(7))
    long = Place("x.c", Region(3, 1, 5, 2))
    assert CHANGES.is_on(type(finding(3))("KLP001", "error", "", long))


def test_what_was_not_analysed_concerns_a_patch_by_its_line() -> None:
    assert CHANGES.concerns(NotAnalysed("x.c", 5, ""))
    assert not CHANGES.concerns(NotAnalysed("x.c", 7, ""))
    assert CHANGES.concerns(NotAnalysed("x.c", 0, ""))
    assert not CHANGES.concerns(NotAnalysed("other.c", 0, ""))


def test_a_finding_that_only_moved_is_an_old_one() -> None:
    assert caused([finding(7)], [finding(5)], CHANGES) == ()
    assert caused([finding(7)], [finding(7)], CHANGES) == (finding(7),)
    assert caused([finding(7, function="renamed")], [finding(5)], CHANGES) == ()
    assert caused([finding(7, code="KLP004")], [finding(5)], CHANGES) != ()


def test_each_old_finding_makes_up_for_one() -> None:
    two = [finding(7, message="lacks a() at line 7"), finding(7, message="lacks b()")]
    assert caused(two, [finding(5, message="lacks a() at line 5")], CHANGES) == (two[1],)
    assert caused(two, [finding(5, message="lacks b()")], CHANGES) == (two[0],)
    assert caused(two, [finding(5), finding(5)], CHANGES) == ()


def test_a_finding_that_got_worse_is_new() -> None:
    note, warning = finding(7, level="note"), finding(7)
    assert caused([warning], [finding(5, level="note")], CHANGES) == (warning,)
    assert caused([note], [finding(5)], CHANGES) == ()
