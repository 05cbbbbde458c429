"""Hunks applied to the lines of a file: a pure function that records where each line came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from klplint.compare.patches.diff import Hunk, HunkLine, split_text


class Line(NamedTuple):
    """A line of a file."""

    text: str
    """The line with its end."""
    origin: int | None
    """The line's number (from 1) in the file before all patches; None if a patch added it."""
    added: HunkLine | None = None
    """The line of the patch that added this line."""
    removed: HunkLine | None = None
    """The line of the patch that removed what stood before this line, if one did."""


class DoesNotApply(Exception):
    """A hunk whose old lines are not in the file after those of the hunk before it."""

    def __init__(self, count: int, hunk: Hunk) -> None:
        """`count` is the hunk's number among those of the file, from 1."""
        super().__init__(count, hunk)
        self.count = count
        self.hunk = hunk


def original(text: str) -> tuple[Line, ...]:
    """The lines of a file before any patch."""
    return tuple(Line(line, number) for number, line in enumerate(split_text(text), 1))


def text_of(lines: Iterable[Line]) -> str:
    """The text that some lines make."""
    return "".join(line.text for line in lines)


def apply_hunks(lines: Sequence[Line], hunks: Sequence[Hunk]) -> tuple[Line, ...]:
    """The lines of a file after the hunks of a patch.

    The old lines of a hunk have to be in the file, whatever their ends (LF or CR LF). They may be
    further up or down than the patch says; the nearest place is taken. Raises DoesNotApply.
    """
    contents = [_content(line.text) for line in lines]
    patched = _Patched()
    position = drift = 0
    for count, hunk in enumerate(hunks, 1):
        old = [_content(line.text) for line in hunk.lines if line.kind != "+"]
        place = _find(contents, old, hunk.start + drift, position)
        if place is None:
            raise DoesNotApply(count, hunk)
        drift = place - hunk.start
        patched.keep(lines[position:place])
        position = place + len(old)
        patched.change(lines[place:position], hunk.lines)
    patched.keep(lines[position:])
    return patched.finished()


def _find(contents: list[str], old: list[str], expected: int, least: int) -> int | None:
    """The place of the lines `old` that is nearest to `expected`, but not before `least`."""
    most = len(contents) - len(old)
    nearest = max(least, min(expected, most))
    for distance in range(len(contents) + 1):
        for place in (nearest + distance, nearest - distance):
            if least <= place <= most and contents[place : place + len(old)] == old:
                return place
    return None


def _content(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


class _Patched:
    """The lines of a patched file so far, and the removal after the last one, if there is one."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._removed: HunkLine | None = None

    def keep(self, lines: Iterable[Line]) -> None:
        """Append lines as they are."""
        for line in lines:
            self._lines.append(line._replace(removed=line.removed or self._removed))
            self._removed = None

    def change(self, old: Iterable[Line], hunk: Iterable[HunkLine]) -> None:
        """Append what a hunk makes of the old lines."""
        left = iter(old)
        for line in hunk:
            if line.kind == "+":
                self._lines.append(Line(line.text, None, line, self._removed))
                self._removed = None
            elif line.kind == "-":
                earlier = next(left).removed
                self._removed = self._removed or earlier or line
            else:
                self.keep([next(left)])

    def finished(self) -> tuple[Line, ...]:
        """All lines; a removal after the last one is recorded with the last one."""
        if self._removed and self._lines:
            self._lines[-1] = self._lines[-1]._replace(removed=self._removed)
        return tuple(self._lines)
