"""The files that a patch, or what was done since a git revision, changes: before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from klplint.compare.changed_texts import read_series
from klplint.compare.patches.diff import Diff
from klplint.compare.patches.git import changes_since
from klplint.compare.patches.series import Change
from klplint.errors import PatchError
from klplint.kernel.sources import Sources
from klplint.livepatching.assessment import Skipped
from klplint.livepatching.fix import FileChange, Fix
from klplint.source_text import to_text


def fix_in_patch(patch: str, sources: Sources) -> Fix:
    """What a patch file changes in a tree; "-" is standard input.

    Raises PatchError where it cannot be read or does not apply.
    """
    diffs, series = read_series(patch, sources)
    changes = tuple(
        FileChange(c.old, c.new, _text(sources.root, c.old), c.text if c.new else "")
        for c in series.changes
    )
    return Fix(changes, tuple(_unread(diffs)))


def fix_since(revision: str, sources: Sources) -> Fix:
    """What was changed in a tree since a git revision.

    Raises PatchError where git does not know the revision, or cannot answer.
    """
    since = changes_since(revision, sources.root)
    changes = [_since(change, since.old, sources.root) for change in since.patch.changes]
    return Fix(tuple(changes))


def _since(change: Change, old: dict[str, str], root: Path) -> FileChange:
    before = old.get(change.old, "") if change.old else ""
    return FileChange(change.old, change.new, before, _text(root, change.new))


def _text(root: Path, path: str | None) -> str:
    """The text of a file of the tree; "" for none."""
    if path is None:
        return ""
    try:
        return to_text((root / path).read_bytes())
    except OSError as error:
        raise PatchError(f"{root / path}: cannot be read: {error.strerror}") from None


def _unread(diffs: Sequence[Diff]) -> Iterator[Skipped]:
    """The parts of a patch that are not text."""
    for diff in diffs:
        for path in diff.binary:
            yield Skipped(path, "is changed as binary data")
        for path in diff.links:
            yield Skipped(path, "is a symbolic link or a submodule")
