"""Whether two barriers order what both sides access, with contexts made by hand."""

from __future__ import annotations

import msgspec
import pytest

from klplint.facts.barrier_contexts import UNKNOWN, Access, AccessKind, Called, Context, Exit
from klplint.facts.partners import Order
from klplint.partners.order import OrderCheck
from tests.support.barrier_samples import RULES

Touch = tuple[str, AccessKind]
X_LOAD: Touch = ("x", "load")
Y_LOAD: Touch = ("y", "load")
Z_LOAD: Touch = ("z", "load")
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


def order_of(reader: Context, writer: Context) -> Order:
    return OrderCheck(RULES, {}).order(reader, writer)


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
        ((side(Z_LOAD), side(X_LOAD, Y_LOAD)), (side(X_STORE, Y_STORE), side()), "one-way"),
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


ALL_BEFORE = context("smp_wmb", side(X_STORE, Y_STORE), side(), "writer")
ALL_AFTER = context("smp_rmb", side(), side(X_LOAD, Y_LOAD), "reader")


def test_a_read_barrier_with_all_loads_behind_it_orders_nothing() -> None:
    assert order_of(ALL_AFTER, ALL_BEFORE).reason == "nothing-before"
    # Callers of a small function may load something before, and so may what is called.
    small = msgspec.structs.replace(ALL_AFTER, is_small=True)
    writer = msgspec.structs.replace(ALL_BEFORE, is_small=True)
    assert order_of(small, writer).reason == "one-way"
    unknown = (Called("is_ready", 4, 1, 1),)
    calling = msgspec.structs.replace(ALL_AFTER, calls_before=unknown)
    assert order_of(calling, writer).reason == "one-way"
    harmless = (Called("spin_lock", 4, 1, 1),)
    locking = msgspec.structs.replace(ALL_AFTER, calls_before=harmless)
    assert order_of(locking, writer).reason == "nothing-before"


def test_a_write_barrier_with_all_stores_before_it_orders_nothing() -> None:
    small = msgspec.structs.replace(ALL_AFTER, is_small=True)
    assert order_of(small, ALL_BEFORE).reason == "nothing-after"
    publishing = msgspec.structs.replace(ALL_BEFORE, after=side(("flag", "store")))
    assert order_of(small, publishing).reason == "one-way"
    calling = msgspec.structs.replace(ALL_BEFORE, calls_after=(Called("publish", 6, 1, 1),))
    assert order_of(small, calling).reason == "one-way"


def test_a_late_flag_alone_shows_that_nothing_is_ordered() -> None:
    writer = context("smp_wmb", side(Y_STORE), side(X_STORE), "writer")
    reader = context("smp_rmb", side(Z_LOAD), side(X_LOAD), "reader")
    assert order_of(reader, writer).reason == "nothing-before"
    reader = context("smp_rmb", side(Y_LOAD), side(X_LOAD), "reader")
    assert order_of(reader, writer).reason != "nothing-before"


def test_data_on_a_way_without_the_barrier() -> None:
    writer = context("smp_wmb", side(Y_STORE), side(X_STORE), "writer")
    beside = side(access(Y_LOAD, line=7))
    reader = msgspec.structs.replace(
        context("smp_rmb", side(access(X_LOAD, line=4)), side(), "reader"), beside=beside
    )
    result = order_of(reader, writer)
    assert (result.reason, names(result)) == ("wrong-branch", ["box.x", "box.y"])
    # Where the barrier is passed, the data may be loaded elsewhere.
    both = msgspec.structs.replace(reader, after=side(access(Y_LOAD, line=6)))
    assert order_of(both, writer).status == "ordered"
    # What comes before the flag does not depend on it.
    first = msgspec.structs.replace(reader, beside=side(access(Y_LOAD, line=3)))
    assert order_of(first, writer).reason != "wrong-branch"


def test_who_wakes_up_a_sleeper_stores_no_flag() -> None:
    waking = access(("x", "both"), via="wake_up")
    writer = (side(Y_STORE), side(waking))
    assert order((side(), side(X_LOAD, Y_LOAD)), writer).status == "not-checked"


def test_one_of_several_data_may_be_on_the_wrong_side() -> None:
    data = (access(X_LOAD, line=2), access(("z", "load"), line=3))
    reader = (side(*reversed(data)), side(Y_LOAD))
    result = order(reader, (side(Y_STORE, ("z", "store")), side(X_STORE)))
    assert (result.status, names(result)) == ("misordered", ["box.z", "box.x"])
    # What the reader changes itself is not mere data.
    changed = (data[0], access(("z", "both"), line=3))
    result = order((side(*changed), side(Y_LOAD)), (side(Y_STORE, ("z", "store")), side(X_STORE)))
    assert result.status == "ordered"


