"""The static variables of a function whose value may change."""

from __future__ import annotations

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.csource.static_locals import static_locals


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("static int a;", "a"),
        ("static int a = 1, *b;", "a b"),
        ("static int a[] = { 1, 2 };", "a"),
        ("static const int a = 1;", ""),
        ("static const char *a;", "a"),
        ("static const char *const a = 0;", ""),
        ("static const struct s { char *b; int c; } a[] = { { 0, 1 } };", ""),
        ("static struct s { const char *b; int (*c)(void); } a;", "a"),
        ("static DEFINE_MUTEX(a);", "a"),
        ("int a;", ""),
    ],
)
def test_variables(declaration: str, expected: str) -> None:
    source = Source(f"void f(void)\n{{\n\t{declaration}\n}}\n")
    (body,) = Outline(source).bodies
    listed = list(static_locals(source, body))
    assert " ".join(each.name for each in listed) == expected
    for each in listed:
        assert source.text[source.span(each.region).start :].startswith(each.name)
