"""Definitions by tokens: what defines a name, what it calls, and which comments it has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.definitions import (
    begins_definition,
    definitions_in,
    is_static,
    may_define,
    wanted_pattern,
    whole_file,
)
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.queries import Definition

PIECES = st.sampled_from(
    [
        *("f", "f(", ")", "{", "}", "\n", "\n{", "\n}\n", ";", "static ", "int ", "\\\n", '"', "'"),
        *("#define f", "#define f(x) f", "/*", "*/", "//", "f:", "ENTRY(f)", "=", "é", "\0", " "),
    ]
)
PROGRAM = st.lists(PIECES, max_size=25).map("".join)


def got(text: str, name: str, path: str = "a.c") -> list[Definition]:
    return list(definitions_in(Outline(Source(text)), path, name))


def kinds(text: str, name: str, path: str = "a.c") -> list[tuple[str, str]]:
    return [(d.kind, d.name) for d in got(text, name, path)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int foo(void)\n{\n}\n", "function"),
        ("static inline int\nfoo(int a, int b)\n{\n}\n", "function"),
        ("struct a *foo(void)\n{\n}\n", "function"),
        ("#define foo(x) bar(x)\n", "macro"),
        ("#define foo() \\\n\tbar()\n", "macro"),
        ("#define foo bar\n", "macro"),
        ("#define foo (bar)\n", "macro"),
        ("#define foo 3\n", "object"),
        ("#define foo (1 << 3)\n", "object"),
        ("SYSCALL_DEFINE2(foo, int, a, int, b)\n{\n}\n", "function"),
    ],
)
def test_what_defines_a_name(text: str, kind: str) -> None:
    assert kinds(text, "foo") == [(kind, "foo")]


@pytest.mark.parametrize(
    "text",
    [
        "int foo(void);\n",
        "int bar(void)\n{\n\treturn foo();\n}\n",
        "/* int foo(void)\n{\n}\n*/\n",
        "#undef foo\n",
        "#define bar foo\n",
        "int foo;\n",
        "int foo_bar(void)\n{\n}\n",
        "",
    ],
)
def test_what_does_not(text: str) -> None:
    assert got(text, "foo") == []


def test_a_system_call_is_asked_for_by_the_name_that_callers_use() -> None:
    text = "SYSCALL_DEFINE1(foo, int, a)\n{\n\tbar(a);\n}\n"
    for name in ("sys_foo", "__x64_sys_foo", "__se_sys_foo", "ksys_foo", "foo"):
        assert kinds(text, name) == [("function", "foo")]
    assert kinds("int foo(void)\n{\n}\n", "sysfoo") == []


@pytest.mark.parametrize("line", ["SYM_FUNC_START(foo)", "ENTRY(foo)", "foo:", "_GLOBAL(foo, 1)"])
def test_routines_in_assembly(line: str) -> None:
    assert kinds(f"{line}\n\tret\n", "foo", "a.S") == [("assembly", "foo")]
    assert kinds(f"\t.globl foo\n\tcall foo\n# {line}\n", "foo", "a.S") == []


def test_open_names_find_all_that_fit() -> None:
    text = "".join(f"int {n}(void)\n{{\n}}\n" for n in ("foo_a", "foo_b", "foo", "xfoo_a"))
    assert [d.name for d in got(text, "foo_*")] == ["foo_a", "foo_b"]
    assert [d.name for d in got(text, "foo_<b|c>")] == ["foo_b"]


def test_a_definition_knows_its_place_its_calls_and_its_comments() -> None:
    text = (
        "/* far */\nint other(void);\n\n/* head */\nstatic void foo(int a)\n{\n"
        '\t/* inside bar() */\n\tif (a)\n\t\tbaz(a, qux (1));\n\tx->member(2);\n\tp("s()");\n}\n'
        "/* behind */\n"
    )
    (definition,) = got(text, "foo")
    assert (definition.region.line, definition.region.column) == (5, 13)
    assert definition.static
    assert [(c.name, c.region.line) for c in definition.calls] == [
        ("baz", 9),
        ("qux", 9),
        ("p", 11),
    ]
    assert definition.comments == ("/* head */", "/* inside bar() */")


def test_a_macro_calls_what_its_body_calls() -> None:
    (definition,) = got("/* why */\n#define foo(x) \\\n\tdo { bar(x); } while (0)\n", "foo")
    assert [call.name for call in definition.calls] == ["bar"]
    assert definition.comments == ("/* why */",)
    assert (definition.region.line, definition.region.column) == (2, 9)


def test_what_no_configuration_compiles_calls_nothing() -> None:
    arms = "#if 0\na();\n#else\nb();\n#endif\n#if 1\nc();\n#else\nd();\n#endif\n"
    text = f"void f(void)\n{{\n{arms}}}\n"
    (function,) = definitions_in(Outline(Source(text)), "a.c", "f")
    assert [call.name for call in function.calls] == ["b", "c"]
    assert {call.name for call in whole_file(Source(text), "a.c").calls} == {"f", "b", "c"}


def test_a_file_as_a_whole() -> None:
    text = "/* a */\nint f(void)\n{\n\tg();\n\tg();\n\th(); // b\n}\n"
    definition = whole_file(Source(text), "d/a.c")
    assert (definition.kind, definition.path, definition.comments) == (
        "file",
        "d/a.c",
        ("/* a */", "// b"),
    )
    assert sorted(call.name for call in definition.calls) == ["f", "g", "h"]


@pytest.mark.parametrize(
    ("line", "may"),
    [
        ("foo(void)", True),
        ("static int foo(void)", True),
        ("#define foo(x)", True),
        ("__init int *foo(void)", True),
        ("\tfoo();", False),
        (" * foo() does", False),
        ("/* foo() */", False),
        ("a = foo();", False),
        ("int a; int foo(void)", False),
    ],
)
def test_lines_on_which_a_definition_may_begin(line: str, may: bool) -> None:
    for content in (line.encode(), b"x;\n" + line.encode()):
        assert may_define(content, content.index(b"foo")) == may


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("int foo(void)\n{", True),
        ("int foo /* a */ (int a)\n{", True),
        ("int foo // a\n(int a)\n{", True),
        ("int foo \\\n(int a)\n{", True),
        ("int foo\n#ifdef A\n(int a)\n#else\n(long a)\n#endif\n{", True),
        ("#define foo 1", True),
        ("DEFINE1(foo, int, a)\n{", True),
        ("DEFINE1(\nfoo\n, int, a)\n{", True),
        ("DEFINE1(/* a */ foo)\n{", True),
        ("int (foo)(int a)\n{", True),
        ("ENTRY(foo)", True),
        ("foo:", True),
        ("int foo(void);", False),
        ("int foo;", False),
        ("struct s foo = {", False),
        ("int bar, foo, baz;", False),
        ("int bar(int a, int foo)\n{", False),
        ("int a##foo(void)", False),
        ("foo is what this comment is about", False),
    ],
)
def test_what_follows_shows_whether_a_definition_begins(text: str, begins: bool) -> None:
    for content in (text.encode(), b"x;\n" + text.encode()):
        assert begins_definition(content, content.index(b"foo")) == begins


@given(PROGRAM, st.sampled_from(["f.c", "f.S"]))
def test_each_definition_on_a_line_of_its_own_begins_as_one(text: str, path: str) -> None:
    content = text.encode()
    for definition in got(text, "f", path):
        line, column = definition.region.line, definition.region.column
        lines = text.split("\n")
        start = len("\n".join([*lines[: line - 1], lines[line - 1][: column - 1]]).encode())
        if may_define(content, start):
            assert begins_definition(content, start)


def test_a_function_is_not_where_a_literal_names_it() -> None:
    (definition,) = got('SEC("tp/foo")\nint foo(void)\n{\n}\n', "foo")
    assert definition.region.line == 2


def test_static_is_reported_by_the_line() -> None:
    content = b"static int foo(void)\nint bar(void)\n\tstatic baz\n"
    assert [is_static(content, content.index(n)) for n in (b"foo", b"bar", b"baz")] == [
        True,
        False,
        False,
    ]


@given(PROGRAM, st.sampled_from(["f", "f*", "sys_f", "g"]))
def test_any_text_has_definitions_or_none(text: str, name: str) -> None:
    for path in ("a.c", "a.S"):
        for definition in got(text, name, path):
            assert re.fullmatch(wanted_pattern(name), definition.name)
            region = definition.region
            line = re.split(r"\r\n|\n|\r", text)[region.line - 1]
            assert line[region.column - 1 :].startswith(definition.name)
    assert whole_file(Source(text), "a.c").kind == "file"


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("DEFINE_GUARD(a_b, struct a *, take(_T->x, 1), drop(_T))\n", "a_b"),
        ("DEFINE_LOCK_GUARD_0(a_b,\n\ttake(),\n\tdrop())\n", "a_b"),
        ("DEFINE_LOCK_GUARD_1(a_b, struct a, take(_T->lock), drop(_T->lock), int flags)\n", "a_b"),
        ("DEFINE_CLASS(a_b, struct a, drop(_T), ({ take(x); x; }), struct a *x)\n", "a_b"),
        ("EXTEND_CLASS(a_b, _c, take(x), struct a *x)\n", "a_b_c"),
        ("DEFINE_GUARD_COND(a_b, _try, take(_T))\n", "a_b_try"),
        ("DEFINE_GUARD_COND(a_b, _try_c, take(_T), _RET == 0)\n", "a_b_try_c"),
        ("DEFINE_LOCK_GUARD_1_COND(a_b, _c, take(_T->lock))\n", "a_b_c"),
    ],
)
def test_a_macro_defines_the_constructor_of_a_class(text: str, class_: str) -> None:
    name = f"class_{class_}_constructor"
    (definition,) = got(f"int before;\n{text}", name)
    assert (definition.kind, definition.name, definition.static) == ("function", name, True)
    assert [call.name for call in definition.calls] == ["take"]
    assert definition.region.line == 2
    start = text.index("a_b")
    assert re.fullmatch(wanted_pattern(name), "a_b")
    assert may_define(text.encode(), start)
    assert begins_definition(text.encode(), start)
    assert got(text, "class_a_constructor") == []


def test_what_has_the_name_of_a_class_is_no_constructor() -> None:
    text = "int a(void)\n{\n\ttake();\n}\n#define a(x) take(x)\n"
    assert got(text, "class_a_constructor") == []
    text = "a_t class_a_constructor(void)\n{\n\ttake();\n}\n"
    assert kinds(text, "class_a_constructor") == [("function", "class_a_constructor")]


def test_a_class_without_a_constructor_is_none() -> None:
    for text in ("DEFINE_GUARD(a)\n", "DEFINE_GUARD(a, b\n", "#define DEFINE_GUARD(a, b, c) d()\n"):
        assert got(text, "class_a_constructor") == []
