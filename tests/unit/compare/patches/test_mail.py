"""Patch files as they come: diffs, mails in any encoding, mailboxes; and their line numbers."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.compare.patches.mail import read_patch, texts_in
from klplint.errors import KlplintError
from tests.support.patch_samples import unified

LONG = (
    "/* " + "a comment that is longer than any line of quoted-printable may be, " * 2 + "= ü */\n"
)
DIFF = unified(["a\n", "b\n"], ["a\n", LONG, "c\n"])
HEADER = "From: A <a@example.org>\nSubject: [PATCH] x\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n"
MESSAGE = f"Why.\n\n---\n x.c | 2 +-\n\n{DIFF}-- \n2.39.5\n"
LINK = (
    b"diff --git a/l b/l\nnew file mode 120000\nindex 00..11\n--- /dev/null\n+++ b/l\n"
    b"@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n"
)
FROM_LINE = "From 0123abc Mon Sep 17 00:00:00 2001\n"


def mail(encoding: str, charset: str = "utf-8") -> bytes:
    body = MESSAGE.encode(charset)
    if encoding == "quoted-printable":
        body = quopri.encodestring(body)
    elif encoding == "base64":
        body = base64.encodebytes(body)
    mime = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return (HEADER + mime).encode() + body


def added(content: bytes) -> list[tuple[str, int]]:
    """The added lines of a patch file, and on which line of it each stands."""
    return [
        (line.text, line.number)
        for diff in read_patch(content, "x.patch")
        for file in diff.files
        for hunk in file.hunks
        for line in hunk.lines
        if line.kind == "+"
    ]


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("8bit", "utf-8"),
        ("8bit", "iso-8859-1"),
        ("quoted-printable", "utf-8"),
        ("quoted-printable", "iso-8859-1"),
    ],
)
def test_lines_are_found_in_a_mail_where_they_stand(encoding: str, charset: str) -> None:
    content = mail(encoding, charset)
    rows = content.split(b"\n")
    assert [text for text, _ in added(content)] == [LONG, "c\n"]
    for text, number in added(content):
        assert rows[number - 1].startswith(b"+" + text.encode()[:20].strip())


def test_in_base64_lines_count_from_where_the_text_begins() -> None:
    content = mail("base64")
    first = content.split(b"\n\n")[0].count(b"\n") + 3
    below = MESSAGE[: MESSAGE.index("+/*")].count("\n")
    assert added(content) == [(LONG, first + below), ("c\n", first + below + 1)]


def test_a_mailbox_holds_a_series_with_a_cover_letter() -> None:
    cover = f"{FROM_LINE}{HEADER}\nNo diff in here, though it speaks of\n--- a/x.c\n\n".encode()
    content = (
        cover + FROM_LINE.encode() + mail("8bit") + FROM_LINE.encode() + mail("quoted-printable")
    )
    rows = content.split(b"\n")
    numbers = [number for _, number in added(content)]
    assert len(read_patch(content, "x.patch")) == 3
    assert len(numbers) == 4
    assert all(rows[number - 1].startswith(b"+") for number in numbers)
    assert numbers == sorted(numbers)


def test_a_diff_attached_to_a_mail() -> None:
    content = (
        f"{HEADER}Content-Type: multipart/mixed; boundary=BB\n\n--BB\n"
        "Content-Type: text/plain\n\nSee the attachment.\n--BB\n"
        f"Content-Type: text/x-patch; charset=utf-8\n\n{DIFF}\n--BB\n"
        f"Content-Type: text/html\n\n<pre>{DIFF}</pre>\n--BB--\n"
    ).encode()
    rows = content.decode().split("\n")
    assert [rows[number - 1] for _, number in added(content)] == [f"+{LONG}".rstrip("\n"), "+c"]


@pytest.mark.parametrize("name", ["x.patch", "x.diff"])
def test_an_attachment_that_is_a_patch_by_its_name(name: str) -> None:
    content = (
        f"{HEADER}Content-Type: multipart/mixed; boundary=BB\n\n--BB\n"
        "Content-Type: text/plain\n\nSee the attachment.\n--BB\n"
        f'Content-Type: application/octet-stream; name="{name}"\n'
        f'Content-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(DIFF.encode()).decode()}\n"
        "--BB\nContent-Type: application/octet-stream; name=x.bin\n\n--- a/x\n+++ b/x\n--BB--\n"
    ).encode()
    assert [text for text, _ in added(content)] == [LONG, "c\n"]


@pytest.mark.parametrize("delsp", ["yes", "no"])
def test_a_mail_that_flows(delsp: str) -> None:
    context = " a\n \n"
    diff = f"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,4 @@\n{context}+one two three\n+\tfour\n-- \n2.39\n"
    extra = " " if delsp == "yes" else ""
    # The empty context line ends with a space, so it cannot be kept but as an empty one.
    flowing = diff.replace("\n a\n \n", "\n  a\n\n").replace(
        "one two ", f"one {extra}\ntwo {extra}\n"
    )
    kind = f"Content-Type: text/plain; format=flowed; delsp={delsp}\n\n"
    content = f"{HEADER}{kind}See\n---\n{flowing}".encode()
    rows = content.decode().split("\n")
    one = rows.index(f"+one {extra}") + 1
    assert added(content) == [("one two three\n", one), ("\tfour\n", one + 3)]


def test_a_bare_diff_is_no_mail_though_it_begins_like_one() -> None:
    content = f"Index: x.c\n{'=' * 67}\n{DIFF}".encode()
    assert [text for text, _ in added(content)] == [LONG, "c\n"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "contains no diff"),
        (b"\0\1\2 no text \xff", "contains no diff"),
        (HEADER.encode() + b"\nNothing here.\n", "contains no diff"),
        (b"Binary files a/x.png and b/x.png differ\n", "changes only binary files"),
        (LINK, r"changes only symbolic links or submodules \(l\)"),
        (LINK + b"Binary files a/x and b/x differ\n", "binary files and symbolic links or subm"),
    ],
)
def test_what_holds_no_diff_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(KlplintError, match=what):
        read_patch(content, "x.patch")


@given(
    st.sampled_from(["8bit", "quoted-printable", "base64"]),
    st.integers(0, 1000),
    st.one_of(st.binary(max_size=20), st.sampled_from([b"\n\n", b"charset=x", FROM_LINE.encode()])),
)
def test_a_damaged_mail_is_read_or_refused(encoding: str, place: int, inserted: bytes) -> None:
    content = mail(encoding)
    try:
        read_patch(content[:place] + inserted + content[place:], "x.patch")
    except KlplintError as error:
        assert str(error).startswith("x.patch:")


@pytest.mark.parametrize("name", ["no-such-charset", "l\x01\x00-0", "rot13", "\udce9"])
def test_a_charset_that_is_none_is_ignored(name: str) -> None:
    header = f"From: A <a@b.c>\nDate: x\nContent-Type: text/plain; charset={name}\n\n"
    content = header.encode("utf-8", "surrogateescape") + b"+\xce\n"
    (lines,) = texts_in(content)
    assert [text for _, text in lines][-1] == "+\udcce\n"
