"""Brackets: which one closes another, what separates arguments, and what encloses a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.brackets import (
    behind_unopened,
    closing,
    is_balanced,
    outside_parentheses,
    outward,
    split_arguments,
)

TEXT = st.text("()[]{},;a", max_size=20)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("f()", []),
        ("f( )", []),
        ("f(a)", ["a"]),
        ("f(,)", ["", ""]),
        ("f( a , \\\n b )", ["a", "b"]),
        ("f(g(a, b), c[d, e], {f, g})", ["g(a, b)", "c[d, e]", "{f, g}"]),
        ("f(a))", ["a"]),
        ("f(a", None),
        ("f(a]", None),
        ("f(" + "(" * 256 + ")" * 257, ["(" * 256 + ")" * 256]),
        ("f(" + "(" * 257 + ")" * 258, None),
    ],
)
def test_arguments(text: str, arguments: list[str] | None) -> None:
    start = text.index("(") + 1
    split = split_arguments(text, start)
    if arguments is None:
        assert split is None
        assert closing(text, start) is None
    else:
        assert split is not None
        assert [text[span.start : span.end] for span in split[0]] == arguments
        assert split[1] == closing(text, start)
        assert text[: split[1]].endswith(")")


def test_a_list_that_does_not_close_before_the_end_is_none() -> None:
    assert closing("f(a)", 2, 3) is None
    assert split_arguments("f(a, b)", 2, 6) is None


@given(TEXT)
def test_arguments_are_apart_and_balanced(text: str) -> None:
    split = split_arguments(text, 0)
    assert (split[1] if split else None) == closing(text, 0)
    for span in split[0] if split else ():
        piece = text[span.start : span.end]
        assert piece.count("(") + piece.count("[") + piece.count("{") == sum(
            map(piece.count, ")]}")
        )
        assert "," not in piece or not set("([{").isdisjoint(piece)


def is_left_open(text: str, offset: int) -> bool:
    """Whether no bracket behind `offset` closes one at or before it: counted forward."""
    depth = 0
    for char in text[offset + 1 :]:
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            return False
    return text[offset] != "a"


@given(TEXT)
def test_outward_passes_over_what_is_closed(text: str) -> None:
    assert list(outward(text, len(text))) == [
        offset for offset in reversed(range(len(text))) if is_left_open(text, offset)
    ]


def test_outward_in_an_argument_of_an_argument() -> None:
    text = "f(a); g((b), c["
    assert [text[offset] for offset in outward(text, len(text))] == ["[", ",", ")", "(", ";", ")"]
    assert list(outward(text, len(text), text.index("c"))) == [len(text) - 1]


@pytest.mark.parametrize(
    ("text", "balanced"),
    [
        ("", True),
        ("f(a[1])", True),
        ("a)", False),
        ("(a", False),
        (")(", False),
        ('f(\')\', "(\\"(")', True),
        ("'(' )", False),
    ],
)
def test_brackets_of_a_text_by_itself(text: str, balanced: bool) -> None:
    assert is_balanced(text) == balanced


@pytest.mark.parametrize(
    ("text", "left"),
    [("a", "a"), ("int f(int a) = b", "int f = b"), ("f(a)(b) c", "f c"), ("f(a", "f")],
)
def test_text_outside_of_parentheses(text: str, left: str) -> None:
    assert outside_parentheses(text) == left


@pytest.mark.parametrize(
    ("text", "offset"),
    [("", 0), ("f(a)", 0), ("a) f(b)", 2), ("a)) f(b) c", 3), ("(a)) (b) ) c(", 10), ("((a", 0)],
)
def test_what_is_behind_the_last_bracket_that_is_not_opened(text: str, offset: int) -> None:
    assert behind_unopened(text) == offset
