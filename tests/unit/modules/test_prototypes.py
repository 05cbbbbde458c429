"""Types of functions, by their words and as libclang spells them."""

from __future__ import annotations

import pytest

from klplint.modules.prototypes import are_same, prototype_of


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("int f(int a)", "static int f(int b)", True),
        ("int f(void)", "int f()", True),
        ("unsigned long f(unsigned a)", "long unsigned int f(unsigned int b)", True),
        ("int f(const struct x *a)", "int f(struct x const *b)", True),
        ("int f(struct x *const a)", "int f(struct x *b)", True),
        ("int f(const int a)", "int f(int b)", True),
        ("int f(int a[4])", "int f(int *b)", True),
        ("int __init f(char __user *a)", "int f(char *a)", True),
        ("int f(void (*fn)(int a), ...)", "int f(void (*g)(int), ...)", True),
        ("__poll_t f(__be32 a)", "__poll_t f(__be32 b)", True),
        ("int f(struct x *a)", "int f(struct y *a)", False),
        ("int f(int a)", "int f(int a, int b)", False),
        ("int f(int a)", "int f(int *a)", False),
        ("int f(const char *a)", "int f(char *a)", False),
        ("__poll_t f(__be32 a)", "__poll_t f(__le32 b)", False),
        ("void f(int a)", "int f(int a)", False),
    ],
)
def test_heads_of_the_same_words(one: str, other: str, is_same: bool) -> None:
    types = prototype_of(one, "f"), prototype_of(other, "f")
    assert None not in types
    assert (types[0] == types[1]) == is_same


@pytest.mark.parametrize(
    "head", ["DEFINE(f, int a)", "f(a)", "int (*f(int a))(int b)", "int g(int a)", ""]
)
def test_a_head_that_is_not_plain(head: str) -> None:
    assert prototype_of(head, "f") is None


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("int (enum a, char *)", "int (unsigned int, char *)", True),
        ("enum a (void)", "int (void)", True),
        ("int (enum a *)", "int (int *)", False),
        ("int (enum a)", "int (long)", False),
        ("int (int)", "int (unsigned int)", False),
        ("int (int, int (*)(int, int))", "int (int, int (*)(int, int))", True),
        ("int (int)", "int (int, int)", False),
    ],
)
def test_types_of_libclang(one: str, other: str, is_same: bool) -> None:
    assert are_same(one, other) == is_same
