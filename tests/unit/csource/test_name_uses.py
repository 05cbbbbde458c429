"""What a use of a name shows: a call, a variable, or that it cannot be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.name_uses import is_data_in, used_as
from klplint.csource.words import words_in
from tests.support.work import ends_soon

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
    source = Source(text)
    definition = used_as(source, "a.c", "foo", text.index("foo"))
    assert definition is not None
    assert definition.kind == "object"
    assert is_data_in(source, "a.c", "foo") == uncallable


def test_all_uses_of_a_file_count() -> None:
    once = "static u32 foo;\nvoid f(void)\n{\n" + "\tfoo++;\n" * 20
    assert is_data_in(Source(once + "}\n"), "a.c", "foo")
    for more in ("\tfoo(1);\n", "\t(*foo)(1);\n", "#define X foo\n", "}\nDEFINE_IT(foo)\n"):
        assert not is_data_in(Source(once + more), "a.c", "foo")


def test_comments_and_longer_names_are_no_uses() -> None:
    assert is_data_in(
        Source("/* foo() */ static u32 foo; static u32 foo_of(u32 foo);"), "a.c", "foo"
    )


@pytest.mark.parametrize("name", ["foo_*", "sys_foo"])
def test_nothing_is_shown_of_names_that_stand_for_others(name: str) -> None:
    assert not is_data_in(Source("static u32 foo, foo_a, sys_foo;"), "a.c", name)


def test_nothing_is_shown_of_a_name_that_is_everywhere() -> None:
    with ends_soon():
        assert not is_data_in(Source("u32 a[] = {" + "foo, " * 200_000 + "};"), "a.c", "foo")


def test_other_languages_show_no_data() -> None:
    assert not is_data_in(Source("let a = foo;"), "a.rs", "foo")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_use_can_be_read(text: str) -> None:
    source = Source(text)
    for start in range(len(text)):
        used_as(source, "a.c", "foo", start)
    uses = [used_as(source, "a.c", "foo", start) for start in words_in(source.skeleton, "foo")]
    if any(use and use.kind == "use" for use in uses):
        assert not is_data_in(source, "a.c", "foo")
