"""The structures of variables and initialisers."""

from __future__ import annotations

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.csource.structures import DeclaredStructures, around, initialised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a, b[1], HERE", (" ", "(")),
        ("x = y; z = HERE", (" z = ", "")),
        ("t = { { 1 }, .m = HERE", (" .m = ", "{")),
        ("void f(void) { } int v = HERE", (" int v = ", "")),
    ],
)
def test_what_is_before_a_place(text: str, expected: tuple[str, str]) -> None:
    before = around(text, text.index("HERE"), 100)
    assert (before.text, before.bracket) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("struct s x = @", "s"),
        ("static const struct s x[] __initconst = { @", "s"),
        ("union u x = @", "u"),
        ("name_t x = @", "name_t"),
        ("x = (struct s) @", "s"),
        ("g(&(const struct s) @", "s"),
        ("struct s x = { .m = @", ""),
        ("struct s x = { @", ""),
        ("void f(void) @", ""),
    ],
)
def test_the_structure_of_an_initialiser(text: str, expected: str) -> None:
    assert initialised(text.replace("@", "{"), text.index("@")) == expected


def test_the_structure_of_a_variable() -> None:
    text = (
        "static struct a v;\n"
        "void one(struct b *v, int w)\n{\n\tHERE1;\n}\n"
        "void two(int w)\n{\n\tHERE2;\n\tstruct c *u = w, *v;\n\tHERE3;\n}\n"
    )
    declared = DeclaredStructures(Outline(Source(text)))
    places = [text.index(f"HERE{number}") for number in (1, 2, 3)]
    assert [declared.of("v", place) for place in places] == ["b", "a", "c"]
    assert [declared.of("u", place) for place in places] == ["", "", "c"]
    assert declared.of("w", places[0]) == ""
