"""Names that leave parts open, as patterns."""

from __future__ import annotations

import re

import pytest

from klplint.csource.open_names import name_pattern


@pytest.mark.parametrize(
    ("name", "fitting", "others"),
    [
        ("foo", ["foo"], ["foo_", "fo", "Foo", ""]),
        ("foo_*", ["foo_", "foo_a", "foo_a_b"], ["foo", "xfoo_"]),
        ("foo_*_bar", ["foo_x_bar", "foo__bar"], ["foo_bar_x", "foo_x"]),
        ("foo_<a|end>", ["foo_a", "foo_end"], ["foo_", "foo_b", "foo_a|end"]),
        ("foo_{a,end}_x", ["foo_a_x", "foo_end_x"], ["foo_a", "foo_b_x"]),
        ("a.b", ["a.b"], ["aXb"]),
    ],
)
def test_what_a_name_stands_for(name: str, fitting: list[str], others: list[str]) -> None:
    pattern = re.compile(name_pattern(name))
    assert all(pattern.fullmatch(each) for each in fitting)
    assert not any(pattern.fullmatch(each) for each in others)


def test_a_name_with_endless_wildcards_takes_no_endless_time() -> None:
    """Each open part multiplies the ways to match: more than three are taken as written."""
    text = name_pattern("f" + "*a" * 200)
    assert text.count(r"\w*") == 3
    assert re.compile(text).fullmatch("f" + "a" * 300) is None
