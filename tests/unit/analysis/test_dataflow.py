"""Flow analysis: what may hold before each call, on every way through branches, loops and jumps."""

from __future__ import annotations

import pytest
from hypothesis import given

from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.facts.statements import Block, Call, Event, If, Statement, events_of
from tests.support.flow_samples import (
    block,
    bodies,
    case,
    jump,
    label,
    loop,
    numbered,
    simple,
    switch,
    when,
)

State = frozenset[str]


class Seen(Analysis[State]):
    """An analysis for tests: the names of all calls that may have been made before."""

    def start(self) -> State:
        return frozenset()

    def join(self, one: State, other: State) -> State:
        return one | other

    def event(self, state: State, event: Event) -> State:
        return state | {event.name} if isinstance(event, Call) else state

    def branch(self, state: State, statement: If) -> tuple[State, State]:
        return state | {"then"}, state | {"else"}


class Counting(Seen):
    """An analysis whose states never come to an end."""

    def event(self, state: State, event: Event) -> State:
        return state | {str(len(state))}


def before_probe(*statements: Statement | str) -> set[str] | None:
    """What may have been called before `probe`; None if it is not parsed."""
    body = numbered(block(*statements))
    states = states_before_calls(body, Seen())
    (region,) = [e.region for e in events_of(body) if isinstance(e, Call) and e.name == "probe"]
    return set(states[region]) if region in states else None


def test_straight_code_is_walked_in_order() -> None:
    assert before_probe("a", block("b"), "probe", "c") == {"a", "b"}


def test_branches_meet_again() -> None:
    both = when("test", block("a"), block("b"))
    assert before_probe(both, "probe") == {"test", "then", "else", "a", "b"}
    assert before_probe(when("test", block("a")), "probe") == {"test", "then", "else", "a"}
    assert before_probe(when("test", block("a", "probe"), block("b"))) == {"test", "then", "a"}


def test_what_is_behind_a_return_is_not_parsed() -> None:
    assert before_probe(jump("return"), "probe") is None
    left = when("test", block("a", jump("return")))
    assert before_probe(left, "probe") == {"test", "else"}


def test_a_loops_turns_follow_each_other() -> None:
    assert before_probe(loop("probe", "a"), "b") == {"test", "then", "a", "probe"}
    assert before_probe(loop("a"), "probe") == {"test", "then", "a", "else"}
    left = before_probe("b", loop("a", jump("break"), "c"), "probe")
    assert left == {"b", "test", "then", "a", "else"}


def test_a_loops_condition_says_its_turns_from_what_follows() -> None:
    assert before_probe(loop("probe", jump("return"))) == {"test", "then"}
    assert before_probe(loop("a", jump("return")), "probe") == {"test", "else"}


def test_an_endless_loop_is_left_by_break_only() -> None:
    assert before_probe(loop("a", endless=True), "probe") is None
    assert before_probe(loop("a", jump("break"), endless=True), "probe") == {"a"}


def test_a_loop_that_runs_once_has_no_second_turn() -> None:
    assert before_probe(loop("probe", "a", once=True)) == set()
    assert before_probe(loop("a", jump("continue"), "b", once=True), "probe") == {
        *("a", "test", "else")
    }


def test_continue_goes_to_the_next_turn() -> None:
    skipped = when("c", block("a", jump("continue")))
    assert "a" in (before_probe(loop("probe", skipped, "b")) or ())
    assert "a" not in (before_probe(skipped.then, "probe") or ())


def test_a_switch_goes_to_its_cases() -> None:
    one = switch(case(), "a", jump("break"), case(), "b")
    assert before_probe(one, "probe") == {"test", "a", "b"}
    assert before_probe(switch(case(), "a", jump("break"), case(), "probe")) == {"test"}
    assert before_probe(switch(case(), "a", case(), "probe")) == {"test", "a"}
    assert before_probe(switch("probe", case(), "a")) is None


def test_a_switch_with_a_default_cannot_be_passed_over() -> None:
    gone: list[Statement | str] = [case(), "a", jump("return")]
    assert before_probe(switch(*gone), "probe") == {"test"}
    assert before_probe(switch(*gone, case(default=True), "b"), "probe") == {"test", "b"}
    inner = switch(case(default=True), jump("break"))
    assert before_probe(switch(*gone, case(), inner), "probe") == {"test"}


def test_break_in_a_switch_leaves_only_the_switch() -> None:
    got = before_probe(loop(switch(case(), "a", jump("break")), "probe", jump("break")))
    assert got == {"test", "then", "a"}


def test_goto_carries_to_its_label() -> None:
    assert before_probe("a", jump("goto", "x"), "b", label("x"), "probe") == {"a"}
    assert before_probe(label("x"), "probe", "a", jump("goto", "x")) == {"a", "probe"}
    assert before_probe(jump("return"), label("x"), "probe") is None


def test_a_computed_goto_leads_to_every_label() -> None:
    assert before_probe(
        "a", jump("goto"), label("x"), "b", jump("return"), label("y"), "probe"
    ) == {"a"}


def test_states_that_never_settle_are_reported() -> None:
    with pytest.raises(NotSettled):
        states_before_calls(numbered(block(loop("a"))), Counting())


def test_statements_too_deep_to_follow_are_reported() -> None:
    deep = block("a")
    for _ in range(2000):
        deep = Block((deep,), deep.region)
    with pytest.raises(NotSettled):
        states_before_calls(deep, Seen())


def test_deeply_nested_loops_take_no_endless_time() -> None:
    deep = loop("a")
    for place in range(40):
        deep = loop(f"b{place}", deep)
    body = numbered(block(deep, "probe"))
    assert len(states_before_calls(body, Seen())) == 83


def test_all_events_are_reported_in_order() -> None:
    body = block("a", when("b", block("c"), block("d")), switch(case(), "e"), loop("f"), simple())
    names = [event.name for event in events_of(body) if isinstance(event, Call)]
    assert names == ["a", "b", "c", "d", "test", "e", "test", "f"]


@given(bodies(loops=True))
def test_any_body_settles_and_gives_the_same_again(body: Block) -> None:
    try:
        first = states_before_calls(body, Seen())
    except NotSettled:
        pytest.fail("sets of names can grow only so far")
    assert states_before_calls(body, Seen()) == first
    assert first.keys() <= {event.region for event in events_of(body)}
