"""The type of a function by the tokens of its head."""

from __future__ import annotations

import pytest

from klplint.livepatching.file_items import FileItems
from klplint.livepatching.signatures import Signature, signature_of


def signature(head: str) -> Signature:
    items = FileItems("x.c", f"{head}\n{{\n}}\n")
    (body,) = items.functions
    return signature_of(items, body)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("int f(int a)", "int f(int other)"),
        ("int f(int a)", "static noinline int f(int a)"),
        ("void f(u8 a, u32 b)", "void f(unsigned char a, unsigned int b)"),
        ("ssize_t f(const u8 *a)", "ssize_t f(const unsigned char *b)"),
        ("int f(unsigned a)", "int f(unsigned int a)"),
        ("int f(struct s __user *a)", "int f(struct s *a)"),
        ("int f(char a[])", "int f(char *a)"),
        ("int __printf(1, 2) f(const char *a, ...)", "int f(const char *b, ...)"),
        ("int f(int (*g)(int x))", "int f(int (*h)(int x))"),
        ("int f(void)", "int __must_check f(void)"),
    ],
)
def test_these_are_the_same_type(first: str, second: str) -> None:
    assert signature(first) == signature(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("int f(int a)", "int f(long a)"),
        ("int f(int a)", "void f(int a)"),
        ("int f(int a)", "int f(int a, int b)"),
        ("int f(struct s *a)", "int f(struct t *a)"),
        ("int f(struct s *a)", "int f(struct s **a)"),
        ("int f(unsigned int a)", "int f(int a)"),
        ("int f(int (*g)(int x))", "int f(int (*g)(long x))"),
        ("SYSCALL_DEFINE1(a, int, b)", "SYSCALL_DEFINE1(a, long, b)"),
    ],
)
def test_these_are_not(first: str, second: str) -> None:
    assert signature(first) != signature(second)
