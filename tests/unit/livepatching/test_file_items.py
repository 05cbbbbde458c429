"""What a file declares and defines outside of function bodies."""

from __future__ import annotations

import pytest

from klplint.livepatching.file_items import FileItems


def items(text: str) -> list[str]:
    """The items of a text as `kind name`."""
    return [f"{item.kind} {item.name}" for item in FileItems("x.c", text).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int a;", "data a"),
        ("static const struct s a[] = { { 1 }, { 2 } };", "data a"),
        ("int (*a)(int b);", "data a"),
        ("static unsigned long a[LONGS(9)];", "data a"),
        ("int a __read_mostly = 1;", "data a"),
        ("static DEFINE_MUTEX(a);", "macro call DEFINE_MUTEX(a"),
        ("__cacheline_aligned DEFINE_RWLOCK(a);", "macro call DEFINE_RWLOCK(a"),
        ("static DEFINE_PER_CPU(struct s *, a);", "macro call DEFINE_PER_CPU(a"),
        ("extern int a;", "declaration a"),
        ("__be32 a(int b);", "declaration a"),
        ("int a(int b, void (*c)(int));", "declaration a"),
        ("struct a;", "declaration struct a"),
        ("struct a {\n\tint b;\n};", "structure a"),
        ("struct __a {\n\tint b;\n} __packed;", "structure __a"),
        ("union __aligned(8) a {\n\tint b;\n};", "structure a"),
        ("enum a {\n\tB,\n};", "enumeration a"),
        ("enum {\n\tB,\n};", "enumeration with B"),
        ("typedef struct {\n\tint b;\n} a;", "structure a"),
        ("typedef int (*a)(int);", "type a"),
        ("#define A 1", "macro A"),
        ("#define A", ""),
        ("#include <a.h>", "include <a.h>"),
        ("EXPORT_SYMBOL_GPL(a);", "macro call EXPORT_SYMBOL_GPL(a"),
    ],
)
def test_kinds_and_names(text: str, expected: str) -> None:
    assert ", ".join(items(f"{text}\n")) == expected


def test_a_structure_with_a_variable_is_both() -> None:
    assert items("static struct a {\n\tint b;\n} c = { 1 };\n") == ["structure a", "data c"]


def test_macros_without_a_semicolon_end_with_their_line() -> None:
    text = "DEFINE_GUARD(a, struct a *, f(_T), g(_T))\nDEFINE_FREE(b, void *, h(_T))\nint c;\n"
    assert items(text) == ["macro call DEFINE_GUARD(a", "macro call DEFINE_FREE(b", "data c"]


def test_function_bodies_are_left_out() -> None:
    text = "int a;\nint f(void)\n{\n\tint b;\n{\n\tint c;\n}\n\tint d;\n}\nint e;\n"
    assert items(text) == ["data a", "data e"]
    assert [body.name for body in FileItems("x.c", text).functions] == ["f"]


def test_exports_are_names() -> None:
    file = FileItems("x.c", "EXPORT_SYMBOL(a);\nEXPORT_SYMBOL_NS_GPL(b, N);\nMODULE_ALIAS(c);\n")
    assert file.exported == {"a", "b"}
