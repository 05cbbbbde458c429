"""A series of diffs applied to a tree in memory: what each file was before, and is after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from klplint.compare.patches.apply import DoesNotApply, Line, apply_hunks, original, text_of
from klplint.compare.patches.diff import NOWHERE, Diff, FileDiff, Hunk, HunkLine, names_of
from klplint.errors import PatchError

Read = Callable[[str], str | None]
"""The text of a file of the tree by its path from the root; None if there is no such file."""


class Change(msgspec.Struct, frozen=True):
    """A file before and after a patch."""

    old: str | None
    """The path before; None where there was no file."""
    new: str | None
    """The path after; None where the file was deleted."""
    lines: tuple[Line, ...] = ()
    """The lines that the file has after."""

    @property
    def text(self) -> str:
        """The text of the file after."""
        return text_of(self.lines)


class FileHunk(NamedTuple):
    """A hunk, and the file that it changes."""

    file: str
    """The likeliest path of the file, afterwards unless it is deleted."""
    names: tuple[str, str]
    """The names before and after, as the diff has them."""
    hunk: Hunk


class Patch(msgspec.Struct, frozen=True):
    """What a patch file does to a tree."""

    changes: tuple[Change, ...]
    hunks: tuple[FileHunk, ...] = ()
    """Its hunks, in its order."""

    @property
    def edits(self) -> tuple[HunkLine, ...]:
        """The lines that it adds and removes."""
        return tuple(line for each in self.hunks for line in each.hunk.edits)


def apply_series(
    diffs: Iterable[Diff],
    read: Read,
    name: str,
    is_directory: Callable[[str], bool] = lambda _: False,
) -> Patch:
    """What some diffs, one after the other, do to the text files of a tree.

    `name` is what to call the patch in an error. Raises PatchError where it does not apply, changes
    a file that the tree does not have, creates one where none can be, or leaves the tree.
    `is_directory` takes the same paths as `read`.
    """
    tree = _Tree(read, name, is_directory)
    hunks: list[FileHunk] = []
    for diff in diffs:
        for file in diff.files:
            tree.apply(file)
            path = names_of(file.new or file.old or "")[0]
            names = (file.old or NOWHERE, file.new or NOWHERE)
            hunks += [FileHunk(path, names, hunk) for hunk in file.hunks]
    return Patch(tuple(tree.changes()), tuple(hunks))


class _File(NamedTuple):
    """A file as a series of diffs has made it so far."""

    old: str | None
    """Its path in the tree before the series; None if the series created it."""
    lines: tuple[Line, ...]


class _Tree:
    """The files that a series has changed so far; what it did not change is read from the tree."""

    def __init__(self, read: Read, name: str, is_directory: Callable[[str], bool]) -> None:
        self._read = read
        self._is_directory = is_directory
        self._name = name
        self._files: dict[str, _File | None] = {}  # None for a file that was deleted
        self._read_paths: set[str] = set()
        self._reading = 0  # which of the paths that a name may mean was the last to be right

    def changes(self) -> Iterator[Change]:
        """What became of each file."""
        files = {path: file for path, file in self._files.items() if file is not None}
        for path, file in sorted(files.items()):
            yield Change(file.old, path, file.lines)
        for path in sorted(self._read_paths - {file.old for file in files.values()}):
            yield Change(path, None)

    def apply(self, diff: FileDiff) -> None:
        """Change one file."""
        if diff.old is None and not self._adds_to_file(diff):
            self._create(diff)
            return
        file, path = self._existing(diff, diff.old or diff.new or "")
        try:
            lines = apply_hunks(file.lines, diff.hunks)
        except DoesNotApply as error:
            raise PatchError(
                f"{self._name}:{error.hunk.number}: hunk {error.count} of {path} does not apply: "
                "the lines to change are not in the file; was the patch made for this tree?"
            ) from None
        if diff.new is None and not (lines and diff.is_guess):
            if lines:
                raise self._error(
                    diff,
                    f"deletes {path} but leaves some of its lines; was the patch made for this "
                    "tree?",
                )
            self._files[path] = None
            return
        new = self._renamed(diff, path)
        if diff.is_copy:
            self._expect_free(diff, new)
            self._files[new] = _File(None, tuple(_fresh(line, diff.number) for line in lines))
            return
        if new != path:
            self._files[path] = None
            self._expect_free(diff, new)
        self._files[new] = _File(file.old, lines)

    def _adds_to_file(self, diff: FileDiff) -> bool:
        """Whether what looks like a new file adds lines at the beginning of one that is there."""
        names = names_of(diff.new or "") if diff.is_guess else ()
        return any(self._file(self._inside(diff, path)) is not None for path in names)

    def _create(self, diff: FileDiff) -> None:
        """Create the file that a diff adds."""
        path = self._inside(diff, self._read_like_before(diff.new or ""))
        if self._file(path) is not None:
            raise self._error(
                diff, f"creates {path}, which already exists; was the patch made for this tree?"
            )
        self._expect_free(diff, path)
        self._files[path] = _File(None, apply_hunks((), diff.hunks))

    def _expect_free(self, diff: FileDiff, path: str) -> None:
        """PatchError unless a file can be created at `path`."""
        for above in PurePosixPath(path).parents[:-1]:
            if self._file(above.as_posix()) is not None:
                raise self._error(diff, f"creates {path}, but {above} is a file, not a directory")
        made = any(f.startswith(f"{path}/") for f, file in self._files.items() if file is not None)
        if made or self._is_directory(path):
            raise self._error(diff, f"creates {path}, which is a directory")

    def _existing(self, diff: FileDiff, name: str) -> tuple[_File, str]:
        """The file that a diff changes, and its path."""
        paths = names_of(name)
        if diff.new is not None and not (diff.is_rename or diff.is_copy):
            paths += names_of(diff.new)  # the old name may be that of a backup
        for number, path in enumerate(paths):
            file = self._file(self._inside(diff, path))
            if file is not None:
                self._reading = number
                return file, path
        raise self._error(
            diff, f"changes {paths[0]}, which is not in the tree; was the patch made for this tree?"
        )

    def _renamed(self, diff: FileDiff, path: str) -> str:
        """The path that a changed file has afterwards."""
        if diff.new is None or not (diff.is_rename or diff.is_copy):
            return path
        return self._inside(diff, self._read_like_before(diff.new))

    def _read_like_before(self, name: str) -> str:
        """The path that a name means, read in the way that found the last file."""
        paths = names_of(name)
        return paths[self._reading % len(paths)]

    def _file(self, path: str) -> _File | None:
        """The file at a path of the tree, as it is now; None if there is none."""
        if path not in self._files:
            text = self._read(path)
            if text is None:
                return None
            self._read_paths.add(path)
            self._files[path] = _File(path, original(text))
        return self._files[path]

    def _inside(self, diff: FileDiff, path: str) -> str:
        """A path; PatchError unless it is in the tree."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise self._error(diff, f'changes "{path}", which is not a path inside the tree')
        if any(part.lower() == ".git" for part in pure.parts):
            raise self._error(diff, f'changes "{path}", which is in the directory of git itself')
        return pure.as_posix()

    def _error(self, diff: FileDiff, what: str) -> PatchError:
        """An error about the diff of a file."""
        return PatchError(f"{self._name}:{diff.number}: {what}")


def _fresh(line: Line, number: int) -> Line:
    """A line of a copy: it was not in this file before."""
    return Line(line.text, None, line.added or HunkLine("+", line.text, number))
