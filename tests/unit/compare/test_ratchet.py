"""Limits for the number of findings."""

from __future__ import annotations

import pytest

from klplint.compare.ratchet import Ratchet
from klplint.errors import UsageError
from tests.support.patch_samples import finding
from tests.support.report_samples import RULES

FINDINGS = [
    finding(1, file="lib/a.c"),
    finding(2, file="library/b.c"),
    finding(3, file="lib/sub/c.c"),
    finding(4, file="lib/a.c", code="KLP004"),
]


def passed(limits: dict[str, int | dict[str, int]]) -> list[str]:
    return [str(each) for each in Ratchet(limits, RULES).limits(FINDINGS) if each.is_passed]


def test_as_many_as_allowed_are_allowed() -> None:
    assert passed({"KLP003": 3, "KLP004": 1, "KLP001": 0}) == []
    assert passed({"KLP003": 2}) == ["KLP003: 3 of at most 2 findings"]


def test_a_directory_is_not_one_whose_name_begins_alike() -> None:
    for name in ("lib", "lib/", "./lib", "/lib"):
        assert passed({name: {"KLP003": 1}}) == ["KLP003: 2 of at most 1 findings in lib/"]
    assert passed({"lib": {"KLP003": 2}, "lib/sub": {"KLP003": 1}}) == []


def test_rules_may_be_named() -> None:
    assert passed({"unpaired-read-barrier": 0}) == ["KLP003: 3 of at most 0 findings"]


def test_other_findings_are_those_without_a_limit() -> None:
    ratchet = Ratchet({"lib": {"KLP003": 9}}, RULES)
    assert ratchet.others(FINDINGS) == (FINDINGS[1], FINDINGS[3])
    assert Ratchet(None, RULES).others(FINDINGS) == tuple(FINDINGS)


def test_an_unknown_rule() -> None:
    with pytest.raises(UsageError, match="unknown rule") as caught:
        Ratchet({"KLP999": 1}, RULES)
    assert caught.value.setting == "max-findings"
