"""Hunks applied to lines: what comes out, and where each line comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.compare.patches.apply import DoesNotApply, Line, apply_hunks, original, text_of
from klplint.compare.patches.diff import split_text
from tests.support.patch_samples import diff_of, unified

LINES = st.lists(
    st.sampled_from(
        ["a\n", "b\n", "\n", "-- x\n", "++ y\n", "@@ -1 +1 @@\n", "\tc;\r\n", "é\x0c\n"]
    ),
    max_size=30,
)
ENDS = st.sampled_from(["", "end", "-- \n"])


def patched(old: str, new: str, text: str | None = None, context: int = 3) -> tuple[Line, ...]:
    """`text` (default: the old one) after the diff between two texts."""
    diff = diff_of(unified(split_text(old), split_text(new), context=context))
    hunks = diff.files[0].hunks if diff.files else ()
    return apply_hunks(original(old if text is None else text), hunks)


@given(LINES, ENDS, LINES, ENDS, st.integers(0, 4))
def test_a_diff_makes_the_new_text_of_the_old(
    old: list[str], old_end: str, new: list[str], new_end: str, context: int
) -> None:
    before, after = "".join(old) + old_end, "".join(new) + new_end
    lines = patched(before, after, context=context)
    assert text_of(lines) == after
    origins = [line.origin for line in lines if line.origin is not None]
    assert origins == sorted(set(origins))
    old_lines = split_text(before)
    assert all(line.text == old_lines[line.origin - 1] for line in lines if line.origin)
    assert all(bool(line.added) == (line.origin is None) for line in lines)


@given(LINES, LINES)
def test_numbers_of_the_patch_are_those_of_its_lines(old: list[str], new: list[str]) -> None:
    text = unified(old, new)
    lines = apply_hunks(original("".join(old)), [h for f in diff_of(text).files for h in f.hunks])
    rows = text.split("\n")
    for line in lines:
        if line.added:
            assert rows[line.added.number - 1] == "+" + line.text.removesuffix("\n")
        if line.removed:
            assert rows[line.removed.number - 1].startswith("-")


@given(LINES, LINES, LINES)
def test_patches_after_each_other_keep_the_first_origin(
    first: list[str], second: list[str], third: list[str]
) -> None:
    lines = original("".join(first))
    for old, new in ((first, second), (second, third)):
        lines = apply_hunks(lines, [h for f in diff_of(unified(old, new)).files for h in f.hunks])
    assert [line.text for line in lines] == third
    assert all(line.text == first[line.origin - 1] for line in lines if line.origin)


@given(st.lists(st.integers(0, 99).map(lambda n: f"new {n}\n"), max_size=9), st.integers(3, 19))
def test_a_hunk_is_found_where_its_lines_have_moved_to(above: list[str], changed: int) -> None:
    old = [f"old {n}\n" for n in range(20)]
    new = [*old[:changed], "changed\n", *old[changed + 1 :]]
    lines = patched("".join(old), "".join(new), "".join([*above, *old]))
    assert [line.text for line in lines] == [*above, *new]
    back = patched("".join([*above, *old]), "".join([*above, *new]), "".join(old))
    assert [line.text for line in back] == new


def test_the_nearest_of_several_places_is_taken() -> None:
    block = ["{\n", "\tlast();\n", "}\n"]
    old = ["top\n", *block, "mid\n", *block, "end\n"]
    diff = "--- a/x.c\n+++ b/x.c\n@@ -7,3 +7,3 @@\n {\n-\tlast();\n+\tnew();\n }\n"
    lines = apply_hunks(original("".join(old)), diff_of(diff).files[0].hunks)
    assert [line.text.strip() for line in lines][6:7] == ["new();"]
    assert "".join(line.text for line in lines).count("last();") == 1


def test_ends_of_lines_may_differ() -> None:
    diff = "--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    lines = apply_hunks(original("a\r\nb\r\n"), diff_of(diff).files[0].hunks)
    assert text_of(lines) == "a\r\nc\n"


@pytest.mark.parametrize("start", [2, 999_999_999])
def test_context_has_to_be_exact(start: int) -> None:
    diff = f"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n@@ -{start},2 +2,2 @@\n c\n-d\n+e\n"
    with pytest.raises(DoesNotApply) as caught:
        apply_hunks(original("a\nc \nd\n"), diff_of(diff).files[0].hunks)
    assert caught.value.count == 2
    assert caught.value.hunk.number == 7


def test_what_was_removed_is_reported_by_the_next_line_else_by_the_last() -> None:
    lines = patched("a\nb\nc\nd\n", "a\nc\n", context=0)
    assert [(line.text, bool(line.removed)) for line in lines] == [("a\n", False), ("c\n", True)]
