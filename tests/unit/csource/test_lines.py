"""The lines of a text: positions, and back to offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lines import Lines, offsets_of

# Pieces that are longer and shorter than what is counted at once.
PIECES = st.sampled_from(
    ["a", "é", "\n", "\r", "\r\n", "b" * 700, "\n" * 700, "c" * 3000, "\r\n" * 500]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def plain_positions(text: str) -> list[tuple[int, int]]:
    """The position of each offset, counted one character after the other."""
    positions, line, column = [], 1, 1
    for offset in range(len(text) + 1):
        positions.append((line, column))
        is_end = text[offset : offset + 1] in ("\n", "\r") and text[offset : offset + 2] != "\r\n"
        line, column = (line + 1, 1) if is_end else (line, column + 1)
    return positions


@given(TEXTS)
def test_positions_are_those_of_a_plain_count(text: str) -> None:
    lines = Lines(text)
    assert [lines.position(offset) for offset in range(len(text) + 1)] == plain_positions(text)


@given(TEXTS, st.integers(0))
def test_an_offset_comes_back_from_its_position(text: str, number: int) -> None:
    offset = number % (len(text) + 1)
    lines = Lines(text)
    assert lines.offset(*lines.position(offset)) == offset


def test_a_line_behind_the_last_is_the_end() -> None:
    assert Lines("a\nb").offset(3, 1) == 3
    assert Lines("a\nb").offset(2, 9) == 3


@pytest.mark.parametrize(
    ("text", "offsets"), [("", []), ("a", []), ("{a{{", [0, 2, 3]), ("\n{", [1])]
)
def test_the_offsets_of_a_character(text: str, offsets: list[int]) -> None:
    assert offsets_of("{", text) == offsets
