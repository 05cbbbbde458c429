"""A series applied to a tree: which files come, go and move, and what is refused."""

from __future__ import annotations

import pytest

from klplint.compare.patches.series import Patch, apply_series
from klplint.errors import KlplintError
from tests.support.patch_samples import diff_of, unified

TREE = {"lib/x.c": "a\nb\n", "lib/y.c": "y\n", "lib/empty.c": ""}
RENAME = (
    "diff --git a/lib/x.c b/lib/z.c\nsimilarity index 60%\nrename from lib/x.c\nrename to lib/z.c\n"
)
COPY = "diff --git a/lib/x.c b/lib/z.c\nsimilarity index 100%\ncopy from lib/x.c\ncopy to lib/z.c\n"


def applied(*diffs: str) -> Patch:
    return apply_series(map(diff_of, diffs), TREE.get, "x.patch", lambda path: path == "lib")


def changes(*diffs: str) -> list[tuple[str | None, str | None, str]]:
    return [(change.old, change.new, change.text) for change in applied(*diffs).changes]


def refusal(*diffs: str) -> str:
    with pytest.raises(KlplintError) as caught:
        applied(*diffs)
    return str(caught.value)


def test_each_patch_of_a_series_sees_the_one_before() -> None:
    first = unified(["a\n", "b\n"], ["a\n", "b\n", "c\n"], "lib/x.c")
    second = unified(["a\n", "b\n", "c\n"], ["b\n", "c\n"], "lib/x.c")
    assert changes(first, second) == [("lib/x.c", "lib/x.c", "b\nc\n")]
    (change,) = applied(first, second).changes
    assert [line.origin for line in change.lines] == [2, None]
    assert [edit.kind for edit in applied(first, second).edits] == ["+", "-"]


def test_files_that_come_and_go() -> None:
    new = "--- /dev/null\n+++ b/lib/n.c\n@@ -0,0 +1 @@\n+n\n"
    gone = "--- a/lib/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-n\n"
    assert changes(new) == [(None, "lib/n.c", "n\n")]
    assert changes(new, gone) == []
    assert changes("--- a/lib/y.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n") == [("lib/y.c", None, "")]
    git = (
        "diff --git a/lib/empty.c b/lib/empty.c\ndeleted file mode 100644\nindex e69de29..0000000\n"
    )
    assert changes(git) == [("lib/empty.c", None, "")]


def test_renames_and_copies() -> None:
    edit = "--- a/lib/x.c\n+++ b/lib/z.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    assert changes(RENAME + edit) == [("lib/x.c", "lib/z.c", "a\nc\n")]
    assert changes(COPY) == [
        ("lib/x.c", "lib/x.c", "a\nb\n"),
        (None, "lib/z.c", "a\nb\n"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a/lib/x.c", "b/lib/x.c"),
        ("lib/x.c", "lib/x.c"),
        ("linux-6.12/lib/x.c", "linux/lib/x.c"),
        ("lib/x.c.orig", "lib/x.c"),
        ("i/lib/x.c", "w/lib/x.c"),
    ],
)
def test_names_as_different_tools_write_them(old: str, new: str) -> None:
    hunk = "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    assert changes(f"--- {old}\n+++ {new}\n{hunk}") == [("lib/x.c", "lib/x.c", "a\nc\n")]


def test_a_new_file_is_named_like_the_others() -> None:
    change = "--- old/lib/y.c\n+++ new/lib/y.c\n@@ -1 +1 @@\n-y\n+z\n"
    new = "--- old/lib/n.c\t1970-01-01 00:00:00\n+++ new/lib/n.c\n@@ -0,0 +1 @@\n+n\n"
    assert changes(change + new)[0] == (None, "lib/n.c", "n\n")


def test_what_does_not_apply_is_reported_with_file_and_hunk() -> None:
    assert refusal(unified(["q\n"], ["r\n"], "lib/x.c")) == (
        "x.patch:4: hunk 1 of lib/x.c does not apply: the lines to change are not in the file; "
        "was the patch made for this tree?"
    )
    assert refusal(unified(["q\n"], ["r\n"], "mm/x.c")) == (
        "x.patch:2: changes mm/x.c, which is not in the tree; was the patch made for this tree?"
    )
    assert "creates lib/x.c, which already exists" in refusal(
        "--- /dev/null\n+++ b/lib/x.c\n@@ -0,0 +1 @@\n+n\n"
    )
    assert "deletes lib/x.c but leaves" in refusal(
        "--- a/lib/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    )


@pytest.mark.parametrize("name", ["b/../../etc/x.c", "/etc/x.c", "b//etc/x.c", "b/.."])
def test_a_patch_stays_in_the_tree(name: str) -> None:
    assert "which is not a path inside the tree" in refusal(
        f"--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+n\n"
    )


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("lib/x.c/n.c", "creates lib/x.c/n.c, but lib/x.c is a file, not a directory"),
        ("lib", "creates lib, which is a directory"),
        ("mm", "creates mm, which is a directory"),
        (".git/n.c", 'changes ".git/n.c", which is in the directory of git itself'),
        ("lib/.GIT/hooks/n.c", "which is in the directory of git itself"),
    ],
)
def test_a_file_is_made_only_where_one_can_be(name: str, printed: str) -> None:
    below = "--- /dev/null\n+++ b/mm/n.c\n@@ -0,0 +1 @@\n+n\n"
    said = refusal(below + below.replace("mm/n.c", name))
    assert said.startswith("x.patch:6: ")
    assert printed in said
    moved = refusal(below, COPY.replace("lib/z.c", name))
    assert moved.startswith("x.patch:1: ")
    assert printed in moved


def test_a_directory_may_take_the_place_of_a_file_that_is_gone() -> None:
    gone = "--- a/lib/y.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"
    below = "--- /dev/null\n+++ b/lib/y.c/n.c\n@@ -0,0 +1 @@\n+n\n"
    assert changes(gone, below) == [(None, "lib/y.c/n.c", "n\n"), ("lib/y.c", None, "")]


@pytest.mark.parametrize("head", ["", "diff --git a/lib/x.c b/lib/x.c\nindex 12..34 100644\n"])
def test_a_change_of_the_first_lines_without_context_is_no_new_or_deleted_file(head: str) -> None:
    names = f"{head}--- a/lib/x.c\n+++ b/lib/x.c\n"
    assert changes(f"{names}@@ -0,0 +1 @@\n+n\n") == [("lib/x.c", "lib/x.c", "n\na\nb\n")]
    assert changes(f"{names}@@ -1 +0,0 @@\n-a\n") == [("lib/x.c", "lib/x.c", "b\n")]


def test_diff_n_says_by_a_date_that_there_was_no_file() -> None:
    names = "--- a/lib/x.c\t1970-01-01 01:00:00 +0100\n+++ b/lib/x.c\t2026-11-22\n"
    assert "creates lib/x.c, which already exists" in refusal(f"{names}@@ -0,0 +1 @@\n+n\n")
