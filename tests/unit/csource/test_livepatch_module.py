"""What is read of a livepatch module, and what is not plain."""

from __future__ import annotations

import time

import pytest

from klplint.csource.lexer import Source
from klplint.csource.livepatch_module import livepatch_module
from klplint.csource.outline import Outline
from klplint.facts.livepatch_modules import LivepatchModule


def read(text: str) -> LivepatchModule:
    module = livepatch_module(Outline(Source(text)), "m.c")
    assert module is not None
    return module


def patched(module: LivepatchModule) -> list[tuple[str | None, str | None, str]]:
    return [
        (each.name, function.old_name, function.new_name)
        for objects in module.objects
        for each in objects.objects
        for table in each.tables or ()
        for function in table.functions
    ]


def test_a_file_without_tables_is_not_a_module() -> None:
    assert livepatch_module(Outline(Source("int f(void) { return klp_f(); }")), "m.c") is None
    header = "struct klp_func { int a; }; void f(struct klp_func *func);"
    assert livepatch_module(Outline(Source(header)), "m.h") is None


@pytest.mark.parametrize(
    "element",
    [
        '{ .old_name = "a", .new_func = b }',
        '{ .new_func = &b, .old_name = "a" }',
        '{ "a", b }',
        '{ "a", (void *)b, 0 }',
        '{ old_name: "a", new_func: b }',
        '{ .old_name = "" "a", .new_func = (typeof(b) *)b, }',
        "PAIR(a, b)",
        "OUTER(a)",
        "VARIADIC(.old_name = NAME, .new_func = b)",
        "REST(.old_name = NAME, .new_func = b)",
        "FIRST(a, .new_func = b, .old_sympos = 0)",
    ],
)
def test_forms_of_an_element(element: str) -> None:
    module = read(
        '#define NAME "a"\n'
        "#define PAIR(o, n) { .old_name = #o, .new_func = n }\n"
        "#define OUTER(o) PAIR(o, b)\n"
        "#define VARIADIC(...) { __VA_ARGS__ }\n"
        "#define REST(args...) { args }\n"
        "#define FIRST(o, ...) { .old_name = #o, ##__VA_ARGS__ }\n"
        f"static struct klp_func funcs[] = {{ {element}, {{ }} }};\n"
        "static struct klp_object objs[] = { { .funcs = funcs }, { } };\n"
    )
    assert patched(module) == [("vmlinux", "a", "b")]
    assert module.unread == ()


@pytest.mark.parametrize(
    ("tables", "name"),
    [
        ('objs[] = { { .name = "x-y", .funcs = funcs }, { } }', "x_y"),
        ('objs[] = { { "x", funcs }, { } }', "x"),
        ("objs[] = { { .funcs = &funcs[0] }, { } }", "vmlinux"),
        ("obj = { .name = NULL, .funcs = funcs }", "vmlinux"),
        ("objs[] = { [0] = { .funcs = funcs }, [1] = { } }", "vmlinux"),
    ],
)
def test_forms_of_an_object(tables: str, name: str) -> None:
    funcs = 'static struct klp_func funcs[] = { { "a", b }, {} };\n'
    module = read(f"{funcs}static struct klp_object {tables};")
    assert patched(module) == [(name, "a", "b")]
    assert module.functions == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("struct klp_func f[] = { { .old_name = name }, {} };", "`name`, which is not a string"),
        ("struct klp_func f[] = { FUNC(a), {} };", "`FUNC` is not defined in this file"),
        ("struct klp_func f[3];", "f is filled at run time"),
        ("struct klp_func f[3] = {}; void g(void) { f[0].old_name = n; }", "changed at run time"),
        ('struct klp_func f[] = { "a", b, 0, };', "its elements lack braces"),
        ('struct klp_func f[] = { [0].old_name = "a" };', "set member by member"),
        ("struct klp_object o[] = { { .funcs = other }, {} };", "`other` is not in this file"),
        ("struct klp_object o[] = { { .name = N, .funcs = 0 }, {} };", "`N`, which is not a str"),
        ("#define A A B\n#define B A A\nstruct klp_func f[] = { A, {} };", "not defined"),
    ],
)
def test_what_is_not_plain_is_said(text: str, reason: str) -> None:
    assert any(reason in each.reason for each in read(text).unread), read(text).unread


def test_macros_that_grow_are_given_up() -> None:
    levels = "".join(f"#define M{n} M{n + 1}, M{n + 1}\n" for n in range(40))
    begun = time.process_time()
    module = read(f"{levels}#define M40 {{ }}\nstruct klp_func f[] = {{ M0 }};")
    assert ["too many tokens" in each.reason for each in module.unread] == [True]
    assert time.process_time() - begun < 20


def test_the_region_of_an_argument_is_its_own() -> None:
    text = '#define F(o) { o, b }\nstruct klp_func f[] = { F("a"), F("c"), {} };'
    regions = [function.old_region for function in read(text).functions[0].functions]
    written = Source(text).text.splitlines()[1]
    assert [written[r.column - 1 : r.end_column - 1] for r in regions] == ['"a"', '"c"']


def test_only_a_condition_of_more_than_options_makes_an_element_conditional() -> None:
    module = read(
        "struct klp_func f[] = {\n"
        '#ifdef CONFIG_X\n{ "a", b },\n#endif\n'
        '#if VERSION > 1 && IS_ENABLED(CONFIG_X)\n{ "c", d },\n#endif\n{ } };'
    )
    functions = module.functions[0].functions
    assert [(f.old_name, f.is_conditional) for f in functions] == [("a", False), ("c", True)]


def test_calls_with_the_values_of_macros() -> None:
    module = read(
        "#define ID 7\n"
        "int f(void *p)\n{\n\tklp_shadow_alloc(p, ID, 4, 0, 0, 0);\n"
        "\tif (p)\n\t\tklp_enable_patch(&patch);\n\treturn klp_enable_patch(&patch);\n}\n"
    )
    assert [(c.name, c.values[:2], c.is_statement) for c in module.calls] == [
        ("klp_shadow_alloc", ("p", "7"), True),
        ("klp_enable_patch", ("& patch",), True),
        ("klp_enable_patch", ("& patch",), False),
    ]


def test_the_functions_that_tables_name_come_with_what_they_call() -> None:
    module = read(
        "static void c(void)\n{\n}\nstatic void b(void)\n{\n\tc();\n}\nvoid d(void)\n{\n}\n"
        'struct klp_func f[] = { { "a", b }, {} };'
    )
    assert [details.name for details in module.definitions] == ["b", "c"]
