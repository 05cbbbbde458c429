"""A fix: the files that it changes, before and after."""

from __future__ import annotations

import msgspec

from klplint.livepatching.assessment import Change, Skipped


class FileChange(msgspec.Struct, frozen=True):
    """A file before and after a fix."""

    old: str | None
    """Its path before; None for a new file."""
    new: str | None
    """Its path after; None for a deleted one."""
    before: str
    after: str

    @property
    def path(self) -> str:
        """What to call the file: its path before, or that of a new file."""
        return self.old or self.new or ""

    @property
    def change(self) -> Change:
        """What becomes of the file."""
        if self.old and self.new:
            return "changed"
        return "added" if self.new else "removed"

    @property
    def first_line(self) -> int:
        """The first line that differs, counted in the state before."""
        old, new = self.before.split("\n"), self.after.split("\n")
        pairs = enumerate(zip(old, new, strict=False), 1)
        return next((number for number, pair in pairs if pair[0] != pair[1]), len(old))


class Fix(msgspec.Struct, frozen=True):
    """The changes of a fix."""

    files: tuple[FileChange, ...]
    unread: tuple[Skipped, ...] = ()
    """What it changes that is not text, and why that was not read."""