def test_a_bit_of_an_unknown_structure_is_the_same_by_its_constant() -> None:
    def bit(kind: AccessKind, line: int) -> Access:
        return Access("state", UNKNOWN, "BOX_FULL", kind, line, 1, 1, "test_bit")

    result = order((side(bit("load", 4)), side(Y_LOAD)), (side(Y_STORE), side(bit("both", 6))))
    assert result.status == "ordered"


def test_a_flag_right_behind_the_barrier_counts_although_another_object_is_ordered() -> None:
    reader = (
        side(access(Z_LOAD, line=3)),
        side(access(X_LOAD, line=6), access(Y_LOAD, line=7)),
    )
    stores = access(X_STORE, line=6), access(("z", "store"), line=7, via="signal")
    result = order(reader, (side(access(Y_STORE, line=4)), side(*stores)))
    assert (result.status, names(result)) == ("misordered", ["box.x", "box.y"])
    # Here, the writer's barrier may be for the other object.
    assert order(reader, (side(access(Y_STORE, line=4)), side(*stores[::-1]))).status == "ordered"


def test_data_that_the_reader_also_loads_before_are_no_flag() -> None:
    stores = side(access(Y_STORE, line=3), access(("z", "store"), line=4))
    reader = (side(X_LOAD, access(Z_LOAD, line=2)), side(Y_LOAD, Z_LOAD))
    assert order(reader, (stores, side(X_STORE))).status == "ordered"
    # Without another flag, this one is stored on the wrong side.
    reader = (side(access(Z_LOAD, line=2)), side(Y_LOAD, Z_LOAD))
    result = order(reader, (stores[::-1], side()))
    assert (result.status, names(result), result.again) == (
        "misordered",
        ["box.z", "box.y"],
        "load",
    )


def test_accesses_that_are_far_away_show_that_an_object_is_on_both_sides() -> None:
    reader = context("smp_rmb", side(X_LOAD, access(Z_LOAD, line=6)), side(Y_LOAD), "reader")
    writer = context("smp_wmb", side(Y_STORE, ("z", "store")), side(X_STORE), "writer")
    assert order_of(reader, writer).status == "misordered"
    for structure in ("box", UNKNOWN):
        far = (access(Z_LOAD, structure=structure, line=0),)
        again = msgspec.structs.replace(reader, far_after=far)
        assert order_of(again, writer).status == "ordered"
    other = msgspec.structs.replace(reader, far_after=(access(Z_LOAD, structure="can", line=0),))
    assert order_of(other, writer).status == "misordered"


def test_what_a_writer_stores_far_away_is_no_excuse_for_a_reader() -> None:
    writer = context("smp_wmb", side(Y_STORE), side(X_STORE), "writer")
    writer = msgspec.structs.replace(writer, far_before=(access(X_STORE, line=0),))
    reader = context("smp_rmb", side(), side(X_LOAD, Y_LOAD), "reader")
    result = order_of(reader, writer)
    assert (result.reason, names(result), result.again) == (
        "same-side",
        ["box.x", "box.y"],
        "store",
    )
    # That of the writer itself may be none.
    late = msgspec.structs.replace(writer, before=side(X_STORE, Y_STORE), after=(), far_before=())
    reader = context("smp_rmb", side(X_LOAD), side(Y_LOAD), "reader")
    assert order_of(reader, late).status == "misordered"
    late = msgspec.structs.replace(late, far_after=(access(X_STORE, line=0),))
    assert order_of(reader, late).status == "not-checked"


def test_in_a_loop_what_is_behind_a_barrier_comes_before_it_the_next_time() -> None:
    writer = context("smp_wmb", side(Y_STORE), side(X_STORE), "writer")
    flag_last = side(access(Y_LOAD, line=6), access(X_LOAD, line=7))
    reader = context("smp_rmb", (), flag_last, "reader")
    assert order_of(reader, writer).status == "misordered"
    loop = msgspec.structs.replace(reader, loop_first_line=4, loop_last_line=8)
    assert order_of(loop, writer).status == "not-checked"
    flag_behind = msgspec.structs.replace(reader, loop_first_line=4, loop_last_line=6)
    assert order_of(flag_behind, writer).status == "misordered"
    flag_first = side(access(X_LOAD, line=6), access(Y_LOAD, line=7))
    assert order_of(msgspec.structs.replace(loop, after=flag_first), writer).status == "misordered"


def test_what_is_stored_in_a_branch_that_ends_is_not_before_the_flag() -> None:
    stores = side(access(Y_STORE, line=6), access(X_STORE, line=8))
    writer = context("smp_wmb", (), stores, "writer")
    reader = context("smp_rmb", side(X_LOAD), side(Y_LOAD), "reader")
    for way, status in (
        (Exit(6, 7), "not-checked"),
        (Exit(6, 7, 9), "not-checked"),
        (Exit(6, 7, 8), "misordered"),
        (Exit(7, 7), "misordered"),
        (Exit(6, 8), "misordered"),
    ):
        assert order_of(reader, msgspec.structs.replace(writer, exits=(way,))).status == status
