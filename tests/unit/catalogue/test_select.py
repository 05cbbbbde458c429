"""Rules chosen from the catalogue."""

from __future__ import annotations

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules


def codes(select: list[str], ignore: list[str]) -> set[str]:
    return {rule.code for rule in select_rules(load_catalogue(), select, ignore)}


def test_an_optional_rule_runs_only_if_it_is_selected() -> None:
    optional = {rule.code for rule in load_catalogue() if rule.header.optional}
    assert "KLP010" in optional
    everything = {rule.code for rule in load_catalogue()}
    assert codes([], []) == everything - optional
    assert codes(["KLP003", "KLP010"], []) == {"KLP003", "KLP010"}
    assert codes(["KLP"], []) == everything
    assert codes(["KLP010", "KLP003"], ["doubtful-partner"]) == {"KLP003"}
