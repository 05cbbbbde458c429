"""The calls of barriers in a text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from klplint.catalogue.load import load_accesses
from klplint.partners.barrier_calls import BarrierCalls

NAMES = load_accesses().barrier_names


def test_calls_come_in_order_with_their_offsets() -> None:
    calls = BarrierCalls(["smp_rmb", "smp_mb__after_atomic"])
    assert calls.in_text("smp_mb__after_atomic ();smp_rmb()") == [
        (0, "smp_mb__after_atomic"),
        (24, "smp_rmb"),
    ]


def test_a_part_of_another_word_is_not_a_call() -> None:
    text = "my_smp_rmb(); smp_rmbs(); smp_mb__after(); smp_rmb; nsmp_mb__after_atomic(); émb();"
    assert BarrierCalls(NAMES).in_text(text) == []


def test_the_longer_of_two_names_counts() -> None:
    text = "smp_read_barrier_depends(); read_barrier_depends();"
    assert [name for _, name in BarrierCalls(NAMES).in_text(text)] == [
        "smp_read_barrier_depends",
        "read_barrier_depends",
    ]


words = st.sampled_from([*NAMES, "x", "_", "(", " (", ";", "\n", "mb", "smp_", "__"])


@given(st.lists(words, max_size=30).map("".join))
def test_the_calls_are_those_that_a_search_for_each_name_finds(text: str) -> None:
    by_name = {
        (match.start(), name)
        for name in NAMES
        for match in re.finditer(rf"\b{name}(?=\s*\()", text)
    }
    assert BarrierCalls(NAMES).in_text(text) == sorted(by_name)
