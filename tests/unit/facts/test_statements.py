"""The walk over statements: all of them, in the order of their evaluation."""

from __future__ import annotations

import pytest

from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Call,
    Case,
    If,
    Jump,
    Label,
    Loop,
    LoopKind,
    Simple,
    Statement,
    Switch,
    events_of,
    walk,
)

NOWHERE = Region(1, 1, 1, 1)


def simple(name: str) -> Simple:
    return Simple((Call(name, (), NOWHERE),), NOWHERE)


def block(*statements: Statement) -> Block:
    return Block(statements, NOWHERE)


def loop(kind: LoopKind) -> Loop:
    return Loop(
        kind=kind,
        before=simple("before"),
        condition=simple("condition"),
        after=simple("after"),
        body=block(simple("body")),
        region=NOWHERE,
    )


def branch(otherwise: Statement | None) -> If:
    return If(
        condition=simple("condition"),
        condition_text="condition()",
        then=block(simple("then")),
        otherwise=otherwise,
        region=NOWHERE,
    )


def called(statement: Statement | None) -> list[str]:
    return [event.name for event in events_of(statement) if isinstance(event, Call)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (None, []),
        (simple("f"), ["f"]),
        (block(), []),
        (block(simple("f"), block(simple("g")), simple("h")), ["f", "g", "h"]),
        (branch(None), ["condition", "then"]),
        (branch(simple("otherwise")), ["condition", "then", "otherwise"]),
        (loop("for"), ["before", "condition", "body", "after"]),
        (Loop(kind="while", body=simple("body"), region=NOWHERE), ["body"]),
        (
            Loop(kind="do", condition=simple("c"), body=simple("body"), region=NOWHERE),
            ["body", "c"],
        ),
        (Switch(simple("value"), block(Case(True, NOWHERE), simple("f")), NOWHERE), ["value", "f"]),
        (Jump("return", simple("value"), "", NOWHERE), ["value"]),
        (Jump("goto", None, "out", NOWHERE), []),
        (Label("out", NOWHERE), []),
    ],
)
def test_events_come_in_the_order_of_evaluation(
    statement: Statement | None, expected: list[str]
) -> None:
    assert called(statement) == expected


def test_outer_statements_come_before_inner_ones() -> None:
    inner = branch(None)
    outer = block(loop("while"), inner)
    kinds = [type(statement).__name__ for statement in walk(outer)]
    assert kinds == [
        *("Block", "Loop", "Simple", "Simple", "Block", "Simple", "Simple"),
        *("If", "Simple", "Block", "Simple"),
    ]


def test_what_is_not_entered_is_given_itself() -> None:
    outer = block(simple("f"), loop("while"), simple("g"))
    statements = list(walk(outer, lambda statement: not isinstance(statement, Loop)))
    assert statements == [outer, *outer.statements]


def test_statements_may_nest_deeper_than_pythons_stack() -> None:
    nested: Statement = simple("innermost")
    for _ in range(5000):
        nested = block(nested)
    assert called(nested) == ["innermost"]
    assert len(list(walk(nested))) == 5001
