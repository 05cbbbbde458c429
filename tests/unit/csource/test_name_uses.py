"""What a use of a name shows: a call, a variable, or that it cannot be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.name_uses import used_as

PIECES = [
    "foo",
    "foo(",
    "(",
    ")",
    "{",
    "}",
    ";",
    "\n",
    "#define ",
    "typedef ",
    ".",
    "->",
    "= a",
    ",",
]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\tfoo();", "use"),
        ("\tfoo /* a */ (1);", "use"),
        ("\ta = foo;", "object"),
        ("\ta->foo = 1;", "object"),
        ("/* foo() */", None),
        ('"foo()"', None),
        ("// foo()", None),
    ],
)
def test_what_a_use_shows(text: str, kind: str | None) -> None:
    definition = used_as(Source(text), "a.c", "foo", text.index("foo"))
    assert (definition and definition.kind) == kind


@pytest.mark.parametrize(
    ("text", "uncallable"),
    [
        ("u32 foo;", True),
        ("static u32 foo = 1;", True),
        ("struct foo;", True),
        ("enum { A, foo };", True),
        ("struct a {\n\tu32 foo;\n};", True),
        ("typedef void (*foo)(int a);", True),
        ("typedef struct {\n\tint a;\n} foo;", True),
        ("void f(void)\n{\n\tg(1, foo);\n}", True),
        ("void f(void)\n{\n\tif (a->foo)\n\t\tg();\n}", True),
        ("#define X(a) ((a)->foo)", True),
        ("#define X (sizeof(struct foo))", True),
        ("DEFINE_GUARD(a, struct foo *, f(_T), g(_T))", True),
        ("struct a b = { .foo = 1 };", True),
        # What may be called, or be the name of a function.
        ("static void (*foo)(int a);", False),
        ("void f(void)\n{\n\t(*foo)(1);\n}", False),
        ("void f(void)\n{\n\t(*a->foo)(1);\n}", False),
        ("struct a b = { .foo = g };", False),
        ("struct a b = {\n\t.c = 1,\n\t.foo = &g,\n};", False),
        ("#define X foo", False),
        ("#define X(a) Y(foo, a)", False),
        ("DEFINE_IT(foo)", False),
        ("DEFINE_IT(a, b(1),\n\t  foo, c)", False),
        ("EXPORT_SYMBOL_GPL(foo);", False),
    ],
)
def test_what_cannot_be_called(text: str, uncallable: bool) -> None:
    definition = used_as(Source(text), "a.c", "foo", text.index("foo"))
    assert definition is not None
    assert definition.kind == "object"
    assert definition.uncallable == uncallable


def test_other_languages_show_no_data() -> None:
    definition = used_as(Source("let a = foo;"), "a.rs", "foo", len("let a = "))
    assert definition is not None
    assert not definition.uncallable


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_use_can_be_read(text: str) -> None:
    source = Source(text)
    for start in range(len(text)):
        definition = used_as(source, "a.c", "foo", start)
        assert definition is None or not (definition.kind == "use" and definition.uncallable)
