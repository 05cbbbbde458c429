"""Diffs read: files, names, damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patch_samples import diff_of, unified

from klplint.errors import UsageError
from klplint.patches.diff import names_of

CHANGE = "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"


def sides(text: str) -> list[tuple[str | None, str | None]]:
    return [(file.old, file.new) for file in diff_of(text).files]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHANGE, ("a/x.c", "b/x.c")),
        ("--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+a\n", (None, "b/n.c")),
        ("--- a/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", ("a/n.c", None)),
        ("--- o/n.c\t1970-01-01\n+++ n/n.c\t2026-11-22\n@@ -0,0 +1 @@\n+a\n", (None, "n/n.c")),
        (
            "diff --git a/x.c b/y.c\nsimilarity index 100%\nrename from x.c\nrename to y.c\n",
            ("a/x.c", "b/y.c"),
        ),
        ("diff --git a/e.c b/e.c\nnew file mode 100644\nindex 0000000..e69de29\n", (None, "b/e.c")),
    ],
)
def test_files_that_come_go_and_are_renamed(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    assert sides(text) == [expected]


def test_prose_around_a_diff_is_left_aside() -> None:
    above = "Speaks of\n--- a dash,\n@@ -1 +1 @@\nand of hunks.\n---\n x.c | 2 +-\n\n"
    (file,) = diff_of(f"{above}{CHANGE}-- \n2.39\n").files
    assert [(line.kind, line.text, line.number) for line in file.hunks[0].lines] == [
        ("-", "a\n", 11),
        ("+", "b\n", 12),
    ]


def test_a_diff_that_a_mailer_gave_other_line_ends() -> None:
    (file,) = diff_of(CHANGE.replace("\n", "\r\n")).files
    assert file.new == "b/x.c"
    assert [line.text for line in file.hunks[0].lines] == ["a\n", "b\n"]


def test_a_diff_of_a_file_with_carriage_returns_keeps_them() -> None:
    (file,) = diff_of(unified(["a\r\n"], ["b\r\n"])).files
    assert [line.text for line in file.hunks[0].lines] == ["a\r\n", "b\r\n"]


def test_links_submodules_and_binary_files_are_no_text() -> None:
    text = (
        "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../y\n"
        "\\ No newline at end of file\n"
        "diff --git a/s b/s\nindex 1111111..2222222 160000\n--- a/s\n+++ b/s\n@@ -1 +1 @@\n"
        "-Subproject commit 1\n+Subproject commit 2\n"
        "diff --git a/logo.png b/logo.png\nindex 1..2 100644\n"
        "Binary files a/logo.png and b/logo.png differ\n"
    )
    diff = diff_of(text + CHANGE)
    assert [file.new for file in diff.files] == ["b/x.c"]
    assert diff.binary == ("logo.png",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (CHANGE[:-3], "x.patch:4: "),  # cut off
        (CHANGE.replace("+b", "b"), "x.patch:5: "),  # a line wrapped by a mailer
        (CHANGE + "diff --cc y.c\n", "x.patch:6: is the combined diff of a merge"),
    ],
)
def test_damage_is_told_with_its_line(text: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        diff_of(text)
    assert str(caught.value).startswith(place)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("a/drivers/x.c", "drivers/x.c"),
        ("drivers/x.c", "drivers/x.c"),
        ("x.c", "x.c"),
        ('"a/\\303\\244 \\"\\t.c"', 'ä "\t.c'),
    ],
)
def test_names(name: str, first: str) -> None:
    assert names_of(name)[0] == first


@given(st.text(alphabet='-+ @ab\n\\"/,0129dif', max_size=80))
def test_any_text_is_a_diff_or_is_told_to_be_none(text: str) -> None:
    try:
        diff_of(text)
    except UsageError as error:
        assert str(error).startswith("x.patch:")
