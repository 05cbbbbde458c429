"""The barriers in a function: proper ones first, then one call down, then implied ones."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from klplint.barriers.held_barriers import HeldBarriers
from klplint.catalogue.load import load_families
from klplint.facts.kernel_version import Version
from klplint.facts.queries import DefinedIn, Definition, Mention, Query, TreeFacts
from klplint.facts.region import Region

FAMILIES = load_families()
PLACE = Region(1, 1, 1, 5)


def function(*calls: str, name: str = "push") -> Definition:
    mentions = tuple(Mention(call, PLACE) for call in calls)
    return Definition(kind="function", name=name, path="w.c", region=PLACE, calls=mentions)


def held(*calls: str, **callees: tuple[str, ...]) -> list[str]:
    """The barriers of a function with some calls; `callees` are the calls of what it calls."""
    answers: Mapping[Query, tuple[Definition, ...]] = {
        DefinedIn(name, "w.c"): (function(*inner, name=name),) for name, inner in callees.items()
    }
    barriers = HeldBarriers(TreeFacts(Version(6, 12), answers=answers), FAMILIES)
    return [barrier.name for barrier in barriers.barriers((function(*calls),))]


@pytest.mark.parametrize(
    ("calls", "callees", "expected"),
    [
        (("spin_unlock", "smp_wmb"), {}, ["smp_wmb"]),
        (("store", "spin_unlock"), {"store": ("smp_wmb",)}, ["smp_wmb"]),
        (("store", "spin_unlock"), {"store": ("wake_up",)}, ["spin_unlock"]),
        (("store", "memcpy"), {"store": ("wake_up",)}, ["wake_up"]),
        (("store", "smp_mb"), {"store": ("smp_wmb",)}, ["smp_mb"]),
        (("memcpy",), {}, []),
    ],
)
def test_which_barriers_are_shown(
    calls: tuple[str, ...], callees: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    assert held(*calls, **callees) == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (("smp_mb__before_atomic", "atomic_set"), []),
        (("smp_mb__before_atomic", "atomic64_read"), []),
        (("smp_mb__before_atomic", "WRITE_ONCE"), []),
        (("smp_mb__before_atomic", "atomic_inc"), ["smp_mb__before_atomic"]),
        (("smp_mb__before_atomic", "clear_bit"), ["smp_mb__before_atomic"]),
        (("smp_mb__before_atomic",), ["smp_mb__before_atomic"]),
        (("smp_mb", "atomic_set"), ["smp_mb"]),
    ],
)
def test_a_barrier_before_a_plain_access_orders_nothing(
    calls: tuple[str, ...], expected: list[str]
) -> None:
    assert held(*calls) == expected


@pytest.mark.parametrize(
    ("name", "orders"),
    [
        *(("x_unlock", True), ("x_unlock_irqrestore", True), ("x_unlock_bh", True)),
        *(("unlock_page", True), ("x_is_unlocked", False), ("x_unlocked", False)),
        *(("spin_unlock_wait", False), ("local_unlock", False), ("local_unlock_irqrestore", False)),
        *(("test_and_set_bit_lock", False), ("clear_bit_unlock", True)),
        *(("atomic_inc_unless_negative", True), ("atomic_fetch_or", True), ("x_fetch_or", True)),
        *(("list_add_tail_release", True), ("list_first_entry_or_null_acquire", False)),
        *(("clear_and_wake_up_bit", True), ("wq_has_sleeper", True), ("dmb", True), ("dsb", True)),
        *(("__smp_wmb", True), ("__smp_mb", True)),
    ],
)
def test_names_that_order_writes(name: str, orders: bool) -> None:
    assert FAMILIES.orders_writes(name) is orders
