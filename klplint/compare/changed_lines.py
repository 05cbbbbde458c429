"""Changed lines: which findings are on them, and which ones they cause elsewhere.

A change causes a finding on a line that was there before if a run on the state before does not
find it there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

from klplint.compare.patches.apply import Line
from klplint.compare.patches.diff import HunkLine
from klplint.compare.patches.series import Change, FileHunk
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.findings.finding import Finding, NotAnalysed, Place
from klplint.findings.levels import at_least

_NUMBER = re.compile(r"\d+")

At = tuple[str, int]
"""A file and a line of it."""


class Changes:
    """What was changed between two states of a tree, asked by places of the later one."""

    def __init__(
        self, changes: Iterable[Change], hunks: Sequence[FileHunk] = (), patch: str = ""
    ) -> None:
        """Take the changes of files, and the hunks of the diffs that made them.

        `patch` is the name of the patch file in reports; "" if there is none.
        """
        changes = tuple(changes)
        self._files = {c.new: c for c in changes if c.new is not None}
        self._deleted = [c.old for c in changes if c.old is not None and c.new is None]
        self._new_names = {c.old: c.new for c in changes if c.old is not None and c.new is not None}
        self._outlines: dict[str, Outline] = {}
        self.hunks = hunks
        self.patch = patch

    def origin(self, file: str, line: int) -> At | None:
        """Where a line was before; None for one that was added."""
        change = self._files.get(file)
        if change is None:
            return file, line
        if change.old is None:
            return None
        changed = self.line(file, line)
        if changed is None:
            return change.old, line  # after the end: about the file as a whole
        return (change.old, changed.origin) if changed.origin is not None else None

    def is_removed(self, file: str, line: int) -> bool:
        """Whether a line of the state before is not in the state after."""
        kept = self._kept.get(file)
        return kept is not None and line not in kept

    @cached_property
    def _kept(self) -> dict[str, frozenset[int]]:
        """The lines of each changed file that are there afterwards, by its path before."""
        kept = {old: frozenset[int]() for old in self._deleted}
        for change in self._files.values():
            if change.old is not None:
                kept[change.old] = frozenset(line.origin for line in change.lines if line.origin)
        return kept

    def renamed(self, file: str) -> str:
        """What a file is called afterwards."""
        return self._new_names.get(file, file)

    def is_on(self, finding: Finding) -> bool:
        """Whether a finding is on a line that was added or changed."""
        return any(self._is_added(finding.place.file, line) for line in finding.place.lines)

    def concerns(self, missed: NotAnalysed) -> bool:
        """Whether what was not analysed was changed: its line, or its file for a whole file."""
        return self._is_added(missed.file, missed.line) if missed.line else self.has(missed.file)

    def has(self, file: str) -> bool:
        """Whether a file was changed at all."""
        return file in self._files

    def with_cause(self, finding: Finding) -> Finding:
        """A finding that counts, at the level that it has if it stands on unchanged lines.

        The change elsewhere then made untrue what the source says, unless it changed that, too.
        """
        refuted = finding.refuted
        if refuted is None or finding.caused_level is None or self.is_on(finding):
            return finding
        if any(self._is_added(refuted.file, line) for line in refuted.lines):
            return finding
        return msgspec.structs.replace(finding, level=finding.caused_level)

    def nearest(self, place: Place, most: int | None = None) -> HunkLine | None:
        """The change nearest to a place in its file, at `most` that many lines away."""
        lines: tuple[Line, ...] = self._files[place.file].lines if self.has(place.file) else ()
        index = place.region.line - 1
        changed = [n for n, line in enumerate(lines) if line.added or line.removed]
        nearest = min(changed, key=lambda n: abs(n - index), default=None)
        if nearest is None or (most is not None and abs(nearest - index) > most):
            return None
        return lines[nearest].removed or lines[nearest].added

    def place_of(self, edit: HunkLine) -> At | None:
        """Where the file has a line of the change, or what stands in place of a removed one."""
        return self._places.get(id(edit))

    @cached_property
    def _places(self) -> dict[int, At]:
        """The places of changed lines, by identity: two encoded mails may number them alike."""
        places: dict[int, At] = {}
        for file, change in self._files.items():
            for number, line in enumerate(change.lines, 1):
                for edit in (line.added, line.removed):
                    if edit is not None:
                        places.setdefault(id(edit), (file, number))
        return places

    def function_at(self, file: str, number: int) -> str:
        """The function whose body or head has a line of a changed file; "" outside of all."""
        outline = self._outlines.get(file)
        if outline is None:
            outline = self._outlines[file] = Outline(Source(self._files[file].text))
        offset = outline.source.offset(number, 1)
        body = outline.body_at(offset) or outline.body_behind(offset)
        return body.called if body else ""

    def text_at(self, file: str, number: int) -> str:
        """A line of a changed file without its end."""
        line = self.line(file, number)
        return line.text.rstrip("\r\n") if line else ""

    def line(self, file: str, number: int) -> Line | None:
        """A line of a changed file, with where it came from; None if there is none."""
        lines = self._files[file].lines if file in self._files else ()
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _is_added(self, file: str, line: int) -> bool:
        return self.origin(file, line) is None


def caused(
    findings: Iterable[Finding], before: Iterable[Finding], changes: Changes
) -> tuple[Finding, ...]:
    """Those of the findings that were not there `before`, one for one, in their order.

    A finding was there if one of the same rule, not less severe, stood on the same line.
    """
    there: defaultdict[tuple[str, At], list[Finding]] = defaultdict(list)
    for finding in before:
        there[finding.code, (finding.place.file, finding.place.region.line)].append(finding)
    left = list(findings)
    for alike in (_same_message, _as_severe):
        new = []
        for finding in left:
            origin = changes.origin(finding.place.file, finding.place.region.line)
            candidates = there[finding.code, origin] if origin else []
            match = next((old for old in candidates if alike(old, finding)), None)
            if match is None:
                new.append(finding)
            else:
                candidates.remove(match)
        left = new
    return tuple(left)


def _as_severe(old: Finding, new: Finding) -> bool:
    """Whether a finding that was there is at least as severe as a new one."""
    return at_least(old.level, new.level)


def _same_message(old: Finding, new: Finding) -> bool:
    """Whether two findings have the same message, except for the line numbers in it."""
    plain = [_NUMBER.sub("", finding.message) for finding in (old, new)]
    return _as_severe(old, new) and plain[0] == plain[1]
