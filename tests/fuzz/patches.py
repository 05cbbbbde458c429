"""The reading of patches: what difflib writes is applied as it says, and the rest is refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from klplint.compare.patches.diff import Diff, split_text
from klplint.compare.patches.mail import read_patch, texts_in
from klplint.compare.patches.series import apply_series
from klplint.compare.patches.taken_back import taken_back
from klplint.errors import PatchError
from tests.fuzz import seeds
from tests.fuzz.harness import Choices, Harness

_LARGEST = 768
_NAME = "kernel/x.c"
_LINES = (
    "a;\n",
    "b;\n",
    "\n",
    "--- x\n",
    "+++ y\n",
    "@@ -1 +1 @@\n",
    "-\n",
    "+ c\r\n",
    "d\n",
    "\\\n",
)
_TREE = {_NAME: "a;\nb;\nc\n", "x.c": "a;\n"}
_HEADERS = (
    "",
    "From 1234 Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\nSubject: s\n\ntext\n---\n",
    "From: A <a@b.c>\nDate: x\nContent-Type: text/plain; charset=latin-1\n\n",
)


def check(data: bytes) -> None:
    """Apply a diff of two texts that the bytes choose, or read the bytes as a patch."""
    if data[:1] >= b"\x80":
        _check_applied(Choices(data[1:]))
        return
    count = data.count(b"\n") + 1
    for lines in texts_in(data):
        assert all(1 <= number <= count for number, _ in lines)
        assert [number for number, _ in lines] == sorted(number for number, _ in lines)
    try:
        diffs = read_patch(data, "fuzz.patch")
        _check_taken_back(diffs, _TREE)
        patch = apply_series(diffs, _TREE.get, "fuzz.patch")
    except PatchError as error:
        assert str(error).startswith("fuzz.patch:")
        return
    assert all(1 <= edit.number <= count for edit in patch.edits)
    for change in patch.changes:
        assert change.old is None or change.old in _TREE
        path = change.new or ""
        assert ".." not in path.split("/")
        assert not path.startswith("/")


def _check_applied(choices: Choices) -> None:
    header = choices.one_of(_HEADERS)
    context = choices.number(4)
    has_end = choices.number(2)
    old = [choices.one_of(_LINES) for _ in range(choices.number(24))]
    new = _edited(old, choices)
    if has_end and new:
        new[-1] = new[-1].rstrip("\r\n") or "x"
    if old == new or not old or not new:
        return
    patch = header + "".join(_unified(old, new, context))
    diffs = read_patch(patch.encode(), "fuzz.patch")
    result = apply_series(diffs, {_NAME: "".join(old)}.get, "fuzz.patch")
    (change,) = result.changes
    assert (change.old, change.new) == (_NAME, _NAME)
    assert change.text == "".join(new), (patch, change.text)
    assert _check_taken_back(diffs, {_NAME: "".join(new)}) or context == 0
    lines = split_text(patch)
    for edit in result.edits:
        assert lines[edit.number - 1].rstrip("\r\n") == f"{edit.kind}{edit.text}".rstrip("\r\n")
    for line in change.lines:
        assert line.origin is None or old[line.origin - 1] == line.text


def _check_taken_back(diffs: Sequence[Diff], tree: Mapping[str, str]) -> bool:
    """Take a patch back; if the tree had it, it makes the tree of what was there before."""
    applied = taken_back(diffs, tree.get, "fuzz.patch", lambda _: False)
    for change in applied.patch.changes if applied else ():
        assert change.new is None or tree[change.new] == change.text
    return applied is not None


def _edited(old: Sequence[str], choices: Choices) -> list[str]:
    """Lines with some removed, and some added."""
    new: list[str] = []
    for line in old:
        kind = choices.number(8)
        if kind == 1:
            new.append(choices.one_of(_LINES))
        if kind != 2:
            new.append(line)
    return new


def _unified(old: Sequence[str], new: Sequence[str], context: int) -> Iterator[str]:
    for line in difflib.unified_diff(old, new, f"a/{_NAME}", f"b/{_NAME}", n=context):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _diffs() -> Iterator[bytes]:
    """Diffs of real lines, as a bare diff and as a mail."""
    for number, content in enumerate(seeds.sources(60)):
        old = content.decode("latin-1").splitlines(keepends=True)[:12]
        new = [*old[:4], "new line\n", *old[5:]]
        text = "".join(_unified(old, new, 3))
        yield (_HEADERS[number % len(_HEADERS)] + text).encode()[:_LARGEST]


HARNESS = Harness(
    check=check,
    seeds=lambda: (*_diffs(), *(bytes([0x80, *range(n, n + 80)]) for n in range(40))),
    words=(
        *(b"--- a/x.c\n", b"+++ b/x.c\n", b"@@ -1,2 +1,3 @@\n", b"@@ -0,0 +1 @@\n", b"/dev/null"),
        *(
            b"diff --git a/x.c b/x.c\n",
            b"rename from x.c\n",
            b"rename to y.c\n",
            b"copy from x.c\n",
        ),
        *(b"index 123..456 100644\n", b"new file mode 120000\n", b"deleted file mode 100644\n"),
        *(
            b"\\ No newline at end of file\n",
            b"Binary files a/x and b/x differ\n",
            b"GIT binary patch\n",
        ),
        *(
            b"Content-Transfer-Encoding: quoted-printable\n",
            b"Content-Type: multipart/mixed; boundary=b\n",
        ),
        *(
            b"Content-Transfer-Encoding: base64\n",
            b"format=flowed",
            b"--b\n",
            b"=\n",
            b"=0A",
            b"\r\n",
        ),
        *(
            b"From x Mon Sep 17 00:00:00 2001\n",
            b"Index: ",
            b"diff --cc ",
            b"-- \n",
            b'"a/\\303"',
            b"../",
        ),
    ),
    largest=_LARGEST,
)
