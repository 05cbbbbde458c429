from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.report.html_text import shown, source_line


@pytest.mark.parametrize(
    ("text", "part", "marked"),
    [
        ("\tsmp_rmb();", (2, 9), "smp_rmb"),
        ("\u202ex smp_rmb();", (4, 11), "smp_rmb"),
        ("/* \U0001d499 */ smp_rmb();", (9, 16), "smp_rmb"),
        ("0x12345678, " * 90 + "smp_rmb();", (1081, 1088), "smp_rmb"),
    ],
)
def test_a_part_is_marked_where_it_is_shown(text: str, part: tuple[int, int], marked: str) -> None:
    line = source_line(text, [part])
    assert line.spans[0] is not None
    assert _slice(line.text, *line.spans[0]) == marked


def test_a_part_that_is_cut_off_has_no_span() -> None:
    line = source_line("x" * 1_000, [(1, 2), (900, 910)])
    assert line.spans == ((0, 1), None)
    assert len(line.text) < 500


def test_what_reorders_or_hides_text_is_named() -> None:
    assert shown("a\u202eb\x1b\tc") == "a<U+202E>b␛\tc"


@given(st.text(max_size=500), st.integers(1, 500), st.integers(0, 20))
def test_a_span_is_within_its_line(text: str, column: int, length: int) -> None:
    line = source_line(text, [(column, column + length)])
    if line.spans[0] is not None:
        start, end = line.spans[0]
        assert 0 <= start < end
        assert end <= len(line.text.encode("utf-16-le")) // 2


def _slice(text: str, start: int, end: int) -> str:
    """A part of a text as JavaScript counts."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
