"""What lies between a test of the pending flag and the call that it guards."""

from __future__ import annotations

import pytest
from hypothesis import given

from klplint.facts.statements import Block, Call, Function, Statement, events_of
from klplint.livepatch.pending_guards import Guards
from klplint.livepatch.pending_tests import PendingTests
from klplint.livepatch.state_stores import Clearing, stores_after_clearing
from tests.support.flow_samples import (
    NOWHERE,
    assign,
    block,
    bodies,
    case,
    jump,
    label,
    loop,
    numbered,
    store,
    switch,
    when,
)

TESTS = PendingTests(("pending",), ("test_*flag",), ("PENDING", "_PENDING"), ("unlikely",))
CLEARING = Clearing(("clear_flag", "test_and_clear_flag"), ("PENDING",), ("state",), ("WRITE",))


def function_with(body: Block) -> Function:
    return Function(name="f", region=NOWHERE, static=False, parameters=(), variables=(), body=body)


def function(*statements: Statement | str) -> Function:
    return function_with(numbered(block(*statements)))


def between(*statements: Statement | str) -> list[set[str]]:
    """For each test that guards `probe`, the calls that may lie between."""
    made = function(*statements)
    (probe,) = [e for e in events_of(made.body) if isinstance(e, Call) and e.name == "probe"]
    return [{call.name for call in got.calls} for got in Guards(made, TESTS).of(probe.region)]


def pending(*then: Statement | str, text: str = "pending()") -> Statement:
    return when("pending", block(*then), None, text)


def test_a_branch_guards_what_is_in_it() -> None:
    assert between("a", pending("b", "probe", "c")) == [{"b"}]
    assert between(pending("a"), "probe") == []
    assert between("a", "probe") == []
    assert between(when("pending", block("a"), block("probe"), "pending()")) == []
    assert between(when("pending", block("a"), block("b", "probe"), "!pending()")) == [{"b"}]


@pytest.mark.parametrize("kind", ["return", "continue", "break"])
def test_an_early_exit_guards_what_follows(kind: str) -> None:
    left = pending(jump(kind), text="!pending()")  # type: ignore[arg-type]
    assert between(loop(left, "a", "probe", endless=True)) == [{"a"}]


def test_goto_carries_the_guard_along() -> None:
    assert between(pending(jump("goto", "x")), jump("return"), label("x"), "a", "probe") == [{"a"}]
    assert between(pending(jump("goto", "x")), label("x"), "a", "probe") == []


def test_each_way_may_have_a_test_of_its_own() -> None:
    first = pending("a", jump("goto", "x"))
    second = pending(jump("return"), text="!test_thread_flag(PENDING)")
    assert between(first, second, "b", label("x"), "c", "probe") == [{"a", "c"}, {"b", "c"}]


def test_the_last_test_counts() -> None:
    assert between(pending("a", pending("b", "probe"))) == [{"b"}]
    assert between(pending("a", pending("b"), "probe")) == [{"a", "pending"}, {"b"}]


def test_all_ways_between_count() -> None:
    assert between(pending(when("test", block("a"), block("b")), "probe")) == [{"test", "a", "b"}]
    assert between(pending(loop("a"), "probe")) == [{"test", "a"}]
    assert between(pending(switch(case(), "a", case(), "probe"))) == [{"test", "a"}]


def test_loops_are_guarded_by_their_conditions() -> None:
    assert between(loop("a", "probe", "b", test="pending", text="pending()")) == [{"a"}]
    assert between(loop("a", test="pending", text="!pending()"), "b", "probe") == [{"b"}]
    awaited = loop("a", test="pending", text="!pending()", kind="do")
    assert between(awaited, "b", "probe") == [{"b"}]
    assert between(loop("a", "probe", test="pending")) == []  # a macro's: no text


def test_what_follows_the_test_in_its_condition_lies_between() -> None:
    late = when("pending", block("probe"), None, "pending() && sleep()")
    assert between(late, "sleep") == [{"sleep"}]
    early = when("pending", block("probe"), None, "sleep() && pending()")
    assert between("sleep", early) == [set()]


def test_a_test_may_be_kept_in_a_variable() -> None:
    kept = assign("x", "pending()", "pending")
    assert between(kept, "a", when("b", block("c", "probe"), None, "x")) == [{"a", "b", "c"}]
    assert between(kept, "a", when("b", block(jump("return")), None, "!x"), "probe") == [{"a", "b"}]
    inverse = assign("x", "!pending()", "pending")
    assert between(inverse, when("b", block(jump("return")), None, "x"), "probe") == [{"b"}]
    assert between(inverse, when("b", block("probe"), None, "x")) == []


