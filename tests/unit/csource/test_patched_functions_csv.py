"""Tables of patched functions as text."""

from __future__ import annotations

import pytest

from klplint.csource.patched_functions_csv import is_csv, module_of_csv


def test_lines_are_grouped_by_object() -> None:
    module = module_of_csv("vmlinux a b\nx-y c d IS_ENABLED(CONFIG_Y)\nvmlinux e f\n")
    objects = module.objects[0].objects
    assert [
        (each.name, [(f.old_name, f.new_name) for t in each.tables or () for f in t.functions])
        for each in objects
    ] == [("vmlinux", [("a", "b"), ("e", "f")]), ("x_y", [("c", "d")])]
    assert module.unread == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("vmlinux a", "has 2 columns; expected object, old and new function"),
        ("vmlinux", "has 1 column;"),
        ("vmlinux a-b c", "`a-b` is not the name of a function"),
        ("vmlinux a 1", "`1` is not the name of a function"),
        ('"vmlinux" a b', "is not the name of an object"),
        ("\0 \0 \0", "is not the name of an object"),
    ],
)
def test_a_line_that_is_not_one_of_the_table(line: str, reason: str) -> None:
    module = module_of_csv(f"vmlinux x y\n{line}\n")
    assert [(u.region.line, reason in u.reason) for u in module.unread] == [(2, True)]
    assert len(module.objects[0].objects) == 1


def test_empty_lines_and_comments_are_passed_over() -> None:
    assert module_of_csv("\n# vmlinux a\n   \n").objects[0].objects == ()
    assert module_of_csv("").unread == ()


def test_only_the_name_decides() -> None:
    assert is_csv("a/b/patched_funcs.csv")
    assert not is_csv("a/my_patched_funcs.csv")


def test_a_version_makes_a_line_conditional() -> None:
    module = module_of_csv("vmlinux a b LINUX_VERSION_CODE > 1\nvmlinux c d defined(CONFIG_X)\n")
    (table,) = module.objects[0].objects[0].tables or ()
    assert [function.is_conditional for function in table.functions] == [True, False]
