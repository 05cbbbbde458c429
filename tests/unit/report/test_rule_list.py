"""The list of rules: a line a rule for programs, columns that fit for a terminal."""

from __future__ import annotations

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.report.rule_list import render

RULES = load_catalogue()


def test_without_a_width_each_rule_has_one_line() -> None:
    lines = render(RULES).splitlines()
    assert [line.split()[0] for line in lines] == [rule.code for rule in RULES]
    for line, rule in zip(lines, RULES, strict=True):
        assert line.endswith(f"  {rule.header.summary}")


@pytest.mark.parametrize("width", [70, 80, 200])
def test_with_a_width_summaries_wrap_in_their_column(width: int) -> None:
    lines = render(RULES, width).splitlines()
    assert max(map(len, lines)) <= width
    column = lines[0].index(RULES[0].header.summary.split()[0])
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)
    words = " ".join(line[column:] for line in lines)
    assert words == " ".join(rule.header.summary for rule in RULES)