def test_variables_take_their_values_along() -> None:
    kept = assign("x", "pending()", "pending")
    tested = when("b", block("probe"), None, "y")
    assert between(kept, assign("y", "x"), "a", tested) == [{"a", "b"}]
    assert between(kept, assign("y", "!x"), "a", tested) == []
    assert between(kept, assign("y", "x"), assign("y", None), "a", tested) == []
    assert between(kept, assign("y", "x"), assign("x", "0"), "a", tested) == [{"a", "b"}]


def test_a_variable_that_is_false_on_the_other_way_still_guards() -> None:
    maybe = when("test", block(assign("x", "pending()", "pending")))
    tested = when("b", block("probe"), None, "x")
    assert between(assign("x", "false"), maybe, "a", tested) == [{"a", "b"}]
    assert between(assign("x", "true"), maybe, "a", tested) == []
    assert between(maybe, "a", tested) == []


def test_the_opposite_of_something_unknown_is_unknown() -> None:
    maybe = when("test", block(assign("x", "pending()", "pending")))
    tested = when("b", block("probe"), None, "x")
    assert between(assign("y", None), assign("x", "!y"), maybe, "a", tested) == []
    assert between(assign("y", "0"), assign("x", "!y"), maybe, "a", tested) == []


def stored(*statements: Statement | str) -> list[set[str]]:
    """For each store of the state after the flag was cleared, the calls that may lie between."""
    got = stores_after_clearing(function(*statements), CLEARING)
    return [{call.name for call in between.calls} for _, between in got]


def test_the_state_is_stored_after_the_flag_is_cleared() -> None:
    assert stored("a", "clear_flag PENDING", "b", store("state"), "c") == [{"b"}]
    assert stored("clear_flag OTHER", "b", store("state")) == []
    assert stored("clear_flag PENDING", "b", store("other")) == []
    assert stored("b", store("state")) == []
    assert stored("clear_flag PENDING", "b", "WRITE task->state") == [{"b"}]
    assert stored("clear_flag PENDING", "b", "WRITE task->state_of") == []
    cleared = when("test_and_clear_flag PENDING", block("b", store("state")))
    assert stored(cleared) == [{"b"}]


@given(bodies(loops=True))
def test_any_body_is_followed_to_an_end(body: Block) -> None:
    made = function_with(body)
    guards = Guards(made, PendingTests(("try_a",), (), ()))
    for event in events_of(body):
        for got in guards.of(event.region):
            assert got.test.text == "try_a()"
    list(stores_after_clearing(made, CLEARING))


def test_flags_are_as_old_as_where_they_were_read() -> None:
    tested = pending("probe", text="work & _PENDING")
    assert between(assign("work", "flags()"), "a", tested) == [{"a", "pending"}]
    assert between("a", assign("work", "flags()"), tested, "b") == [{"pending"}]
    assert between("a", tested) == [set()]
    masked = assign("copy", "work & ~OTHER")
    copied = pending("probe", text="copy & _PENDING")
    assert between(assign("work", "flags()"), "a", masked, "b", copied) == [{"a", "b", "pending"}]
    assert between(assign("work", None), "a", tested) == [set()]


def test_constants_that_are_set_under_a_test_keep_its_result() -> None:
    chosen = pending(assign("go", "1"))
    asked = when("go", block("probe"), None, "go")
    assert between(assign("go", "0"), chosen, "a", asked) == [{"a", "go"}]
    assert between(assign("go", "1"), chosen, "a", asked) == []
    cleared = pending(assign("skip", "false"))
    not_asked = when("skip", block("probe"), None, "!skip")
    assert between(assign("skip", "true"), cleared, "a", not_asked) == [{"a", "skip"}]
    assert between(assign("skip", "false"), cleared, "a", not_asked) == []


def test_the_entry_of_a_helper_counts_as_a_test_if_its_callers_test() -> None:
    made = function("a", "probe")
    (probe,) = [e for e in events_of(made.body) if isinstance(e, Call) and e.name == "probe"]
    assert Guards(made, TESTS).is_open(probe.region)
    (entered,) = Guards(made, TESTS, is_guarded=True).of(probe.region)
    assert entered.test.kind == "entry"
    assert {call.name for call in entered.calls} == {"a"}
