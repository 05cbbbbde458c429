"""What conditions say of the tests and variables in them."""

from __future__ import annotations

import pytest

from klplint.livepatch.pending_tests import Operand, PendingTests, is_zero, truth_of

TESTS = PendingTests(("pending",), ("test_*flag",), ("PENDING", "_PENDING"), ("likely", "unlikely"))


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("pending(current)", "pending(current)", ""),
        ("!pending(p)", "", "pending(p)"),
        ("!!pending(p)", "pending(p)", ""),
        ("unlikely(pending(p))", "pending(p)", ""),
        ("likely(!pending(p))", "", "pending(p)"),
        ("(bool)pending(p)", "pending(p)", ""),
        ("pending(p) == false", "", "pending(p)"),
        ("pending(p) != 0", "pending(p)", ""),
        ("0 == pending(p)", "", "pending(p)"),
        ("pending(p) == true", "pending(p)", ""),
        ("pending(p) && x", "pending(p) x", ""),
        ("pending(p) || !x", "pending(p)", "x"),
        ("!(pending(p) && x)", "", "pending(p) x"),
        ("test_thread_flag(PENDING)", "test_thread_flag(PENDING)", ""),
        ("test_tsk_flag(p, OTHER)", "", ""),
        ("flags & _PENDING", "flags & _PENDING", ""),
        ("(flags & _PENDING) == 0", "", "flags & _PENDING"),
        ("(flags & _PENDING) == _PENDING", "flags & _PENDING", ""),
        ("(flags & _PENDING) != _PENDING", "", "flags & _PENDING"),
        ("flags & (_OTHER | _PENDING)", "flags & (_OTHER | _PENDING)", ""),
        ("flags & _OTHER", "", ""),
        ("(x = pending(p))", "pending(p)", ""),
        ("a, pending(p)", "pending(p)", ""),
        ("other(pending(p))", "", ""),
        ("pending(p) ? a : b", "", ""),
        ("({ pending(p); })", "", ""),
        ("pending(p", "", ""),
        ("x > y", "", ""),
        ("", "", ""),
    ],
)
def test_what_holds_where_a_condition_is_true_and_where_false(
    text: str, true: str, false: str
) -> None:
    def said(operands: frozenset[Operand]) -> set[str]:
        return {operand.text.replace(" ", "") for operand in operands}

    truth = truth_of(text, TESTS)
    joined = text.count("&&") or text.count("||")
    wanted = [set(t.split()) if joined else {t.replace(" ", "")} - {""} for t in (true, false)]
    assert [said(truth.true), said(truth.false)] == wanted


def test_deep_conditions_say_nothing() -> None:
    assert truth_of("!" * 5000 + "x", TESTS) == truth_of("", TESTS)


@pytest.mark.parametrize(("text", "zero"), [("0", True), ("(false)", True), ("1", False)])
def test_what_is_plainly_false(text: str, zero: bool) -> None:
    assert is_zero(text) == zero
