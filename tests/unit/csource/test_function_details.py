"""What decides whether a function can be livepatched."""

from __future__ import annotations

import pytest

from klplint.csource.function_details import functions_named
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.function_details import FunctionDetails


def details(body: str, head: str = "static int f(int a)") -> FunctionDetails:
    (each,) = functions_named(Outline(Source(f"{head}\n{{\n{body}\n}}\n")), "f.c", "f")
    return each


@pytest.mark.parametrize(
    ("declaration", "names"),
    [
        ("static int a;", ["a"]),
        ("static int a = 1, *b, c[2] = { 1, 2 };", ["a", "b", "c"]),
        ("static const int a = 1;", []),
        ("static const char *a;", ["a"]),
        ("static const char * const a[] = { 0 };", []),
        ("static int (*a)(int b);", ["a"]),
        ("static DEFINE_SPINLOCK(a);", ["a"]),
        ("static struct x a __aligned(8) = { .b = 1 };", ["a"]),
        ("int a; /* static int b; */", []),
        ("static", []),
    ],
)
def test_static_variables(declaration: str, names: list[str]) -> None:
    assert [variable.name for variable in details(declaration).statics] == names


@pytest.mark.parametrize(
    ("loop", "is_endless"),
    [
        ("for (;;) g();", True),
        ("while (1) { g(); }", True),
        ("while (true) { switch (a) { case 1: break; } }", True),
        ("do { g(); } while (1);", True),
        ("for (;;) { while (g()) break; }", True),
        ("for (;;) { break; }", False),
        ("for (;;) { while (g()) return 1; }", False),
        ("for (;;) { if (g()) goto out; } out:", False),
        ("while (g()) ;", False),
        ("for (a = 0; ; a++) { if (a) return 0; }", False),
        ("do { g(); } while (0);", False),
    ],
)
def test_loops_that_nothing_leaves(loop: str, is_endless: bool) -> None:
    assert bool(details(loop).loops) == is_endless
    assert details(loop).has_loop


def test_the_head_is_one_line_without_comments() -> None:
    head = "static noinline /* why */ int\nf(int a,\n  char *b)"
    assert details("", head).head == "static noinline int f(int a, char *b)"


@pytest.mark.parametrize("name", ["sys_read", "__x64_sys_read", "__do_sys_read", "__se_sys_read"])
def test_a_system_call_by_its_names(name: str) -> None:
    text = "SYSCALL_DEFINE1(read, int, fd)\n{\n\treturn 0;\n}\n"
    (each,) = functions_named(Outline(Source(text)), "f.c", name)
    assert (each.name, each.made_by) == ("sys_read", "SYSCALL_DEFINE1")


def test_conditions_around() -> None:
    text = "#ifdef A\nint f(void)\n{\n}\n#else\nint f(void)\n{\n}\n#endif\n"
    each = list(functions_named(Outline(Source(text)), "f.c", "f"))
    assert [function.conditions for function in each] == [("defined(A)",), ("!(defined(A))",)]
