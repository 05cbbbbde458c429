"""Statements in the order of the text, with the branches around each."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.step_walk import steps_of
from klplint.csource.steps import Steps


def texts(code: str) -> list[str]:
    return [code[step.start : step.end].strip() for step in walked(code).steps]


def walked(code: str) -> Steps:
    return steps_of(code, 0, len(code))


def branches(code: str) -> list[tuple[int, ...]]:
    """For each step the arms around it, outer first, the outermost omitted."""
    return [tuple(a.number for a in reversed(s.arm.chain()))[1:] for s in walked(code).steps]


def test_statements_and_conditions_are_steps() -> None:
    assert texts("a = 1; if (b) c(); else { d(); } return e;") == [
        "a = 1",
        "(b)",
        "c()",
        "d()",
        "e",
    ]


def test_the_arms_of_a_branch_have_numbers() -> None:
    assert branches("if (a) b(); else if (c) d(); else e(); f();") == [
        (),
        (0,),
        (1,),
        (1, 0),
        (1, 1),
        (),
    ]


def test_loops_have_their_headers_inside() -> None:
    assert texts("while (a) b(); for (i = 0; i < n; i++) { c(); } do d(); while (e);") == [
        "(a)",
        "b()",
        "(i = 0; i < n; i++)",
        "c()",
        "d()",
        "(e)",
    ]


def test_a_macro_with_a_block_is_a_loop_if_its_name_says_so() -> None:
    steps = walked("list_for_each_entry(x, h, l) { a(); } scoped_guard(lock, l) { b(); }").steps
    assert [step.arm.is_loop for step in steps] == [True, True, False, False]


def test_a_case_behind_a_jump_is_another_arm() -> None:
    code = "switch (a) { case 1: b(); break; case 2: c(); case 3: d(); }"
    assert branches(code) == [(), (0,), (1,), (1,)]


def test_an_arm_knows_the_jump_that_ends_it() -> None:
    steps = walked("if (a) { b(); goto out; } c(); out: d();")
    assert [step.arm.jump for step in steps.steps] == ["", "goto", "", ""]
    assert steps.steps[1].arm.label == "out"
    assert steps.labels == {"out": 3}


def test_an_initialiser_and_a_statement_expression_are_one_step() -> None:
    code = "struct a b = { .c = 1, .d = { 2 } }; e = ({ f(); g; }); h();"
    assert texts(code) == [
        "struct a b = { .c = 1, .d = { 2 } }",
        "e = ({ f(); g; })",
        "h()",
    ]


def test_what_nests_too_deep_or_is_too_long_is_not_read() -> None:
    assert walked("if (a) " * 5000 + "b();").steps == []
    assert walked("if (a) b(); else " * 5000 + "c();").steps == []
    assert walked("a();" * 30_000).steps == []


@given(st.text(alphabet="{}();:= ab", max_size=60) | st.text(max_size=40))
def test_no_text_makes_it_fail_and_steps_do_not_overlap(code: str) -> None:
    steps = walked(code).steps
    assert all(a.end <= b.start for a, b in pairwise(steps))
