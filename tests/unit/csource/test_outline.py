"""The outline: function bodies, macros and uses of names, without a compiler."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource import lexer
from klplint.csource import outline as outline_module
from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline, Use
from tests.support.work import Meter, counted_source, growth

WORDS = [
    *("f", "g(a)", "f(", "(", ")", "{", "}", "\n{", "\n}", ";", ",", "int", "=", "->f", "f1", "_f"),
    *("\n#if A\n", "\n#else\n", "\n#endif\n", "\n#define f(x) g\n", '"f"', "/* f */", "// f\n"),
    *("'", '"', "/*", "\\\n", "\0", "\r", "[", "]", "é"),
]
PROGRAM = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


def outline(text: str) -> Outline:
    return Outline(Source(text))


def names(text: str) -> list[str]:
    return [body.name for body in outline(text).bodies]


def arguments(text: str, name: str = "f") -> list[list[str] | None]:
    return [
        None if use.arguments is None else [text[a.start : a.end] for a in use.arguments]
        for use in outline(text).uses(frozenset({name}))
    ]


def plainly_found(text: str, name: str) -> list[int]:
    """Where a name stands outside comments and literals, reported character by character."""
    got, place = [], 0
    while place < len(text):
        for opening, closing in (("/*", "*/"), ("//", "\n"), ('"', '"'), ("'", "'")):
            if text.startswith(opening, place):
                end = place + len(opening)
                while end < len(text) and not text.startswith(closing, end):
                    if closing in "\"'" and text[end] in "\r\n":
                        break
                    if closing == "\n" and text[end] == "\r":
                        break
                    end += 1 if closing == "*/" or text[end] != "\\" else 2
                place = min(end + len(closing), len(text)) if text.startswith(closing, end) else end
                break
        else:
            word = re.compile(r"\w+").match(text, place)
            if word and word[0] == name:
                got.append(place)
            place = word.end() if word else place + 1
    return got


@given(PROGRAM | st.text(max_size=40))
def test_any_text_has_an_outline(text: str) -> None:
    made = outline(text)
    ends = [0]
    for body in made.bodies:
        assert ends[-1] <= body.head <= body.start < body.end <= len(text)
        assert text[body.start] == "{"
        assert text[body.end - 1] == "}"
        assert made.body_at(body.start) == made.body_at(body.end - 1) == body
        ends.append(body.end)
    for macro in made.macros:
        assert macro.start < macro.body <= macro.end <= len(text)


@given(PROGRAM)
def test_uses_are_the_names_outside_comments_and_literals(text: str) -> None:
    got = outline(text).uses(frozenset({"f"}))
    assert [use.start for use in got] == plainly_found(text, "f")


@given(PROGRAM)
def test_arguments_stand_in_order_within_their_call(text: str) -> None:
    for use in outline(text).uses(frozenset({"f", "g"})):
        places = [place for a in use.arguments or () for place in (a.start, a.end)]
        assert places == sorted(places)
        assert all(use.end < place <= use.close for place in places)
        assert text[use.start : use.end] == use.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void)\n{\n}\n", ["f"]),
        ("int f(void) { if (a) { b(); } }", ["f"]),
        ("static struct a *f(int (*g)(int), char b[2])\n{\n}", ["f"]),
        ("int f(a, b)\n\tint a;\n\tchar *b;\n{\n}\n", ["f"]),
        ("int x;\nint f(a) int a; { }\nint g(void) { }", ["f", "g"]),
        ("void (*f(int a))(void)\n{\n}", ["f"]),
        ("__printf(1, 2) static int __init\n__f(const char *a, ...)\n{\n}", ["__f"]),
        ("static __attribute__((noinline)) int f(void) { }", ["f"]),
        ("int f(void) __acquires(a) __releases(b(c))\n{\n}", ["f"]),
        ("static typeof(a) __f(void) { }", ["__f"]),
        ("int (f)(struct a *b)\n{\n}\n", ["f"]),
        ("u32 ( f ) (void) __must_hold(a) { }", ["f"]),
        ("struct a *(f)(int (*g)(int)) { }", ["f"]),
        ("typeof (a) (f)(int (b)) { }", ["f"]),
        ("int f(int (g)(int)) { }", ["f"]),
        ('MODULE_LICENSE("GPL")\nint f(void)\n{\n}', ["f"]),
        ("LIST_HEAD(a)\nstatic int __f(void)\n{\n}", ["__f"]),
        ("SYSCALL_DEFINE3(read, unsigned int, fd)\n{\n}", ["read"]),
        ("DEFINE_G(a, do { b(); } while (0), c = 1)\nint f(void)\n{\n}", ["f"]),
        ("DEFINE_G(a, { b(); }, c = 1)\nint f(void) { }\nint g() { }", ["f", "g"]),
        ("DEFINE_G(a, { b(); }, c)\nDEFINE_H(({ d; }), e == 1)\nint f(int (*g)(int)) { }", ["f"]),
        ("static OP(2863)\n{\n}", ["OP"]),
        ("static int SAFE(f)(int a)\n{\n}", ["f"]),
        ("static int FOO(struct a *b)\n{\n}", ["FOO"]),
        ("static int FOO(void)\n{\n}", ["FOO"]),
        ("DEFINE_PER_CPU(int, a) = {\n 1\n};", []),
        ("static struct a b[N(2)] = { f(1), };", []),
        ("struct __aligned(8) a {\n int b;\n};", []),
        ("struct a { int (*f)(void); };", []),
        ("enum a { A = B(1) };", []),
        ("f() { } }\n} }\nint g() { }", ["f", "g"]),
        ("int f() {\n#if A\n if (b) {\n#else\n if (c) {\n#endif\n }\n}\nint g() { }", ["f", "g"]),
        ("int f()\n{\n#if A\n if (b) {\n#endif\n}\nint g()\n{\n}\n", ["f", "g"]),
        ("#if A\nint f(int a)\n{\n#else\nint f(void)\n{\n#endif\n b();\n}\n", ["f"]),
        ("int f() { g(\"}\", '}'); /* } */ }\nint h() { }", ["f", "h"]),
        ("#define M int f() {\nint g() { }", ["g"]),
        ("int f() {", []),
    ],
)
def test_function_bodies_are_reported_from_other_braces(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_a_body_knows_its_head_and_whether_it_is_static() -> None:
    text = "int a;\n/* about f */\nstatic inline int\nf(void)\n{\n}\nint g(void) { }\n"
    first, second = outline(text).bodies
    assert text[first.head :].startswith("static inline")
    assert (first.static, second.static) == (True, False)
    assert outline(text).body_at(second.start - 1) is None


def test_a_brace_in_the_first_column_ends_a_function_whose_conditionals_do_not_balance() -> None:
    text = "int f(void)\n{\n#if A\n\tif (b) {\n#elif C\n\tif (c) {\n#endif\n\td();\n}\n\nint e;\n"
    (body,) = outline(text).bodies
    assert text[body.end :] == "\n\nint e;\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a, b(c, d), e[1, 2])", [["a", "b(c, d)", "e[1, 2]"]]),
        ("f()", [[]]),
        ("f( )", [[]]),
        ("f(a,)", [["a", ""]]),
        ("f ( a /* b, */ , '(' , \")\" )", [["a", "'('", '")"']]),
        ("f \\\n (a)", [["a"]]),
        ("f(({ a; b, c; }))", [["({ a; b, c; })"]]),
        ("f", [None]),
        ("f(a", [None]),
        ("f(a }", [None]),
        ("f; (a)", [None]),
        ("f(f(a))", [["f(a)"], ["a"]]),
        ("#define A f(a\n)", [None]),
        ("#define A f(a, \\\n b)\n", [["a", "b"]]),
        ("xf(a) f2(b) f_(c)", []),
    ],
)
def test_arguments_of_a_use(text: str, expected: list[list[str] | None]) -> None:
    written = arguments(text)
    assert [
        a and [" ".join(re.sub(r"/\*.*?\*/", "", one).split()) for one in a] for a in written
    ] == expected


def test_a_use_can_be_asked_for_by_its_place() -> None:
    made = outline("(f)(a)")
    assert made.use_at(1) == Use(name="f", start=1, end=2, arguments=None, close=2)
    assert made.use_at(0) is None
    assert made.call_at("f", 1, 2, 3) == Use(
        name="f", start=1, end=2, arguments=(Span(4, 5),), close=6
    )
    assert made.uses(frozenset()) == []


def test_macros_have_parameters_and_bodies() -> None:
    text = "#define A f()\n# define B(x, y) g(x) \\\n h(y)\n#define \\\n C (d)\n#define\n#undef A\n"
    made = outline(text)
    got = [(m.name, m.parameters, text[m.body : m.end].split()) for m in made.macros]
    assert got == [
        ("A", None, ["f()"]),
        ("B", ("x", "y"), ["g(x)", "\\", "h(y)"]),
        ("C", None, ["(d)"]),
    ]


def test_only_a_macros_body_is_the_macro() -> None:
    text = "#define f(x) g(x)\nf(g);\n#define h f\n"
    made = outline(text)
    got = [made.macro_at(use.start) for use in made.uses(frozenset({"f"}))]
    assert [macro and macro.name for macro in got] == [None, None, "h"]


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (lambda n: "int f(void) {" + "(" * n + ")" * n + "; }", 5_000),
        (lambda n: "int f(void) {" + "f(" * n, 600),
        (lambda n: "f(" * n + ")" * n + "{}", 600),
        (lambda n: "int f() {}" * n, 2_000),
        (lambda n: "int f()\n{" * n, 3_000),
        (lambda n: "int f() {}" + "}" * n, 10_000),
        (lambda n: "x" * 10 * n + "f() {" + "\n}" * n, 10_000),
        (lambda n: "#if f\n" * n + "int f() { f(); }" + "#endif\n" * n, 800),
        (lambda n: "int f(a) int a" + "; int a" * n + "; {}", 20_000),
        (lambda n: "#define f f(f\n" * n, 800),
        (lambda n: "f() { " + "a " * n + "}", 300_000),
    ],
    ids=lambda made: made(1)[:20].replace("\n", " ") if callable(made) else "",
)
def test_deep_and_large_texts_take_no_endless_time(made: Callable[[int], str], size: int) -> None:
    def measured(size: int, meter: Meter) -> None:
        outline = Outline(counted_source(made(size), meter))
        for use in outline.uses(frozenset({"f"})):
            outline.body_at(use.start)
            outline.macro_at(use.start)
        assert outline.bodies is not None

    assert growth(measured, size, lexer, outline_module) < 2.3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void)\n{\n\ta();\n{\n\tb();\n}\n\tc();\n}\nint g(void)\n{\n}\n", ["f", "g"]),
        ("int f(void)\n{\n{\n{\n\ta();\n}\n}\n\tb();\n}\nint g(void)\n{\n}\n", ["f", "g"]),
        ("int f(int a)\n{\n\tif (a) {\n\n}\nint g(void)\n{\n}\n", ["f", "g"]),
    ],
)
def test_a_block_may_begin_in_the_first_column(text: str, expected: list[str]) -> None:
    bodies = Outline(Source(text)).bodies
    assert [body.name for body in bodies] == expected
    assert text[: bodies[0].end].endswith("}")
    assert text[bodies[0].end :].startswith("\nint g")
