"""The names that a function declares."""

from __future__ import annotations

import pytest

from klplint.csource.declared_names import Names
from klplint.csource.steps import Arm, Step


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        ("int f(struct a *x, const struct b *y, u32 z[])", {"x": "a", "y": "b", "z": ""}),
        ("void f(int (*run)(struct a *), union c v)", {"run": "", "v": "c"}),
        ("int f(x, y) struct a *x; int y;", {"x": "a", "y": ""}),
        ("int f(void)", {"void": ""}),
    ],
)
def test_parameters(head: str, tags: dict[str, str]) -> None:
    names = Names(head).tags
    assert {name: names.get(name) for name in tags} == tags


@pytest.mark.parametrize(
    ("code", "tags", "rest"),
    [
        ("struct a *x = y->z, *w", {"x": "a", "w": "a"}, "x = y->z, *w"),
        ("unsigned long flags, i = 1", {"flags": "", "i": ""}, "flags, i = 1"),
        ("foo_t *x", {"x": ""}, "x"),
        ("__poll_t mask", {"mask": ""}, "mask"),
        ("static struct a all[4]", {"all": "a"}, "all[4]"),
        ("return x", {}, "return x"),
        ("x = y", {}, "x = y"),
        ("x->y = z", {}, "x->y = z"),
        ("f(x)", {}, "f(x)"),
    ],
)
def test_declarations(code: str, tags: dict[str, str], rest: str) -> None:
    names = Names("void f(void)")
    before = dict(names.tags)
    begin = names.declare(code, Step(0, len(code), Arm(0, 0, None)))
    assert names.tags == before | tags
    assert code[begin:] == rest
