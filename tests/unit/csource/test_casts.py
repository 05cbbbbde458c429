"""Casts by tokens."""

from __future__ import annotations

import pytest

from klplint.csource.casts import without_casts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f", "f"),
        ("(work_t)f", "f"),
        ("(work_t) f", " f"),
        ("(bool (*)(void *))f", "f"),
        ("(struct s *)(void *)f", "f"),
        ("(work_t)&f", "&f"),
        ("(work_t)(f)", "(f)"),
        ("((work_t)f)", "(f)"),
        ("x ? (work_t)f : (work_t)g", "x ? f : g"),
        ("(__typeof__(*f) *)f", "f"),
        # What is in parentheses is not a type.
        ("(f)", "(f)"),
        ("g(x)", "g(x)"),
        ("(a) && f", "(a) && f"),
        ("(a) ? f : g", "(a) ? f : g"),
        ("(a) + f", "(a) + f"),
        ("a[(b)]", "a[(b)]"),
        ("g((work_t)f)", "g(f)"),
        # Not balanced.
        ("(f", "(f"),
        ("f)", "f)"),
    ],
)
def test_an_expression_without_its_casts(text: str, expected: str) -> None:
    assert without_casts(text) == expected


def test_long_expressions_are_read_all_the_same() -> None:
    assert without_casts("(work_t)" * 1000 + "f") == "f"
    assert without_casts("(" * 1000 + "f") == "(" * 1000 + "f"
    assert without_casts("g(x)" * 1000) == "g(x)" * 1000
