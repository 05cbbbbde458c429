"""What rules/accesses.toml says."""

from __future__ import annotations

import msgspec
import pytest

from klplint.catalogue.load import load_families
from klplint.facts.barrier_contexts import Effects
from klplint.partners.access_rules import AccessRules, Barriers, Helper, expanded
from tests.support.barrier_samples import RULES


def test_choices_are_expanded() -> None:
    assert expanded("{,__}a_{b,c}") == ["a_b", "a_c", "__a_b", "__a_c"]


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("READ_ONCE", Effects(loads=(1,))),
        ("atomic64_inc_return", Effects(both=(1,))),
        ("atomic_add_return", Effects(both=(2,))),
        ("test_and_set_bit", Effects(both=(2,), bit=1)),
        ("folio_test_uptodate", Effects(object="PG_uptodate")),
        ("folio_set_dirty", Effects(object="PG_dirty", object_kind="both")),
        ("memcpy", Effects(stores=(1,), loads=(2,))),
        ("printk", None),
    ],
)
def test_helpers(name: str, effects: Effects | None) -> None:
    assert RULES.effects(name) == effects


@pytest.mark.parametrize(
    ("name", "ordering"),
    [
        ("smp_rmb", "reads"),
        ("smp_mb__before_atomic", "all"),
        ("smp_store_release", "release"),
        ("smp_load_acquire", "acquire"),
        ("smp_store_mb", "store-all"),
        ("barrier", None),
    ],
)
def test_orderings(name: str, ordering: str | None) -> None:
    assert RULES.ordering(name) == ordering


def test_every_reader_of_the_families_has_an_ordering_and_its_partner() -> None:
    readers = load_families().readers
    assert all(RULES.ordering(name) for name in readers)
    assert {name: RULES.usual_partner(name) for name in readers} == readers


def test_further_helpers_come_first() -> None:
    further = Helper(names=("READ_ONCE",), stores=(2,))
    rules = msgspec.structs.replace(RULES, helpers=(further, *RULES.helpers))
    assert rules.effects("READ_ONCE") == Effects(stores=(2,))


def test_no_rules_know_nothing() -> None:
    rules = AccessRules(barriers=Barriers())
    assert rules.ordering("smp_rmb") is None
    assert rules.barrier_names == ()


def test_flags_of_pages_are_those_of_folios() -> None:
    names = ["PageChecked", "SetPageChecked", "folio_test_checked", "folio_clear_checked"]
    effects = [effect for name in names if (effect := RULES.effects(name))]
    assert [effect.object for effect in effects] == ["PG_checked"] * 4
    assert [effect.object_kind for effect in effects] == ["load", "both", "load", "both"]
