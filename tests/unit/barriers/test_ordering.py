"""Which pair of a read barrier is checked for its order."""

from __future__ import annotations

import msgspec
import pytest

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.ordering import order_of
from klplint.barriers.pairing import Pair
from klplint.barriers.reading import Reading
from klplint.facts.file_facts import Barrier
from klplint.facts.partners import ObjectUse, Order, Partner, SharedObject
from klplint.facts.region import Region

_USE = ObjectUse("after", "load", 1, 1, 2)
_OBJECTS = (SharedObject("x", _USE, _USE), SharedObject("y", _USE, _USE))
RIGHT = Order("ordered", objects=_OBJECTS)
PLAIN = Order("misordered", "same-side", _OBJECTS, is_plain=True)
FOLLOWED = Order("misordered", "same-side", _OBJECTS, followed=1)
FAR = Order("misordered", "same-side", _OBJECTS, followed=2)
UNKNOWN = Order("not-checked", "one-object")


def partner(order: Order, name: str = "f", *, confident: bool = False) -> Partner:
    return Partner(name, "a.c", "smp_wmb", 8, 2, 0.9, confident=confident, objects=(), order=order)


def pair(*names: str, status: str = "ok") -> Pair:
    barrier = Barrier(name="smp_rmb", region=Region(1, 1, 1, 8), function="reader", comments=())
    claimed = [
        msgspec.convert({"name": n, "kind": "function", "status": status}, Counterpart)
        for n in names
    ]
    reading = Reading("attached", "explicit" if names else "none")
    return Pair(barrier, reading, tuple(claimed))


@pytest.mark.parametrize(
    ("order", "status", "reason"),
    [
        (RIGHT, "ordered", ""),
        (PLAIN, "misordered", "same-side"),
        (FOLLOWED, "misordered", "same-side"),
        (FAR, "not-checked", "followed"),
        (UNKNOWN, "not-checked", "one-object"),
    ],
)
def test_a_pair_that_a_comment_names(order: Order, status: str, reason: str) -> None:
    result = order_of(pair("f"), [partner(RIGHT, "g"), partner(order)])
    assert (result.status, result.reason) == (status, reason)
    assert result.partner == partner(order)


@pytest.mark.parametrize(
    ("order", "confident", "status", "reason"),
    [
        (RIGHT, True, "ordered", ""),
        (RIGHT, False, "not-checked", "no-partner"),
        (PLAIN, False, "misordered", "same-side"),
        (FOLLOWED, True, "not-checked", "followed"),
        (FOLLOWED, False, "not-checked", "no-partner"),
    ],
)
def test_a_pair_that_the_code_shows(
    order: Order, confident: bool, status: str, reason: str
) -> None:
    result = order_of(pair(), [partner(order, confident=confident), partner(RIGHT, "g")])
    assert (result.status, result.reason) == (status, reason)


def test_of_several_barriers_one_that_orders_is_enough() -> None:
    result = order_of(pair("f"), [partner(PLAIN), partner(UNKNOWN), partner(RIGHT)])
    assert result.status == "ordered"
    result = order_of(pair("f", "g"), [partner(UNKNOWN), partner(PLAIN, "g")])
    assert result.status == "misordered"


def test_a_comment_that_names_what_shares_nothing() -> None:
    result = order_of(pair("gone"), [partner(PLAIN)])
    assert (result.status, result.reason) == ("not-checked", "not-shown")


def test_a_name_that_is_stale_does_not_count() -> None:
    result = order_of(pair("gone", status="missing"), [partner(PLAIN)])
    assert result.status == "misordered"


def test_a_barrier_of_the_wrong_kind_is_reported_unless_it_orders_a_pair() -> None:
    kind = partner(Order("misordered", "wrong-kind", _OBJECTS, is_plain=True), "other")
    result = order_of(pair("f"), [partner(UNKNOWN), kind])
    assert (result.status, result.reason, result.partner) == ("misordered", "wrong-kind", kind)
    assert order_of(pair("f"), [partner(RIGHT), kind]).status == "ordered"
    followed = msgspec.structs.replace(kind, order=Order("misordered", "wrong-kind", _OBJECTS))
    assert order_of(pair("f"), [partner(UNKNOWN), followed]).status == "not-checked"
