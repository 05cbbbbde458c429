"""Whether two barriers order what both sides access, with contexts made by hand."""

from __future__ import annotations

import pytest

from klplint.facts.barrier_contexts import UNKNOWN, Access, AccessKind, Context
from klplint.facts.partners import Order
from klplint.partners.order import OrderCheck
from tests.support.barrier_samples import RULES

Touch = tuple[str, AccessKind]
X_LOAD: Touch = ("x", "load")
Y_LOAD: Touch = ("y", "load")
X_STORE: Touch = ("x", "store")
Y_STORE: Touch = ("y", "store")


def access(touch: Touch, *, structure: str = "box", line: int = 5, via: str = "") -> Access:
    name, kind = touch
    return Access(name, structure, "", kind, line, 1, 1, via)


def side(*touches: Touch | Access) -> tuple[Access, ...]:
    return tuple(each if isinstance(each, Access) else access(each) for each in touches)


def context(
    barrier: str, before: tuple[Access, ...], after: tuple[Access, ...], function: str = "f"
) -> Context:
    return Context(barrier, function, 5, 1, before, after, first_line=1, last_line=9)


def order(
    reader: tuple[tuple[Access, ...], tuple[Access, ...]],
    writer: tuple[tuple[Access, ...], tuple[Access, ...]],
    barriers: tuple[str, str] = ("smp_rmb", "smp_wmb"),
    structures: dict[str, frozenset[str]] | None = None,
) -> Order:
    check = OrderCheck(RULES, structures or {})
    return check.order(
        context(barriers[0], *reader, function="reader"),
        context(barriers[1], *writer, function="writer"),
    )


def names(result: Order) -> list[str]:
    return [each.name for each in result.objects]


WRITER = (side(Y_STORE), side(X_STORE))


def test_a_message_is_ordered() -> None:
    result = order((side(X_LOAD), side(Y_LOAD)), WRITER)
    assert (result.status, names(result)) == ("ordered", ["box.x", "box.y"])


@pytest.mark.parametrize(
    ("reader", "writer", "wrong", "right"),
    [
        ((side(), side(X_LOAD, Y_LOAD)), WRITER, "box.x", "box.y"),
        ((side(X_LOAD, Y_LOAD), side()), WRITER, "box.y", "box.x"),
        ((side(X_LOAD), side(Y_LOAD)), (side(), side(X_STORE, Y_STORE)), "box.y", "box.x"),
        ((side(X_LOAD), side(Y_LOAD)), (side(X_STORE, Y_STORE), side()), "box.x", "box.y"),
    ],
)
def test_a_barrier_on_the_wrong_side_of_one_object(
    reader: tuple[tuple[Access, ...], tuple[Access, ...]],
    writer: tuple[tuple[Access, ...], tuple[Access, ...]],
    wrong: str,
    right: str,
) -> None:
    result = order(reader, writer)
    assert (result.status, result.reason) == ("misordered", "same-side")
    assert names(result) == [wrong, right]
    assert result.followed == 0


@pytest.mark.parametrize(
    ("reader", "writer", "reason"),
    [
        ((side(("z", "load")), side()), WRITER, "nothing-shared"),
        ((side(X_LOAD), side()), WRITER, "one-object"),
        ((side(), side(X_LOAD, Y_LOAD, access(X_LOAD, structure=UNKNOWN))), WRITER, ""),
        ((side(access(X_LOAD, structure=UNKNOWN)), side(X_LOAD, Y_LOAD)), WRITER, "uncertain"),
        ((side(("x", "address")), side(X_LOAD, Y_LOAD)), WRITER, "uncertain"),
        ((side(X_LOAD, Y_LOAD), side(("y", "address"))), WRITER, "uncertain"),
        ((side(), side(X_LOAD, Y_LOAD)), (side(X_STORE, Y_STORE), side(X_STORE)), "again"),
        ((side(), side(X_LOAD, Y_LOAD)), (side(), side(X_STORE, Y_STORE)), "one-way"),
        ((side(), side(X_LOAD, Y_LOAD)), (side(X_STORE, Y_STORE), side()), "one-way"),
    ],
)
def test_what_is_not_certain_is_not_claimed(
    reader: tuple[tuple[Access, ...], tuple[Access, ...]],
    writer: tuple[tuple[Access, ...], tuple[Access, ...]],
    reason: str,
) -> None:
    result = order(reader, writer)
    expected = ("not-checked", reason) if reason else ("misordered", "same-side")
    assert (result.status, result.reason) == expected


def test_where_the_writer_loads_its_objects_does_not_matter() -> None:
    writer = (side(Y_STORE, X_LOAD), side(X_STORE, Y_LOAD))
    assert order((side(), side(X_LOAD, Y_LOAD)), writer).status == "misordered"


def test_members_of_different_structures_are_different_objects() -> None:
    other = access(X_LOAD, structure="other")
    assert order((side(), side(other, Y_LOAD)), WRITER).reason == "one-object"


def test_a_structure_that_is_not_known_is_the_only_one_with_such_a_member() -> None:
    reader = (side(), side(access(X_LOAD, structure=UNKNOWN), Y_LOAD))
    assert order(reader, WRITER).reason == "one-object"
    assert order(reader, WRITER, structures={"x": frozenset({"box"})}).status == "misordered"
    several = {"x": frozenset({"box", "crate"})}
    assert order(reader, WRITER, structures=several).reason == "one-object"


def test_accesses_in_other_functions_are_counted() -> None:
    called = access(X_LOAD, via="peek", line=20)
    by_helper = access(Y_LOAD, via="READ_ONCE")
    assert order((side(), side(called, by_helper)), WRITER).followed == 1


def test_what_a_side_accesses_by_the_other_one_is_not_shared() -> None:
    writer = (side(Y_STORE), side(access(X_STORE, via="reader")))
    assert order((side(), side(X_LOAD, Y_LOAD)), writer).reason == "one-object"


BUFFERING = (side(X_STORE), side(Y_LOAD))
BUFFERED = (side(Y_STORE), side(X_LOAD))


def test_store_buffering_takes_two_full_barriers() -> None:
    result = order(BUFFERING, BUFFERED, ("smp_mb", "smp_mb"))
    assert (result.status, names(result)) == ("ordered", ["box.x", "box.y"])
    result = order(BUFFERING, BUFFERED, ("smp_rmb", "smp_mb"))
    assert (result.status, result.reason) == ("misordered", "wrong-kind")
    # Who orders only stores has another reader.
    assert order(BUFFERING, BUFFERED).status == "not-checked"


def test_with_full_barriers_the_message_may_go_the_other_way() -> None:
    reader, writer = (side(Y_STORE), side(X_STORE)), (side(X_LOAD), side(Y_LOAD))
    assert order(reader, writer, ("smp_mb", "smp_mb")).status == "ordered"
    assert order(reader, writer).status == "not-checked"
