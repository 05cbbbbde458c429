"""The lines of a text that are a unified diff: prose is left out, and damage is an error.

Programs that apply patches skip what they do not recognise as a hunk. A linter must not: a hunk
that is skipped may be the one with the finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from klplint.errors import PatchError

NumberedLine = tuple[int, str]
"""A line with its end, and its number in the file that it was read from."""

SPACE = "\0"
"""What replaces a space in a name that has no prefix: unidiff would split the name there."""
_COMBINED = re.compile(r"diff --(?:cc|combined) |@@@")
_GIT = "diff --git "
_EXTENDED = re.compile(
    r"(?:old|new|new file|deleted file) mode \d{6}|(?:rename|copy) (?:from|to) |"
    r"rename (?:old|new) |(?:dis)?similarity index \d|index [0-9a-f]+\.\.[0-9a-f]"
)
_INDEX = re.compile(r"index ([0-9a-f]+)\.\.([0-9a-f]+)")
_NO_CONTENT = re.compile(r"0+$|e69de29|473a0f4")  # no file, or an empty one (SHA-1, SHA-256)
_BINARY = re.compile(r"Binary files? .*(?:differ|has changed)|GIT binary patch\s*$")
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LIKE_HUNK = re.compile(r"[>|\s]*@@")  # a header that was cut, or quoted in a mail
_SIGNATURE = re.compile(r"-- ?\s*$")
_MAIL = re.compile(r"From |[A-Z][\w-]*: |---\s*$|-----BEGIN ")  # what other text begins with
_NO_END = "\\ No newline at end of file\n"  # diff writes it in the language of its user


def diff_lines(lines: Sequence[NumberedLine], name: str) -> list[NumberedLine]:
    """The lines of the diffs in `lines`, the first of which is that of a diff.

    `name` is what to call the file in an error. Raises PatchError where a hunk has no header or
    another length than its header says, where something is cut off, and for the diff of a merge.
    """
    return _Extraction(lines, name).run()


class _Extraction:
    """The lines read so far, and those of them that are kept."""

    def __init__(self, lines: Sequence[NumberedLine], name: str) -> None:
        self._lines = lines
        self._name = name
        self._at = 0
        self._kept: list[NumberedLine] = []

    def run(self) -> list[NumberedLine]:
        """The lines of diffs."""
        is_signed = False
        while self._at < len(self._lines):
            text = self._text()
            if self._is_start():
                is_signed = False
                self._file()
                continue
            is_signed = is_signed or bool(_SIGNATURE.match(text))
            if _HUNK.match(text) or (text.startswith("@@") and not is_signed):
                raise self._damaged("a hunk without a file header")
            if text.startswith("--- ") and not self._is_more():
                raise self._cut("the second file name is missing")
            self._at += 1
        return self._kept

    def _text(self, ahead: int = 0) -> str:
        """A line that is not read yet; "" after the last."""
        place = self._at + ahead
        return self._lines[place][1] if place < len(self._lines) else ""

    def _keep(self, name: str = "") -> None:
        """Keep the line, with SPACE for each space of a `name` in it."""
        number, text = self._lines[self._at]
        if name:
            text = text.replace(name, name.replace(" ", SPACE))
        self._kept.append((number, text))
        self._at += 1

    def _is_more(self) -> bool:
        """Whether anything follows the line."""
        return any(text.strip() for _, text in self._lines[self._at + 1 :])

    def _is_cut(self) -> bool:
        """Whether the line is the last, and has no end."""
        return self._at == len(self._lines) - 1 and not self._text().endswith("\n")

    def _has_names(self) -> bool:
        return self._text().startswith("--- ") and self._text(1).startswith("+++ ")

    def _is_start(self) -> bool:
        """Whether the diff of a file begins here."""
        text = self._text()
        if _COMBINED.match(text):
            raise PatchError(
                f"{self._name}:{self._lines[self._at][0]}: the combined diff of a merge cannot be "
                "applied; give the diff against one parent"
            )
        return text.startswith((_GIT, "Index: ")) or self._has_names() or bool(_BINARY.match(text))

    def _file(self) -> None:
        """The diff of one file, or the line that announces it."""
        if self._text().startswith(_GIT):
            self._git_header()
        elif self._has_names():
            self._hunks()
        elif self._text().startswith("Index: "):
            self._at += 1
        else:
            self._keep()

    def _git_header(self) -> None:
        """The header that git writes for a file, and the hunks, if there are any."""
        name = _bare_name(self._text())
        self._keep(name)
        begin = len(self._kept)
        while _EXTENDED.match(self._text()):
            self._keep()
        if self._has_names():
            self._hunks(name)
        elif _BINARY.match(self._text()):
            self._keep()
        elif self._text().startswith(("--- ", "+++ ")):
            if not self._is_more():
                raise self._cut("the second file name or the hunks are missing")
            raise self._damaged("one of the two file names is missing")
        elif self._is_cut():
            raise self._cut("in the middle of a line")
        elif len(self._kept) > begin:
            if not _is_whole([text for _, text in self._kept[begin:]]):
                raise self._cut("the hunks are missing", -1)
        elif not self._text().strip() or self._is_start():
            raise self._cut("a file header without hunks", -1)
        else:
            self._kept.pop()  # prose that mentions `diff --git`

    def _hunks(self, name: str = "") -> None:
        """The two names and the hunks; `name` is the one in git's header, if it has no prefix."""
        self._keep(name)
        self._keep(name)
        if not _HUNK.match(self._text()):
            if not self._text().strip() or self._is_start() or _SIGNATURE.match(self._text()):
                raise self._cut("the hunks are missing", -1)
            raise self._damaged("expected a hunk header")
        while match := _HUNK.match(self._text()):
            self._hunk(int(match[1] or 1), int(match[2] or 1))
        self._after_hunks()

    def _hunk(self, old: int, new: int) -> None:
        """A hunk with as many `old` and `new` lines as its header says."""
        if not (old or new):
            raise self._damaged("a hunk without lines")
        self._keep()
        while old > 0 or new > 0:
            if self._at == len(self._lines):
                raise self._broken("the hunk is shorter than its header says", -1)
            kind = self._text()[0]
            if kind not in " +-\\\r\n":
                raise self._broken("not a line of a hunk, but the hunk header announces more lines")
            old -= kind not in "+\\"
            new -= kind not in "-\\"
            if old < 0 or new < 0:
                raise self._broken("the hunk is longer than its header says")
            self._keep()
        if self._text().startswith("\\ "):
            self._kept.append((self._lines[self._at][0], _NO_END))
            self._at += 1

    def _after_hunks(self) -> None:
        """Check what follows the last hunk of a file, up to where other text begins."""
        is_apart = False  # an empty line was seen
        while self._at < len(self._lines) and not self._is_start():
            text = self._text()
            if _SIGNATURE.match(text) or _MAIL.match(text):
                return
            if _LIKE_HUNK.match(text):
                raise self._damaged("expected a hunk header")
            if text == "@" or _GIT.startswith(text):
                raise self._cut("in the middle of a line")
            if not text.strip():
                is_apart = True
            elif text[0] in "+-" or (text[0] == " " and not is_apart):
                raise self._damaged(
                    "the hunk is longer than its header says, or a hunk header is missing"
                )
            elif text[0] != " " and is_apart:
                return
            self._at += 1

    def _damaged(self, why: str) -> PatchError:
        return self._error("is corrupt here", why)

    def _cut(self, why: str, ahead: int = 0) -> PatchError:
        return self._error("is truncated here", why, ahead)

    def _broken(self, why: str, ahead: int = 0) -> PatchError:
        return self._error("is corrupt or truncated here", why, ahead)

    def _error(self, what: str, why: str, ahead: int = 0) -> PatchError:
        number = self._lines[self._at + ahead][0]
        return PatchError(f"{self._name}:{number}: the diff {what} ({why}); fetch the patch again")


def _bare_name(line: str) -> str:
    """The name with spaces that git gives twice in a line, without prefixes; else ""."""
    names = line.removeprefix(_GIT).rstrip("\r\n")
    name = names[: len(names) // 2]
    return name if " " in name and names == f"{name} {name}" else ""


def _is_whole(header: Sequence[str]) -> bool:
    """Whether git's header of a file says everything, so that no hunks need to follow."""
    text = "".join(header)
    for index in _INDEX.finditer(text):
        if index[1] != index[2] and not all(_NO_CONTENT.match(blob) for blob in index.groups()):
            return False
    changes = re.search(r"^(?:dis)?similarity index (?!100%)", text, re.MULTILINE)
    halves = (
        ("old mode ", "new mode "),
        ("rename from ", "rename to "),
        ("copy from ", "copy to "),
    )
    is_half = any((first in text) != (second in text) for first, second in halves)
    is_bare = text.startswith("similarity") and " to " not in text
    return not (changes or is_half or is_bare)
