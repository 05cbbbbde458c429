"""Diffs read: files, names, damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.compare.patches.diff import names_of
from klplint.errors import KlplintError
from tests.support.patch_samples import diff_of, unified

CHANGE = "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"
TWO = f"{CHANGE}@@ -9,2 +9 @@\n c\n-d\n"
GIT = "diff --git a/x.c b/x.c\n"


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


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("new file mode 100644\n--- /dev/null\n+++ lib/b c.c\t\n", (None, "lib/b c.c")),
        ("deleted file mode 100644\n--- lib/b c.c\t\n+++ /dev/null\n", ("lib/b c.c", None)),
        ("--- lib/b c.c\t\n+++ lib/b c.c\t\n", ("lib/b c.c", "lib/b c.c")),
    ],
)
def test_names_with_spaces_and_no_prefix(
    header: str, expected: tuple[str | None, str | None]
) -> None:
    text = f"diff --git lib/b c.c lib/b c.c\n{header}@@ -1,2 +1,2 @@\n-a\n+b\n c\n"
    (file,) = diff_of(text).files
    assert (file.old, file.new) == expected


def test_prose_around_a_diff_is_left_aside() -> None:
    above = "Speaks of\n--- a dash,\n@@ -1 +1 @@\nand of hunks.\n---\n x.c | 2 +-\n\n"
    (file,) = diff_of(f"{above}{CHANGE}-- \n2.39\n").files
    assert [(line.kind, line.text, line.number) for line in file.hunks[0].lines] == [
        ("-", "a\n", 11),
        ("+", "b\n", 12),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "-- \n2.39\n\n> quoted\n - a point\n+1 from me\n@@ what?\n",
        "--\n2.39\n",
        "---\n x.c | 2 +-\n- a point\n",
        "Thanks,\n\nA. Sender\n- a point\n",
        "\nThanks,\n  A. Sender\n+1\n> @@ -1 +1 @@\n",
        "\n  A. Sender\n",
        "-----BEGIN PGP SIGNATURE-----\n+ab/\n",
        "_______\nlist mailing list\n",
        "From 01 Mon Sep 17 00:00:00\nFrom: A\nSubject: x\n y\n\n- a point\n",
        "Only in b: y.c\n",
        "\nProperty changes on: x.c\n____\nAdded: svn:eol-style\n   + native\n",
        "diff -Nur a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n",
        "diff --git a/p b/p\nindex 11..22\nGIT binary patch\nliteral 1\nIc@@v\n\nliteral 0\n",
        "diff --git is\nwhat made it.\n- a point\n",
        "Index: y.c\n=====\n",
    ],
)
def test_what_may_follow_a_diff(text: str) -> None:
    files = diff_of(f"{CHANGE}{text}{CHANGE}").files
    assert [file.new for file in files] == ["b/x.c", "b/x.c"]
    assert all(len(file.hunks) == 1 for file in files)


@pytest.mark.parametrize(
    "header",
    [
        "old mode 100644\nnew mode 100755\n",
        "similarity index 100%\nrename from x.c\nrename to x.c\n",
        "similarity index 100%\ncopy from x.c\ncopy to x.c\n",
        "new file mode 100644\nindex 000000000000..e69de29bb2d1\n",
        "new file mode 100644\n",
        "deleted file mode 100644\nindex e69de29bb2d1..000000000000\n",
    ],
)
@pytest.mark.parametrize("end", ["", "-- \n2.39\n", "\n", GIT + CHANGE])
def test_a_header_of_git_that_needs_no_hunks(header: str, end: str) -> None:
    assert len(diff_of(f"{GIT}{header}{end}").files) == 1 + (CHANGE in end)


def test_a_missing_end_reported_in_another_language() -> None:
    (file,) = diff_of(f"{CHANGE}\\ Kein Zeilenumbruch am Dateiende.\n").files
    assert file.hunks[0].lines[-1].text == "b"


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
        (CHANGE + "diff --cc y.c\n", "x.patch:6: the combined diff of a merge"),
        (TWO.replace("@@ -9,2 +9 @@", "@@ -9,2 +9"), "x.patch:6: the diff is corrupt here"),
        (TWO.replace("@@ -9,2 +9 @@\n", ""), "x.patch:6: the diff is corrupt here"),
        (TWO.replace("@@ -9,2", "> @@ -9,2"), "x.patch:6: the diff is corrupt here"),
        (TWO.replace("@@ -9,2 +9 @@", "what is that?"), "x.patch:7: the diff is corrupt here"),
        (TWO.replace("@@ -9,2 +9 @@", "\n@@ -9,2"), "x.patch:7: the diff is corrupt here"),
        (CHANGE.replace("-1 +1", "-0,0 +0,0"), "x.patch:3: the diff is corrupt here (a hunk"),
        (CHANGE.replace("+1 @@", "+1@"), "x.patch:3: the diff is corrupt here"),
        (CHANGE.replace("@@ -1 +1 @@", "@@ garbage @@"), "x.patch:3: the diff is corrupt here"),
        (f"{CHANGE}\nBye.\n\n@@ -9,2\n", "x.patch:9: the diff is corrupt here"),
        (f"{CHANGE}-- \n2.39\n@@ -9,2 +9 @@\n", "x.patch:8: the diff is corrupt here"),
        (CHANGE + "+more\n", "x.patch:6: the diff is corrupt here"),
        (CHANGE + "-less\n", "x.patch:6: the diff is corrupt here"),
        (CHANGE + " as it was\n", "x.patch:6: the diff is corrupt here"),
        (CHANGE + "\n \n+more\n", "x.patch:8: the diff is corrupt here"),
        (CHANGE + "--- a/y.c\n", "x.patch:6: the diff is corrupt here"),
        (CHANGE + CHANGE[:20], "x.patch:7: the diff is truncated here"),
        ("".join(CHANGE.splitlines(True)[:2]), "x.patch:2: the diff is truncated here"),
        (
            CHANGE.split("@@", maxsplit=1)[0] + "-- \n2.39\n",
            "x.patch:2: the diff is truncated here",
        ),
        (f"{CHANGE}-- \n2.39\n\nBye.\n--- a/y.c\n", "x.patch:10: the diff is truncated here"),
        (f"{GIT}index 11..22 100644\n", "x.patch:2: the diff is truncated here"),
        (f"{GIT}index 11..22 100644\n{GIT}old mode 100644\n", "x.patch:2: "),
        (f"{GIT}new file mode 100644\nindex 00..22\n-- \n2.39\n", "x.patch:3: "),
        (f"{GIT}index 11..22 100644\n--- a/x.c\n", "x.patch:3: the diff is truncated here"),
        (f"{GIT}index 1..2 100644\n--- a/x.c\n@@ -1 +1", "x.patch:3: the diff is corrupt here"),
        (f"{GIT}new file mode 100644\nind", "x.patch:3: the diff is truncated here"),
        (f"{GIT}new file mode 1006", "x.patch:2: the diff is truncated here"),
        (f"{GIT}new file mode 100644\nindex 00..", "x.patch:3: the diff is truncated here"),
        (f"{CHANGE}@", "x.patch:6: the diff is truncated here"),
        (f"{GIT}new fi", "x.patch:2: the diff is truncated here"),
        (f"{CHANGE}diff --g", "x.patch:6: the diff is truncated here"),
        (f"{GIT}old mode 100644\n", "x.patch:2: the diff is truncated here"),
        (f"{GIT}similarity index 95%\nrename from x.c\nrename to y.c\n", "x.patch:4: "),
        (f"{GIT}similarity index 100%\nrename from x.c\n", "x.patch:3: "),
        (GIT, "x.patch:1: the diff is truncated here"),
    ],
)
def test_damage_is_reported_with_its_line(text: str, place: str) -> None:
    with pytest.raises(KlplintError) as caught:
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
def test_any_text_is_a_diff_or_is_reported_to_be_none(text: str) -> None:
    try:
        diff_of(text)
    except KlplintError as error:
        assert str(error).startswith("x.patch:")
