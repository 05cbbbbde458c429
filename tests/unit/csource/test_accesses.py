"""What a statement loads and stores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.accesses import Statement
from klplint.csource.declared_names import Names
from klplint.facts.barrier_contexts import Effects

HELPERS = {
    "READ_ONCE": Effects(loads=(1,)),
    "WRITE_ONCE": Effects(stores=(1,)),
    "set_bit": Effects(both=(2,), bit=1),
    "list_add": Effects(both=(1, 2)),
    "container_of": Effects(loads=(1,), unread=(2, 3)),
    "folio_test_dirty": Effects(object="PG_dirty", object_kind="load"),
}
HEAD = "static int f(struct ring *ring, struct other o, int i)"


def statement(code: str) -> Statement:
    return Statement(code, (0, len(code)), Names(HEAD), HELPERS.get)


def seen(code: str) -> list[str]:
    return [
        ":".join(filter(None, (f"{s.structure}>{s.name}", s.bit))) + f"/{s.kind}"
        for s in statement(code).accesses()
    ]


@pytest.mark.parametrize(
    ("code", "accesses"),
    [
        ("i = ring->head", ["ring>head/load"]),
        ("ring->head = i", ["ring>head/store"]),
        ("ring->head += 1", ["ring>head/both"]),
        ("ring->head++", ["ring>head/both"]),
        ("--ring->head", ["ring>head/both"]),
        ("ring->head == i", ["ring>head/load"]),
        ("ring->slot[i].state = 1", ["ring.slot.>state/store"]),
        ("o.part.count = 1", ["other.part.>count/store"]),
        ("ring->next->head = 1", ["ring>next/load", "?>head/store"]),
        ("*ring->cell = 1", ["ring>cell/load"]),
        ("i = a * ring->head", ["ring>head/load"]),
        ("f(&ring->lock)", ["ring>lock/address"]),
        ("f((void *)&ring->lock)", ["ring>lock/address"]),
        ("i = READ_ONCE(ring->head)", ["ring>head/load"]),
        ("WRITE_ONCE(ring->head, ring->tail)", ["ring>head/store", "ring>tail/load"]),
        ("set_bit(FULL, &ring->flags)", ["ring>flags:FULL/both"]),
        ("set_bit(i, &ring->flags)", ["ring>flags/both"]),
        ("set_bit(FULL, flags_of(ring))", [">:FULL/both"]),
        ("list_add(&ring->node, &ring->all)", ["ring>node/both", "ring>all/both"]),
        ("ring->flags |= FULL", ["ring>flags:FULL/both"]),
        ("if_ (ring->flags & FULL)", ["ring>flags:FULL/load"]),
        ("folio_test_dirty(ring->folio)", [">:PG_dirty/load", "ring>folio/load"]),
        ("i = pending", [">pending/load"]),
        ("pending = MAXIMUM", [">pending/store"]),
        ("state.count = 1", ["state.>count/store"]),
        ("get(ring)->head = 1", ["?>head/store"]),
        ("((struct ring *)p)->head = 1", [">p/load", "?>head/store"]),
        ("i = sizeof(ring->head)", []),
        ("container_of(ring->node, struct ring, node)", ["ring>node/load"]),
        ("i = (u32)i + (size_t)i", []),
    ],
)
def test_accesses_of_a_statement(code: str, accesses: list[str]) -> None:
    got = seen(code)
    assert [a for a in got if a not in (">a/load", ">p/load")] == [
        a for a in accesses if a != ">p/load"
    ]


def test_calls_are_those_of_what_is_not_a_helper() -> None:
    code = "READ_ONCE(ring->head) + get(ring) + ring->ops->run(i) + (i)"
    assert [call.name for call in statement(code).calls()] == ["get"]


def test_a_call_knows_what_a_helper_does_with_its_result() -> None:
    (call,) = statement("WRITE_ONCE(*counter(ring), 1)").calls()
    assert call.kind == "store"
    (call,) = statement("i = counter(ring)").calls()
    assert call.kind is None


@given(st.text(alphabet="ab->.&*()[]=+,{} ", max_size=40))
def test_no_text_makes_it_fail(code: str) -> None:
    assert len(list(statement(code).accesses())) <= len(code)
    assert len(list(statement(code).calls())) <= len(code)
