"""Which enumerators have another value."""

from __future__ import annotations

import pytest

from klplint.livepatching.enumerators import enumerators, moved


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("A, B", "A, B, C", ()),
        ("A, B", "A, C, B", ("B",)),
        ("A, B", "B, A", ("A", "B")),
        ("A = 1, B", "A = 2, B", ("A", "B")),
        ("A, B = 5, C", "A, N, B = 5, C", ()),
        ("A, B", "A", ("B",)),
        ("A = F(1, 2), B", "A = F(1, 3), B", ("A", "B")),
    ],
)
def test_moved(before: str, after: str, expected: tuple[str, ...]) -> None:
    old, new = (enumerators(f"enum e {{ {text} , }} ;") for text in (before, after))
    assert moved(old, new) == expected
