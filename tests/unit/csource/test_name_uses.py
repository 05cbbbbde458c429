"""What the uses of a name show: a call, a variable, a type, or nothing for certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.name_uses import Use, first_use, is_data, uses_in
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
        ('asm(".globl foo\\n" "foo:\\n\\tret\\n");', "use"),
        ('extern void bar(void) __asm__("foo");', "use"),
        ("\ta = foo;", "object"),
        ("\ta->foo = 1;", "object"),
        ("\ta->foo_b = foob;", None),
        ("/* foo() */", None),
        ('"foo()"', None),
        ('asm("nop"); f("foo");', None),
        ("// foo()", None),
    ],
)
def test_what_the_first_use_shows(text: str, kind: str | None) -> None:
    definition = first_use(Source(text), "a.c", "foo")
    assert (definition and definition.kind) == kind


def test_in_assembly_a_literal_may_be_one_that_does_not_end() -> None:
    definition = first_use(Source("\tmovb $'a, %al; call foo\n"), "a.S", "foo")
    assert definition is not None


@pytest.mark.parametrize(
    "texts",
    [
        ["u32 foo;"],
        [VARIABLE],
        ["static const unsigned long long *foo = &x;"],
        ["static struct a *foo __read_mostly;"],
        ["static int foo[4];"],
        ["typedef void (*foo)(int a);"],
        ["typedef u32 foo;\nstatic foo a;\nvoid f(foo *a);\n", "int g(const foo *);\nfoo b = 1;"],
        ["int f(void)\n{\n}\n\n/* What it is. */\natomic_t foo;"],
        [VARIABLE + BODY.format("foo++;")],
        [VARIABLE + BODY.format("g(1, &foo);")],
        [VARIABLE + "EXPORT_SYMBOL_GPL(foo);"],
        ["static const u32 foo = 1;\nstatic struct a b = { .c = foo };"],
        [VARIABLE + "/* foo() */ static u32 foo_of;"],
        ["u32 foo;", "#ifndef A_H\n#define A_H\nextern u32 foo;\n#endif\n"],
        ["extern u32 foo;\nu32 foo;" + BODY.format("return foo;"), VARIABLE],
    ],
)
def test_what_is_only_a_variable_or_a_type(texts: list[str]) -> None:
    assert _is_data(*texts)


@pytest.mark.parametrize(
    "text",
    [
        # What a macro may define elsewhere.
        BODY.format("g(1, foo);"),
        BODY.format("INIT_WORK(w, foo);"),
        "struct a b = { .open = foo };",
        "DEFINE_IT(foo)",
        "DEFINE_IT(a, b(1),\n\t  foo, c)",
        "DEFINE_IT(a, foo IF_ENABLED b)",
        "DEFINE_IT(a,\n" + LONG + "u32 foo;\n)",
        "EXPORT_SYMBOL_GPL(foo);",
        "int foo NOINLINE (int a)\n{\n}",
        "extern int foo ALIAS(g);",
        "foo ARGS;",
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
        # What is called.
        BODY.format("foo();"),
        BODY.format("(*foo)(1);"),
        BODY.format("foo \\\n(1);"),
        BODY.format("(foo ?: g)(1);"),
        BODY.format("per_cpu(foo, 1)();"),
        # A label, or what a directive or a literal makes of it.
        BODY.format("goto foo;"),
        "#define X foo",
        "#define X(a) Y(foo, a)",
        BODY.format('kallsyms_lookup_name("foo");'),
    ],
)
def test_what_may_be_a_function(text: str) -> None:
    assert not _is_data(text)
    assert not _is_data(text, VARIABLE)


@pytest.mark.parametrize(
    "text",
    [
        # A place in assembly, or one that the linker sets.
        "extern char foo[];",
        "extern u8 foo;",
        # Another configuration may have a function.
        "#ifdef X\nstatic u32 foo;\n#endif\n",
        "#ifdef X\nstatic u32 foo;\n#else\nDEFINE_IT(foo)\n#endif\n",
        # Within something else.
        "struct a {\nu32 a;\nu32 foo;\n};\nDEFINE_IT(foo)",
        "void f(void)\n{\n}\nvoid g(void)\n{\nh();\nint foo = 1;\n}\nDEFINE_IT(foo)",
        "DEFINE_IT(a,\n{ }\nu32 foo;\n)",
        # It cannot be both.
        VARIABLE + "typedef u32 foo;",
        "void f(foo *a);",
    ],
)
def test_what_does_not_define_a_variable_or_a_type(text: str) -> None:
    assert not _is_data(text)


@pytest.mark.parametrize("name", ["foo_*", "sys_foo"])
def test_nothing_is_shown_of_names_that_stand_for_others(name: str) -> None:
    assert uses_in(Source("static u32 foo, foo_a, sys_foo;"), "a.c", name) == [Use.OPEN]


@pytest.mark.parametrize(
    "text",
    [
        "u32 a[] = {" + "__foo, " * 200_000 + "};",
        "u32 a[] = {" + "__foo\n" * 990 + "__a\n" * 200_000 + "};",
        "u32 a[] = {" + ("__foo" + " /**/" * 1000) * 900 + "};",
        "\n".join(["static " + "__x " * 20_000 + "__foo;"] * 50),
        "typedef " + "x " * 200_000 + "__foo;",
        VARIABLE + "\n" * 500_000 + "u32 __foo;",
        'asm("' + "__foo " * 200_000 + '");',
        "f(asm, " + '"__foo", ' * 200_000 + ");",
    ],
)
def test_much_text_is_read_soon(text: str) -> None:
    with ends_soon():
        source = Source(text)
        uses_in(source, "a.c", "__foo")
        first_use(source, "a.c", "__foo")


def test_other_languages_show_nothing() -> None:
    assert uses_in(Source("static u32 foo;"), "a.rs", "foo") == [Use.OPEN]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_called_is_not_only_a_variable(text: str) -> None:
    use = first_use(Source(text), "a.c", "foo")
    assert not (use and use.kind == "use" and _is_data(text))


def _is_data(*texts: str) -> bool:
    return is_data(uses_in(Source(text), "a.c", "foo") for text in texts)
