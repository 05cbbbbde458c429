"""Unified diffs read into plain values; the only module that knows unidiff.

Line numbers are those of the file that the diff is in, so that a person finds the lines there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as UnidiffHunk
from unidiff.patch import PatchedFile, PatchSet

from klplint.compare.patches.strict_diff import SPACE, NumberedLine, diff_lines
from klplint.errors import PatchError
from klplint.source_text import to_bytes, to_text

NOWHERE = "/dev/null"
"""The name of a file that does not exist, before or after."""
_PREFIX = re.compile(r"[abciow12]/")  # what git puts before names, as it is configured
_HEADER = re.compile(r"--- |\+\+\+ |@@ -|diff |Index: ")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


class HunkLine(NamedTuple):
    """A line of a hunk."""

    kind: Literal[" ", "+", "-"]
    """Whether the line is context, added or removed."""
    text: str
    """The line without its first character, with its end."""
    number: int
    """The number of the line in the patch file."""


class Hunk(msgspec.Struct, frozen=True):
    """A change of lines that follow each other."""

    start: int
    """Where the old lines begin in the file, counted from 0."""
    lines: tuple[HunkLine, ...]
    number: int
    """The number of the first line in the patch file."""
    header: str = ""
    """The hunk's header, with what it says of the function around the lines."""
    new_start: int = 0
    """Where the new lines begin in the file afterwards, counted from 0."""

    @property
    def edits(self) -> tuple[HunkLine, ...]:
        """The lines that it adds and removes."""
        return tuple(line for line in self.lines if line.kind != " ")


class FileDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What a diff does to one file."""

    old: str | None
    """The name before, as the diff has it; None where there was no file."""
    new: str | None
    """The name after; None where the file is deleted."""
    hunks: tuple[Hunk, ...]
    number: int
    """The number of the line in the patch file at which the diff of the file begins."""
    is_rename: bool = False
    is_copy: bool = False
    is_guess: bool = False
    """Whether only the hunks show that there is no file on one side.

    Without context, a change of a file's first lines looks the same.
    """


class Diff(msgspec.Struct, frozen=True):
    """What a diff does, in its order."""

    files: tuple[FileDiff, ...]
    """The changes of text files."""
    binary: tuple[str, ...] = ()
    """The files of which the diff has only binary data."""
    links: tuple[str, ...] = ()
    """The symbolic links and submodules that it changes."""


def split_text(text: str) -> list[str]:
    """The lines of a text, each with its end; only a line feed ends one, as diffs see it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def read_diff(lines: Sequence[NumberedLine], name: str) -> Diff:
    """The diff in some lines, without the prose around it.

    `name` is what to call the file in an error. Raises PatchError where a diff is damaged, or is
    that of a merge.
    """
    kept = diff_lines(_without_carriage_returns(lines[_begin(lines) :]), name)
    last_read = 0

    def read() -> Iterator[str]:
        nonlocal last_read
        for number, text in kept:
            last_read = number
            yield text

    try:
        patched = PatchSet(read())
    except UnidiffParseError as error:
        reason = str(error).strip().split(":")[0]
        raise PatchError(
            f"{name}:{last_read}: the diff is corrupt or truncated here ({reason}); "
            "fetch the patch again"
        ) from None
    files = [file for file in patched if not _is_link(file)]
    numbers = [number for number, _ in kept]
    return Diff(
        tuple(_file_diff(file, numbers) for file in files if not file.is_binary_file),
        tuple(_path(file) for file in files if file.is_binary_file),
        tuple(_path(file) for file in patched if _is_link(file)),
    )


def _path(file: PatchedFile) -> str:
    return file.path.replace(SPACE, " ")


def _is_link(file: PatchedFile) -> bool:
    return file.is_symlink or file.is_submodule


def _begin(lines: Sequence[NumberedLine]) -> int:
    """Where the diff begins, after a message that may mention hunks and files itself."""
    for index, (_, text) in enumerate(lines):
        if text.startswith(("diff -", "Index: ", "Binary files ")):
            return index
        if text.startswith("--- ") and lines[index + 1 : index + 2]:
            following = lines[index + 1][1]
            if following.startswith("+++ "):
                return index
    return len(lines)


