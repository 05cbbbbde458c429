"""Diffs of sources, as difflib makes them, but for barriers that are moved."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from klplint.cli.source_diff import diff

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30)


@given(LINES, LINES)
def test_like_difflib(before: list[str], after: list[str]) -> None:
    old, new = ([f"{line}\n" for line in lines] for lines in (before, after))
    expected = difflib.unified_diff(old, new, "a/x", "b/x")
    assert [*diff("x", "".join(old), "".join(new))] == [*expected]


def test_the_barrier_is_what_moves() -> None:
    before = "{\n\tsmp_wmb();\n\tx --;\n\ty = 1;\n}\n"
    after = "{\n\tx --;\n\tsmp_wmb();\n\ty = 1;\n}\n"
    changed = [line for line in diff("x.c", before, after) if line[0] in "+-"][2:]
    assert changed == ["-\tsmp_wmb();\n", "+\tsmp_wmb();\n"]
