"""Changed lines: which findings are on them, and which ones they cause elsewhere.

A change causes a finding on a line that was there before if a run on the state before does not
find it there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from klplint.compare.patches.apply import Line
from klplint.compare.patches.diff import HunkLine
from klplint.compare.patches.series import Change
from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place
from klplint.findings.levels import at_least

_NEAR = 3
"""Lines between a change and a finding that it is likely to have caused."""
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w+")
_CALLED = re.compile(r"\w+(?=\(\))")

At = tuple[str, int]
"""A file and a line of it."""


class Changes:
    """What was changed between two states of a tree, asked by places of the later one."""

    def __init__(
        self, changes: Iterable[Change], edits: Sequence[HunkLine] = (), patch: str = ""
    ) -> None:
        """Take the changes of files, and the edits of the patch that made them, if one did.

        `patch` is the name of the patch in reports.
        """
        self._files = {c.new: c for c in changes if c.new is not None}
        self._edits = edits
        self._patch = patch

    def origin(self, file: str, line: int) -> At | None:
        """Where a line was before; None for one that was added."""
        change = self._files.get(file)
        if change is None:
            return file, line
        if change.old is None:
            return None
        changed = self._line(file, line)
        if changed is None:
            return change.old, line  # after the end: about the file as a whole
        return (change.old, changed.origin) if changed.origin is not None else None

    def is_on(self, finding: Finding) -> bool:
        """Whether a finding is on a line that was added or changed."""
        return any(self._is_added(finding.place.file, line) for line in _lines(finding.place))

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
        if any(self._is_added(refuted.file, line) for line in _lines(refuted)):
            return finding
        return msgspec.structs.replace(finding, level=finding.caused_level)

    def explained(self, finding: Finding) -> Finding:
        """A finding with the line of the patch that added its line, or that may be its cause."""
        if not self._patch:
            return finding
        edit, label = self._added_at(finding), "the patch adds this line"
        if edit is None:
            edit, label = self._cause(finding), "this line of the patch may be the cause"
        if edit is None:
            return finding
        text = f"{edit.kind}{edit.text}".rstrip("\r\n")
        region = Region(edit.number, 1, edit.number, len(text) + 1)
        place = Place(self._patch, region, label, text)
        return msgspec.structs.replace(finding, related=(*finding.related, place))

    def _added_at(self, finding: Finding) -> HunkLine | None:
        """The line of the patch that added a line which a finding points to, its place first."""
        places = [(finding.place.file, line) for line in _lines(finding.place)]
        places += [(p.file, p.region.line) for p in (*finding.related, *finding.steps)]
        for file, number in places:
            line = self._line(file, number)
            if line is not None and line.added is not None:
                return line.added
        return None

    def _cause(self, finding: Finding) -> HunkLine | None:
        """The line of the patch that is most likely to have caused a finding elsewhere."""
        return (
            self._near(finding.place, _NEAR)
            or self._naming(finding)
            or self._near(finding.place)
            or next(iter(self._edits), None)
        )

    def _near(self, place: Place, most: int | None = None) -> HunkLine | None:
        """The change nearest to a place in its file, at `most` that many lines away."""
        lines: tuple[Line, ...] = self._files[place.file].lines if self.has(place.file) else ()
        index = place.region.line - 1
        changed = [n for n, line in enumerate(lines) if line.added or line.removed]
        nearest = min(changed, key=lambda n: abs(n - index), default=None)
        if nearest is None or (most is not None and abs(nearest - index) > most):
            return None
        return lines[nearest].removed or lines[nearest].added

    def _naming(self, finding: Finding) -> HunkLine | None:
        """The edit that names most functions of a finding's message.

        Among several, a removal is preferred, then an unindented line: it may be a definition.
        """
        called = set(_CALLED.findall(finding.message)) - {finding.function}

        def rank(edit: HunkLine) -> tuple[int, bool, bool]:
            shared = called & set(_WORD.findall(edit.text))
            return len(shared), edit.kind == "-", not edit.text[:1].isspace()

        best = max(self._edits, key=rank, default=None)
        return best if best is not None and rank(best)[0] else None

    def _line(self, file: str, number: int) -> Line | None:
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


def _lines(place: Place) -> range:
    return range(place.region.line, max(place.region.line, place.region.end_line) + 1)