def _without_carriage_returns(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Lines as they were before a mailer ended each with CR LF; other lines as they are.

    A diff of a file with such line ends has them in hunks only, not in headers.
    """
    headers = [text for _, text in lines if _HEADER.match(text)]
    if not headers or not all(text.endswith("\r\n") for text in headers):
        return list(lines)
    return [(n, f"{t[:-2]}\n" if t.endswith("\r\n") else t) for n, t in lines]


def _file_diff(file: PatchedFile, numbers: Sequence[int]) -> FileDiff:
    info = file.patch_info or ()
    old = None if file.source_file == NOWHERE else file.source_file.replace(SPACE, " ")
    new = None if file.target_file == NOWHERE else file.target_file.replace(SPACE, " ")
    is_guess = False
    # diff -N gives the missing side a name, git does not.
    if not (old is None or new is None or _says_rename(info) or _is_of_git(info)):
        is_guess = not (_is_missing(file.source_timestamp) or _is_missing(file.target_timestamp))
        old = None if file.is_added_file else old
        new = None if file.is_removed_file else new
    return FileDiff(
        old=old,
        new=new,
        hunks=tuple(_hunks(file, numbers)),
        number=numbers[(file.diff_line_no or 1) - 1],
        is_rename=_says_rename(info),
        is_copy=any(line.startswith("copy from ") for line in info),
        is_guess=is_guess and (old is None or new is None),
    )


def _is_of_git(info: Sequence[str]) -> bool:
    return any(line.startswith("diff --git ") for line in info)


def _is_missing(timestamp: str | None) -> bool:
    """Whether a timestamp is the one that diff -N gives a file that is not there, in any zone."""
    return bool(timestamp) and str(timestamp).startswith(("1970-01-01", "1969-12-31"))


def _says_rename(info: Sequence[str]) -> bool:
    return any(line.startswith("rename from ") for line in info)


def _hunks(file: PatchedFile, numbers: Sequence[int]) -> Iterator[Hunk]:
    for hunk in file:
        lines: list[HunkLine] = []
        for line in hunk:
            if line.is_added or line.is_removed or line.is_context:
                kind: Literal[" ", "+", "-"]
                kind = "+" if line.is_added else "-" if line.is_removed else " "
                text = line.value if line.value.endswith("\n") else f"{line.value}\n"
                lines.append(HunkLine(kind, text, numbers[(line.diff_line_no or 1) - 1]))
            elif line.line_type == "\\" and lines:  # the line before has no end
                lines[-1] = lines[-1]._replace(text=lines[-1].text.removesuffix("\n"))
        start = hunk.source_start - (1 if hunk.source_length else 0)
        new_start = hunk.target_start - (1 if hunk.target_length else 0)
        first = lines[0].number if lines else 0
        yield Hunk(start, tuple(lines), first, _hunk_header(hunk), new_start)


def _hunk_header(hunk: UnidiffHunk) -> str:
    old, new = (hunk.source_start, hunk.source_length), (hunk.target_start, hunk.target_length)
    return f"@@ -{old[0]},{old[1]} +{new[0]},{new[1]} @@ {hunk.section_header}".rstrip()


def names_of(name: str) -> tuple[str, ...]:
    """The paths that a name in a diff may mean, the likeliest first.

    A name begins with a directory that is not part of the path (`a/` or the tree's, as for
    patch -p1), or it is the path itself.
    """
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        name = _unquoted(name[1:-1])
    _, _, rest = name.partition("/")
    if _PREFIX.match(name) or not rest:
        return (rest or name, name)[: 2 if rest else 1]
    return name, rest


def _unquoted(name: str) -> str:
    """A name that git wrote in quotes, with escapes."""

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 255 if len(code) == 3 else _ESCAPED[code[0]]])

    content = _ESCAPE.sub(plain, to_bytes(name))
    return to_text(content)
