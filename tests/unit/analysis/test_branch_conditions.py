"""Plain conditions of branches: what they are, where they hold, what changes them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from klplint.analysis.branch_conditions import (
    Condition,
    condition_of,
    conditions_of_calls,
    is_changed,
)
from klplint.facts.region import Region
from klplint.facts.statements import AddressTaken, Assign, Block, Call, If, Simple, Store, events_of
from tests.support.flow_samples import NOWHERE, block, loop, numbered, when


def branch(text: str, then: Block, *calls: str, otherwise: Block | None = None) -> If:
    """An `if` whose condition calls only `calls`."""
    events = tuple(Call(name, (), NOWHERE) for name in calls)
    return replace(when("f", then, otherwise, text), condition=Simple(events, NOWHERE))


@pytest.mark.parametrize(
    ("text", "calls", "expected"),
    [
        ("x", (), Condition("x", holds=True)),
        ("!x", (), Condition("x", holds=False)),
        ("!p->all[2].x", (), Condition("p->all[2].x", holds=False)),
        ("!!x", (), Condition("!!x", holds=True)),
        ("(x)", (), Condition("x", holds=True)),
        ("!(x)", (), Condition("x", holds=False)),
        ("!(x) && (y)", (), Condition("!(x)&&(y)", holds=True)),
        ("(x) && (y)", (), Condition("(x)&&(y)", holds=True)),
        ("likely(x)", ("likely",), Condition("x", holds=True)),
        ("unlikely(!x)", ("unlikely",), Condition("x", holds=False)),
        ("x > 1", (), Condition("x>1", holds=True)),
        ("f(x)", ("f",), None),
        ("likely(f(x))", ("likely", "f"), None),
    ],
)
def test_plain_conditions(text: str, calls: tuple[str, ...], expected: Condition | None) -> None:
    assert condition_of(branch(text, block(), *calls)) == expected


def test_the_conditions_of_calls() -> None:
    inner = branch("y", block("both"), otherwise=block("first_alone"))
    body = numbered(block("none", branch("x", block(inner, loop("in_loop"))), "after"))
    conditions = conditions_of_calls(body)
    regions = {event.name: event.region for event in events_of(body) if isinstance(event, Call)}
    x, y = Condition("x", holds=True), Condition("y", holds=True)
    assert conditions[regions["both"]] == {x, y}
    assert conditions[regions["first_alone"]] == {x, y.negated}
    assert not {regions[name] for name in ("none", "in_loop", "after")} & conditions.keys()


@pytest.mark.parametrize(
    ("text", "event", "expected"),
    [
        ("x", Assign("x", "1", NOWHERE), True),
        ("xy", Assign("x", "1", NOWHERE), False),
        ("p->flag", Assign("p", "q", NOWHERE), True),
        ("p->flag", Store("q->flag", "flag", NOWHERE), True),
        ("p->flag", Store("p->other", "other", NOWHERE), False),
        ("x", AddressTaken("x", NOWHERE), True),
        ("x", Call("x", (), Region(1, 1, 1, 2)), False),
    ],
)
def test_what_may_change_a_condition(
    text: str, event: Assign | Store | AddressTaken | Call, expected: bool
) -> None:
    assert is_changed(Condition(text, holds=True), event) is expected
