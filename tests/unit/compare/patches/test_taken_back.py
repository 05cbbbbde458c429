"""Patches that a tree has already."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from klplint.compare.patches.taken_back import taken_back
from tests.support.patch_samples import diff_of, unified

OLD = [f"line {n}\n" for n in range(1, 21)]
NEW = [*OLD[:4], "added 5\n", *OLD[4:14], *OLD[15:]]


def test_a_patch_that_the_tree_has_is_taken_back() -> None:
    tree = {"x.c": "".join(NEW)}
    applied = taken_back([diff_of(unified(OLD, NEW))], tree.get, "x.patch", lambda _: False)
    assert applied is not None
    assert applied.old == {"x.c": "".join(OLD)}
    (change,) = applied.patch.changes
    assert change.text == tree["x.c"]
    assert [n for n, line in enumerate(change.lines, 1) if line.added] == [5]


def test_a_patch_that_the_tree_does_not_have() -> None:
    diffs = [diff_of(unified(OLD, NEW))]
    for text in ("", "".join(OLD[:9])):
        assert taken_back(diffs, {"x.c": text}.get, "x.patch", lambda _: False) is None


def test_files_that_a_patch_created_deleted_and_renamed() -> None:
    created = unified([], ["new\n"], "new.c").replace("--- a/new.c", "--- /dev/null")
    deleted = unified(["old\n"], [], "old.c").replace("+++ b/old.c", "+++ /dev/null")
    moved = "diff --git a/a.c b/b.c\nsimilarity index 100%\nrename from a.c\nrename to b.c\n"
    tree = {"new.c": "new\n", "b.c": "same\n"}
    applied = taken_back([diff_of(created + deleted + moved)], tree.get, "x.patch", lambda _: False)
    assert applied is not None
    assert applied.old == {"old.c": "old\n", "a.c": "same\n"}
    after = {change.new: change.text for change in applied.patch.changes if change.new}
    assert after == tree


def test_a_series_is_taken_back_from_its_end() -> None:
    middle = [*OLD[:9], "middle\n", *OLD[9:]]
    last = [*OLD[:9], "last\n", *OLD[9:]]
    diffs = [diff_of(unified(OLD, middle)), diff_of(unified(middle, last))]
    tree = {"x.c": "".join(last)}
    applied = taken_back(diffs, tree.get, "x.patch", lambda _: False)
    assert applied is not None
    assert applied.old == {"x.c": "".join(OLD)}


_LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "{\n", "\n"]), min_size=1, max_size=30)


@given(_LINES, _LINES)
def test_what_is_taken_back_gives_the_tree_again(old: list[str], new: list[str]) -> None:
    if old == new:
        return
    tree = {"x.c": "".join(new)}
    applied = taken_back([diff_of(unified(old, new))], tree.get, "x.patch", lambda _: False)
    assert applied is not None
    (change,) = applied.patch.changes
    assert change.text == tree["x.c"]
