"""Patches that a tree has already: taken back, and then applied to what was there before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from klplint.compare.patches.diff import Diff, FileDiff, Hunk, HunkLine
from klplint.compare.patches.series import Patch, Read, apply_series
from klplint.errors import PatchError


class AppliedPatch(msgspec.Struct, frozen=True):
    """What a patch did to a tree."""

    patch: Patch
    old: dict[str, str]
    """The files that it changed as they were before, by their paths."""


def taken_back(
    diffs: Sequence[Diff], read: Read, name: str, is_directory: Callable[[str], bool]
) -> AppliedPatch | None:
    """What diffs did to a tree, one after the other; None unless it has them, all of them.

    The arguments are those of `apply_series`.
    """
    back = [
        msgspec.structs.replace(diff, files=tuple(map(_reversed, reversed(diff.files))))
        for diff in reversed(diffs)
    ]
    if any(file.is_copy for diff in diffs for file in diff.files):
        return None
    try:
        changes = apply_series(back, read, name, is_directory).changes
        gone = {change.old for change in changes if change.old is not None}
        old = {change.new: change.text for change in changes if change.new is not None}

        def read_before(path: str) -> str | None:
            return old.get(path) if path in gone | {*old} else read(path)

        patch = apply_series(diffs, read_before, name, lambda _: False)
    except PatchError:
        return None
    after = {change.new: change.text for change in patch.changes if change.new is not None}
    return AppliedPatch(patch, old) if all(read(f) == text for f, text in after.items()) else None


def _reversed(diff: FileDiff) -> FileDiff:
    """The diff that takes another one back."""
    return msgspec.structs.replace(
        diff, old=diff.new, new=diff.old, hunks=tuple(map(_hunk, diff.hunks))
    )


def _hunk(hunk: Hunk) -> Hunk:
    lines = tuple(_line(line) for line in hunk.lines)
    return msgspec.structs.replace(hunk, start=hunk.new_start, new_start=hunk.start, lines=lines)


def _line(line: HunkLine) -> HunkLine:
    match line.kind:
        case "+":
            return line._replace(kind="-")
        case "-":
            return line._replace(kind="+")
        case _:
            return line
