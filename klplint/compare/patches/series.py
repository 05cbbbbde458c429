"""A series of diffs applied to a tree in memory: what each file was before, and is after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

import msgspec

from klplint.compare.patches.apply import DoesNotApply, Line, apply_hunks, original, text_of
from klplint.compare.patches.diff import Diff, FileDiff, HunkLine, names_of
from klplint.errors import PatchError

Read = Callable[[str], str | None]
"""The text of a file of the tree by its path from the root; None if there is no such file."""


class Change(msgspec.Struct, frozen=True):
    """A file before and after: its paths (None for no file) and the lines that it has after."""

    old: str | None
    new: str | None
    lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """What the file holds after."""
        return text_of(self.lines)


class Patch(msgspec.Struct, frozen=True):
    """All that a patch file does to a tree; `edits` are the lines that it adds and removes."""

    changes: tuple[Change, ...]
    edits: tuple[HunkLine, ...] = ()


def apply_series(
    diffs: Iterable[Diff],
    read: Read,
    name: str,
    is_folder: Callable[[str], bool] = lambda _: False,
) -> Patch:
    """What some diffs, one after the other, do to the text files of a tree.

    `name` is what to call the patch in a complaint: PatchError where it does not apply, changes
    a file that the tree does not have, puts one where none can be, or reaches out of the tree.
    `is_folder` tells of paths as `read` takes them.
    """
    tree = _Tree(read, name, is_folder)
    edits: list[HunkLine] = []
    for diff in diffs:
        for file in diff.files:
            tree.apply(file)
            edits += [line for hunk in file.hunks for line in hunk.lines if line.kind != " "]
    return Patch(tuple(tree.changes()), tuple(edits))


class _Tree:
    """The files that a series has touched so far, over those of the tree."""

    def __init__(self, read: Read, name: str, is_folder: Callable[[str], bool]) -> None:
        self._read = read
        self._is_folder = is_folder
        self._name = name
        self._files: dict[str, tuple[str | None, tuple[Line, ...]] | None] = {}
        self._old: set[str] = set()
        self._cut = 0  # which way to read a name served last

    def changes(self) -> Iterator[Change]:
        """What became of each file."""
        there = {path: file for path, file in self._files.items() if file is not None}
        for path, (old, lines) in sorted(there.items()):
            yield Change(old, path, lines)
        left = self._old - {old for old, _ in there.values() if old is not None}
        for path in sorted(left):
            yield Change(path, None)

    def apply(self, diff: FileDiff) -> None:
        """Change one file."""
        if diff.old is None and not self._adds_to_file(diff):
            self._create(diff)
            return
        old, path = self._existing(diff, diff.old or diff.new or "")
        try:
            lines = apply_hunks(old[1], diff.hunks)
        except DoesNotApply as error:
            raise PatchError(
                f"{self._name}:{error.hunk.number}: hunk {error.count} of {path} does not apply: "
                "the lines that it changes are not there; is the tree the one it was made for?"
            ) from None
        if diff.new is None and not (lines and diff.is_guess):
            if lines:
                raise self._complaint(diff, f"deletes {path}, but not all that stands in it")
            self._files[path] = None
            return
        new = self._renamed(diff, path)
        if diff.is_copy:
            self._check_place(diff, new)
            self._files[new] = (None, tuple(_fresh(line, diff.number) for line in lines))
            return
        if new != path:
            self._files[path] = None
            self._check_place(diff, new)
        self._files[new] = (old[0], lines)

    def _adds_to_file(self, diff: FileDiff) -> bool:
        """Whether what looks like a new file adds lines at the beginning of one that is there."""
        names = names_of(diff.new or "") if diff.is_guess else ()
        return any(self._file(self._inside(diff, path)) is not None for path in names)

    def _create(self, diff: FileDiff) -> None:
        path = self._inside(diff, self._cut_like_before(diff.new or ""))
        if self._file(path) is not None:
            raise self._complaint(diff, f"creates {path}, which is there already")
        self._check_place(diff, path)
        self._files[path] = (None, apply_hunks((), diff.hunks))

    def _check_place(self, diff: FileDiff, path: str) -> None:
        """A file can be made at `path`, below folders, and where none is."""
        for above in PurePosixPath(path).parents[:-1]:
            if self._file(above.as_posix()) is not None:
                raise self._complaint(diff, f"creates {path}, but {above} is a file, no folder")
        made = any(f.startswith(f"{path}/") for f, file in self._files.items() if file is not None)
        if made or self._is_folder(path):
            raise self._complaint(diff, f"creates {path}, which is a folder")

    def _existing(
        self, diff: FileDiff, name: str
    ) -> tuple[tuple[str | None, tuple[Line, ...]], str]:
        """The file that a diff changes, and its path."""
        names = names_of(name)
        if diff.new is not None and not (diff.is_rename or diff.is_copy):
            names += names_of(diff.new)  # the old one may be that of a backup
        for number, path in enumerate(names):
            file = self._file(self._inside(diff, path))
            if file is not None:
                self._cut = number
                return file, path
        raise self._complaint(
            diff, f"changes {names[0]}, which is not in the tree; is it a patch for another one?"
        )

    def _renamed(self, diff: FileDiff, path: str) -> str:
        """The path that a changed file has afterwards."""
        if diff.new is None or not (diff.is_rename or diff.is_copy):
            return path
        return self._inside(diff, self._cut_like_before(diff.new))

    def _cut_like_before(self, name: str) -> str:
        names = names_of(name)
        return names[self._cut % len(names)]

    def _file(self, path: str) -> tuple[str | None, tuple[Line, ...]] | None:
        if path not in self._files:
            text = self._read(path)
            if text is None:
                return None
            self._old.add(path)
            self._files[path] = (path, original(text))
        return self._files[path]

    def _inside(self, diff: FileDiff, path: str) -> str:
        """A path, if it lies in the tree."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise self._complaint(diff, f'names "{path}", which is no path in the tree')
        if any(part.lower() == ".git" for part in pure.parts):
            raise self._complaint(diff, f'names "{path}", which lies in the folder of git itself')
        return pure.as_posix()

    def _complaint(self, diff: FileDiff, what: str) -> PatchError:
        return PatchError(f"{self._name}:{diff.number}: {what}")


def _fresh(line: Line, number: int) -> Line:
    """A line of a copy: it was not in this file before."""
    return Line(line.text, None, line.added or HunkLine("+", line.text, number))
