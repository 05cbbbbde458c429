"""Keys of the cache."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from klplint.cache.keys import key_of


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True))
def test_a_key_does_not_hang_on_the_order_of_sets(names: list[str]) -> None:
    assert key_of(frozenset(names)) == key_of(frozenset(reversed(names)))
