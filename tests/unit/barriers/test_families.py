"""The families of barriers: klplint's own data, and what they say of a name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from klplint.barriers.opposite import opposite
from klplint.catalogue.load import load_catalogue, load_families
from klplint.catalogue.places import builtin_rules
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.errors import KlplintError

FAMILIES = load_families()


@pytest.mark.parametrize(
    "name",
    [
        *("smp_wmb", "wmb", "dma_wmb", "smp_mb", "mb", "smp_mb__after_atomic"),
        *("smp_store_release", "rcu_assign_pointer", "write_seqlock", "write_seqcount_end"),
        *("spin_unlock", "mutex_unlock", "up_write", "guard", "scoped_guard"),
        *("xchg", "cmpxchg", "atomic_xchg", "atomic64_cmpxchg", "xchg_release"),
        *("atomic_inc_return", "atomic_long_add_return", "atomic_fetch_add", "atomic_dec_and_test"),
        *("atomic_set_release", "test_and_set_bit", "complete", "wake_up_all", "queue_work"),
    ],
)
def test_what_orders_writes(name: str) -> None:
    assert FAMILIES.orders_writes(name)


@pytest.mark.parametrize(
    "name",
    [
        *("smp_rmb", "rmb", "smp_load_acquire", "READ_ONCE", "WRITE_ONCE", "barrier", "memcpy"),
        *("spin_lock", "atomic_inc", "atomic_read", "atomic_set", "set_bit", "rcu_read_unlock"),
        *("atomic_inc_return_relaxed", "cmpxchg_acquire", "xchg_local", "completed", "smp_wmb_x"),
    ],
)
def test_what_orders_none(name: str) -> None:
    assert not FAMILIES.orders_writes(name)


@pytest.mark.parametrize(
    ("name", "says_so"),
    [
        *(("rmb", True), ("smp_load_acquire", True), ("cmpxchg_relaxed", True)),
        *(("smp_mb", False), ("smp_wmb", False), ("sample_push", False)),
    ],
)
def test_names_that_say_that_they_order_no_writes(name: str, says_so: bool) -> None:
    assert FAMILIES.orders_no_writes(name) == says_so


@pytest.mark.parametrize(
    "name",
    [
        *("set_bit", "__clear_bit", "change_bit", "READ_ONCE", "WRITE_ONCE"),
        *("atomic_inc", "atomic64_add", "atomic_long_or", "raw_atomic_set", "refcount_inc"),
    ],
)
def test_what_is_not_looked_through(name: str) -> None:
    assert FAMILIES.orders_no_writes(name)
    assert FAMILIES.is_known(name)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        *(("smp_wmb", True), ("smp_mb__after_atomic", True), ("barrier", True), ("up", True)),
        *(("spin_unlock_irqrestore", True), ("atomic64_fetch_add_release", True)),
        *(("write_seqlock", True), ("wake_up_process", True), ("synchronize_rcu", True)),
        *(("sample_unlock", False), ("write_sample", False), ("atomic_sample", False)),
        *(("wake_up_sample", False), ("sample_wmb", False), ("smp_mb__sample", False)),
    ],
)
def test_only_full_names_are_known(name: str, is_known: bool) -> None:
    assert FAMILIES.is_known(name) is is_known


@pytest.mark.parametrize(
    ("call", "primitive", "does"),
    [
        *(("smp_mb", "smp_wmb", True), ("smp_wmb", "smp_mb", False)),
        *(("dma_wmb", "smp_wmb", True), ("write_seqcount_begin", "smp_wmb", True)),
        *(("smp_store_release", "smp_wmb", False), ("xchg", "smp_mb", False)),
        *(("spin_unlock", "smp_wmb", False), ("set_current_state", "smp_mb", True)),
        *(("raw_spin_unlock_irq", "spin_unlock", True), ("mutex_unlock", "spin_unlock", False)),
        *(("guard", "mutex_unlock", True), ("guard", "smp_wmb", False)),
        *(("sample_unlock", "spin_unlock", True), ("sample_unlock", "smp_wmb", False)),
        *(("list_add_rcu", "rcu_assign_pointer", True), ("smp_mb", "smp_store_release", False)),
        *(("smp_mb", "smp_mb__after_atomic", True), ("smp_mb__after_atomic", "smp_wmb", True)),
        ("smp_mb__before_atomic", "smp_mb__after_atomic", False),
        ("smp_mb__after_spinlock", "smp_mb__before_atomic", False),
        ("smp_mb__before_clear_bit", "smp_mb__before_atomic", True),
    ],
)
def test_which_call_does_what_another_primitive_does(call: str, primitive: str, does: bool) -> None:
    assert FAMILIES.does_as(call, primitive) is does


@pytest.mark.parametrize(
    ("call", "primitive", "does"),
    [
        *(("smp_load_acquire", "smp_rmb", True), ("smp_rmb", "smp_load_acquire", False)),
        *(("atomic_read_acquire", "smp_load_acquire", True), ("smp_mb", "smp_rmb", True)),
        ("smp_mb", "smp_load_acquire", False),
    ],
)
def test_which_call_does_what_another_one_does_for_reads(
    call: str, primitive: str, does: bool
) -> None:
    assert opposite(FAMILIES).does_as(call, primitive) is does


def test_every_primitive_that_stands_for_others_is_known() -> None:
    names = [name for name in FAMILIES.stands_for if "*" not in name]
    assert len(names) > 5
    assert all(map(FAMILIES.is_known, names))


def test_a_proper_barrier_is_more_than_what_implies_one() -> None:
    assert FAMILIES.is_write_barrier("smp_wmb")
    assert FAMILIES.is_write_barrier("mb")
    assert not FAMILIES.is_write_barrier("spin_unlock")


def test_every_reader_has_a_partner_that_orders_writes() -> None:
    for reader, partner in FAMILIES.readers.items():
        assert FAMILIES.is_write_barrier(partner), reader


def test_all_rules_on_barriers_share_the_families() -> None:
    checks = [r.check for r in load_catalogue() if isinstance(r.check, ReadBarrierCheck)]
    assert len(checks) == 4
    assert all(check.families == FAMILIES for check in checks)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A further catalogue with families of its own, to be spoilt."""
    rule = tmp_path / "mine" / "XYZ003-unpaired"
    shutil.copytree(builtin_rules() / "KLP003-unpaired-read-barrier", rule)
    shutil.copy(builtin_rules() / "barriers.toml", tmp_path / "mine")
    text = (rule / "rule.toml").read_text()
    text = text.replace("KLP003", "XYZ003").replace("unpaired-read-barrier", "unpaired")
    (rule / "rule.toml").write_text(text)
    return tmp_path / "mine"


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_further_catalogue_may_share_families_of_its_own(catalogue: Path) -> None:
    spoil(catalogue / "barriers.toml", 'smp_rmb = "smp_wmb"', 'smp_rmb = "wmb"')
    (check,) = (r.check for r in load_catalogue([catalogue]) if r.code == "XYZ003")
    assert isinstance(check, ReadBarrierCheck)
    assert check.families.readers["smp_rmb"] == "wmb"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("barriers.toml", "spoken = [", "spokn = [", "barriers.toml"),
        ("barriers.toml", "[families.full]", "[families.fully]", "fully"),
        ("barriers.toml", "[families", "[kin", "no table [families] in"),
        ("XYZ003-unpaired/rule.toml", "../barriers.toml", "../none.toml", "none.toml"),
        ("XYZ003-unpaired/rule.toml", '["smp_rmb"]', '["smp_rm"]', "did you mean smp_rmb?"),
        ("XYZ003-unpaired/rule.toml", '["smp_rmb"]', '["smp_wmb"]', "is not a read barrier"),
    ],
)
def test_what_is_wrong_is_reported_with_its_file(
    catalogue: Path, file: str, old: str, new: str, expected: str
) -> None:
    spoil(catalogue / file, old, new)
    with pytest.raises(KlplintError) as raised:
        load_catalogue([catalogue])
    assert str(catalogue) in str(raised.value)
    assert expected in str(raised.value)
