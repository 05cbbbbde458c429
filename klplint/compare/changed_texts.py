"""What a patch changes, or what was changed since a git revision: lines, and texts of files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from klplint.compare.changed_lines import Changes
from klplint.compare.patches.diff import Diff
from klplint.compare.patches.git import changes_since
from klplint.compare.patches.mail import read_patch
from klplint.compare.patches.series import Patch, apply_series
from klplint.compare.patches.taken_back import taken_back
from klplint.compare.shadow_tree import Texts
from klplint.errors import PatchError
from klplint.kernel.git_listing import repository_of
from klplint.kernel.sources import Sources
from klplint.source_text import to_text

_STANDARD_INPUT = "-"
# Several times a release of the kernel.
_LARGEST_PATCH = 512 << 20


class Patched(NamedTuple):
    """What a patch file changes."""

    changes: Changes
    texts: Texts
    """The texts of the changed files in the other state: after the patch, or before it."""
    is_applied: bool
    """Whether the tree has the patch already, so that its other state is the one before."""


def changed_by_patch(patch: str, sources: Sources) -> Patched:
    """What a patch file changes in a tree, which may have the patch already.

    `patch` is a path, or "-" for standard input. Raises PatchError where it cannot be read or
    does not apply.
    """
    name, tree = _name_of(patch), _Tree(sources.root)
    diffs = read_patch(_content(patch, name), name)
    try:
        series = apply_series(diffs, tree.read, name, tree.is_directory)
    except PatchError:
        applied = taken_back(diffs, tree.read, name, tree.is_directory)
        if applied is None:
            raise
        texts: dict[str, str | None] = {c.new: None for c in applied.patch.changes if c.new}
        changes = Changes(applied.patch.changes, applied.patch.hunks, Path(name).name)
        return Patched(changes, texts | applied.old, is_applied=True)
    texts = {c.old: None for c in series.changes if c.old is not None}
    texts |= {change.new: change.text for change in series.changes if change.new is not None}
    changes = Changes(series.changes, series.hunks, Path(name).name)
    return Patched(changes, texts, is_applied=False)


def read_series(patch: str, sources: Sources) -> tuple[list[Diff], Patch]:
    """The diffs in a patch file, or in standard input, and what they do to the tree.

    Raises PatchError where the patch cannot be read or does not apply.
    """
    name, tree = _name_of(patch), _Tree(sources.root)
    diffs = read_patch(_content(patch, name), name)
    return diffs, apply_series(diffs, tree.read, name, tree.is_directory)


class _Tree:
    """What a patch needs to know of the tree that it is applied to."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> str | None:
        """The text of a file; None if there is no such file. Raises PatchError."""
        file = self._root / path
        try:
            return to_text(file.read_bytes()) if file.is_file() else None
        except OSError as error:
            raise PatchError(f"{file}: cannot be read: {error.strerror}") from None

    def is_directory(self, path: str) -> bool:
        """Whether a path is that of a directory."""
        return (self._root / path).is_dir()


def changed_since(
    revision: str, sources: Sources, paths: Iterable[str]
) -> tuple[Changes, Texts, tuple[str, ...]]:
    """What was changed since a git revision, and the texts of the changed files at that time.

    The revision is one of the repositories that the `paths` (from the root) lie in. The
    repositories inside the paths that do not have it come last: nothing in them is compared.
    Raises PatchError where git does not know the revision, or cannot answer.
    """
    asked = sorted({repository_of(path, sources.root) for path in paths})
    since = changes_since(revision, sources.root, asked, sources.repositories)
    changes = since.patch.changes
    texts: dict[str, str | None] = {c.new: None for c in changes if c.new is not None}
    return Changes(changes, since.patch.hunks), texts | since.old, since.unknown


def _name_of(patch: str) -> str:
    """What to call a patch in an error."""
    return "<stdin>" if patch == _STANDARD_INPUT else patch


def _content(patch: str, name: str) -> bytes:
    """The content of a patch file, or of standard input."""
    try:
        if patch != _STANDARD_INPUT:
            with Path(patch).open("rb") as file:
                content = file.read(_LARGEST_PATCH + 1)
        elif sys.stdin is not None:  # it is None where a caller closed it
            content = sys.stdin.buffer.read(_LARGEST_PATCH + 1)
        else:
            raise PatchError(
                "--patch -: standard input is closed; pipe the patch in, or give a file"
            )
    except OSError as error:
        raise PatchError(f"{name}: cannot read the patch: {error.strerror}") from None
    if len(content) > _LARGEST_PATCH:  # perhaps /dev/zero
        raise PatchError(f"{name}: is larger than {_LARGEST_PATCH >> 20} MiB; split the patch")
    return content
