"""What conditions say of the tests and variables in them."""

from __future__ import annotations

import pytest

from klplint.livepatch.pending_tests import (
    HelperTest,
    PendingTests,
    is_not_zero,
    is_zero,
    masked,
    truth_of,
)
from klplint.livepatch.truths import Operand

TESTS = PendingTests(
    ("pending",),
    ("test_*flag",),
    ("PENDING", "_PENDING"),
    ("likely", "unlikely"),
    state_members=("state",),
    idle_states=("IDLE",),
    helpers=(HelperTest("must", True, ()), HelperTest("may_stay", False, ())),
)


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
        ("flags & _OTHER", "flags", ""),
        ("flags & other", "", ""),
        ("(work & BIT(3)) == 0", "", "work"),
        ("work == GO", "work", ""),
        ("GO != work", "", "work"),
        ("(x = pending(p))", "pending(p)", ""),
        ("a, pending(p)", "pending(p)", ""),
        ("other(pending(p))", "", ""),
        ("pending(p) ? a : b", "", ""),
        ("pending(p) ? 1 : 0", "pending(p)", ""),
        ("pending(p) ? false : true", "", "pending(p)"),
        ("x ? pending(p) : 0", "pending(p) x", ""),
        ("a | pending(p)", "pending(p) a", ""),
        ("p->go", "p->go", ""),
        ("p->state != IDLE", "p->state != IDLE", ""),
        ("IDLE == likely(p->state)", "", "IDLE == likely(p->state)"),
        ("p->state != target", "p->state != target", ""),
        ("p->state == target", "", ""),
        ("p->other != IDLE", "", "p->other"),
        ("must(p)", "must(p)", ""),
        ("may_stay()", "", "may_stay()"),
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
    joined = any(operator in text for operator in ("&&", "||", "a |", "x ?"))
    wanted = [set(t.split()) if joined else {t.replace(" ", "")} - {""} for t in (true, false)]
    assert [said(truth.true), said(truth.false)] == wanted


def test_deep_conditions_say_nothing() -> None:
    assert truth_of("!" * 5000 + "x", TESTS) == truth_of("", TESTS)


@pytest.mark.parametrize(("text", "zero"), [("0", True), ("(false)", True), ("1", False)])
def test_what_is_plainly_false(text: str, zero: bool) -> None:
    assert is_zero(text) == zero


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        *((text, True) for text in ("1", "(true)", "-1", "0x10", "RING_GO")),
        *((text, False) for text in ("0", "0x0", "NULL", "go", "f(1)")),
    ],
)
def test_constants_that_are_true(text: str, is_true: bool) -> None:
    assert is_not_zero(text) is is_true


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("work & _PENDING", "work"),
        ("_PENDING & ti->flags", "ti->flags"),
        ("test_flag(PENDING, &work)", "work"),
        ("test_flag(PENDING)", ""),
        ("pending(p)", ""),
    ],
)
def test_the_expression_whose_bits_are_tested(text: str, flags: str) -> None:
    (operand,) = truth_of(text, TESTS).true
    assert operand.flags == flags


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a & ~M", ("a", "M")), ("(long)r->a", ("r->a",)), ("a + b", ()), ("f(a)", ()), ("a &", ())],
)
def test_what_a_mask_leaves(text: str, parts: tuple[str, ...]) -> None:
    assert masked(text) == parts
