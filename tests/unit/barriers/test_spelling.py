"""Names as comments spell them."""

from __future__ import annotations

import pytest

from klplint.barriers.spelling import spelt_in


def names(sentence: str) -> list[str]:
    return [name for spelt in spelt_in(sentence) for name in spelt.names]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("foo() and foo_bar", ["foo", "foo_bar"]),
        ("the foo bar FOO_BAR x->a_b &a_b a_b[1] a_b == 0 a_b = 1", []),
        ("with %foo_bar() and @foo_baz()", ["foo_bar", "foo_baz"]),
        ('in "foo_bar" or `foo_baz`', ["foo_bar"]),
        ("with :c:func:`foo_bar`", ["foo_bar"]),
        ("the @foo_bar is set", []),
        ("in @foo_bar", ["foo_bar"]),
        ("a_v3/4_b()", ["a_v3_b", "a_v4_b"]),
        ("a_get()/put() and a_push()/_pop()", ["a_get", "a_put", "a_push", "a_pop"]),
        ("a_{b,c}_d() a_<b|c>() {a,b}_c() a_(b|c)_d()", None),
        ("foo()->bar() -> baz()", ["foo", "bar", "baz"]),
        ("bind of net/foo.c, in bind in net/foo.c", ["bind"]),
        ("foo:B", ["foo"]),
        ("lock (s) and lock(s)", []),
    ],
)
def test_names_in_a_sentence(sentence: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["a_{b,c}_d", "a_<b|c>", "{a,b}_c", "a_<b|c>_d"]
    assert names(sentence) == expected


def test_members_are_known_as_such() -> None:
    spelt = {each.names[0]: each.member for each in spelt_in("ops->fill(), ->empty() and foo()")}
    assert spelt == {"foo": False, "fill": True, "empty": True}


def test_places_are_those_of_the_name() -> None:
    sentence = "with %foo_bar() here"
    (spelt,) = spelt_in(sentence)
    assert sentence[spelt.start : spelt.end] == "foo_bar()"
