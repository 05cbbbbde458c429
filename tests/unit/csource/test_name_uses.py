"""What the uses of a name show: a call, a variable, a type, or nothing for certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.name_uses import first_use, shown_in
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
    "#ifdef A\n",
    "#endif\n",
    "typedef ",
    "static u32 ",
    ".",
    "->",
    "= a",
    ",",
]
BODY = "void f(void)\n{{\n\t{}\n}}\n"
VARIABLE = "static u32 foo;\n"
LONG = "/*" + " long" * 1200 + " */\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\tfoo();", "use"),
        ("\tfoo /* a */ (1);", "use"),
        ("\ta = foo;\n\tfoo();", "use"),
        ("\ta = foo;", "object"),
        ("\ta->foo = 1;", "object"),
        ("\ta->foo_b = foob;", None),
        ("/* foo() */", None),
        ('"foo()"', None),
        ("// foo()", None),
    ],
)
def test_what_the_first_use_shows(text: str, kind: str | None) -> None:
    definition = first_use(Source(text), "a.c", "foo")
    assert (definition and definition.kind) == kind


@pytest.mark.parametrize(
    "text",
    [
        "u32 foo;",
        VARIABLE,
        "static const unsigned long long *foo = &x;",
        "static struct a *foo __read_mostly;",
        "static int foo[4];",
        "extern u32 foo;",
        "typedef void (*foo)(int a);",
        "typedef u32 foo;\nstatic foo a;\nvoid f(foo *a);\n",
        "}\n\n/* What it is. */\natomic_t foo;",
        VARIABLE + BODY.format("foo++;"),
        VARIABLE + BODY.format("g(1, &foo);"),
        VARIABLE + "EXPORT_SYMBOL_GPL(foo);",
        "static const u32 foo = 1;\nstatic struct a b = { .c = foo };",
        VARIABLE + "/* foo() */ static u32 foo_of;",
    ],
)
def test_what_is_no_function(text: str) -> None:
    assert shown_in(Source(text), "a.c", "foo") == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        # What a macro may define elsewhere.
        BODY.format("g(1, foo);"),
        BODY.format("INIT_WORK(w, foo);"),
        "struct a b = { .open = foo };",
        "DEFINE_IT(foo)",
        "DEFINE_IT(a, b(1),\n\t  foo, c)",
        "DEFINE_IT(a,\nu32 foo;\n)",
        "EXPORT_SYMBOL_GPL(foo);",
        # What may hold a function.
        "static void (*foo)(int a);",
        "static handler_t foo;",
        "extern handler_t foo;",
        "extern typeof(g) foo;",
        "static handler_t foo[] = { g };" + BODY.format("foo[1](2);"),
        "struct a b = { .foo = g };",
        "struct a b = {\n\t.c = 1,\n#ifdef X\n\t.foo = &g,\n#endif\n};",
        BODY.format("o->foo = g;"),
        BODY.format("(*a->foo)(1);"),
        "struct a {\n\tu32 foo;\n};",
        # What may be called.
        VARIABLE + BODY.format("foo();"),
        VARIABLE + BODY.format("(*foo)(1);"),
        VARIABLE + BODY.format("foo \\\n(1);"),
        BODY.format("(foo ?: g)(1);"),
        BODY.format("per_cpu(foo, 1)();"),
        # A place in assembly, or a label.
        "extern char foo[];",
        VARIABLE + BODY.format("goto foo;"),
        # What a directive makes of it.
        "#define X foo",
        VARIABLE + "#define X(a) Y(foo, a)",
        # Another configuration may have a function.
        "#ifdef X\nstatic u32 foo;\n#endif\n",
        "#ifdef X\nstatic u32 foo;\n#else\nDEFINE_IT(foo)\n#endif\n",
        # More than is looked at.
        "DEFINE_IT(a,\n" + LONG + "u32 foo;\n)",
    ],
)
def test_what_may_be_a_function(text: str) -> None:
    assert shown_in(Source(text), "a.c", "foo") == (False, False)


@pytest.mark.parametrize(
    "text", ["foo *f(foo a);", "static struct list_of foo x;", "void f(void)\n{\n\tfoo *a;\n}"]
)
def test_a_name_in_the_place_of_a_type_declares_nothing(text: str) -> None:
    assert not shown_in(Source(text), "a.c", "foo").is_declared


def test_a_header_may_declare_in_its_guard() -> None:
    guard = "#ifndef A_H\n#define A_H\n{}\n#endif\n"
    text = guard.format("extern u32 foo;")
    assert shown_in(Source(text), "a.h", "foo") == (True, True)
    text = guard.format("extern u32 foo;\nstatic inline u32 f(void)\n{\n\treturn g(foo);\n}")
    assert shown_in(Source(text), "a.h", "foo") == (False, False)


@pytest.mark.parametrize("name", ["foo_*", "sys_foo"])
def test_nothing_is_shown_of_names_that_stand_for_others(name: str) -> None:
    source = Source("static u32 foo, foo_a, sys_foo;")
    assert shown_in(source, "a.c", name) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "u32 a[] = {" + "foo, " * 200_000 + "};",
        "\n".join(["static " + "__x " * 20_000 + "foo;"] * 50),
        "typedef " + "x " * 200_000 + "foo;",
        VARIABLE + "\n" * 500_000 + "u32 foo;",
    ],
)
def test_much_text_is_read_soon(text: str) -> None:
    with ends_soon():
        shown_in(Source(text), "a.c", "foo")


def test_other_languages_show_nothing() -> None:
    assert shown_in(Source("static u32 foo;"), "a.rs", "foo") == (False, False)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_called_is_not_shown_as_data(text: str) -> None:
    source = Source(text)
    use = first_use(source, "a.c", "foo")
    shown = shown_in(source, "a.c", "foo")
    assert not (use and use.kind == "use" and shown.is_data)
