"""The part of a change that is behind each finding: it added the line, or it may be the cause.

The cause of a finding on a line that the change does not touch is a guess. Lines near the finding
come first, then those that change a function which its message mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from klplint.compare.changed_lines import Changes
from klplint.compare.patches.diff import HunkLine
from klplint.compare.patches.series import FileHunk
from klplint.facts.region import Region
from klplint.findings.finding import Finding, HunkPart, Place

_NEAR = 3
"""Lines between a change and a finding that it is likely to have caused."""
_MOST_LINES = 16
"""Lines of a hunk that are shown, around the one that matters."""
_CONTEXT = 3
"""Unchanged lines that are shown before and after the changed ones, as git does."""
_WORD = re.compile(r"\w+")
_CALLED = re.compile(r"\w+(?=\(\))")


class _Edit(NamedTuple):
    """A line that a hunk adds or removes."""

    hunk: FileHunk
    place: int
    """Which of the lines of the hunk it is."""
    function: str
    """The function around it as far as the hunk shows it, else ""."""
    words: frozenset[str]
    """The words in it that findings are about."""

    @property
    def line(self) -> HunkLine:
        return self.hunk.hunk.lines[self.place]


def explained(
    findings: Sequence[Finding], changes: Changes, watched: AbstractSet[str] = frozenset()
) -> tuple[Finding, ...]:
    """Findings that count, each with the part of the change that is behind it.

    `watched` are names that rules watch: a line with one is more likely to be a cause.
    """
    behind = _Behind(changes, findings, watched)
    return tuple(behind.explained(finding) for finding in findings)


def edited_functions(changes: Changes) -> frozenset[tuple[str, str]]:
    """The functions in which lines are added or removed, each with its file."""
    functions = set()
    for each in changes.hunks:
        for index, line in enumerate(each.hunk.lines):
            if line.kind == " ":
                continue
            function = _function_around(each, index)
            at = changes.place_of(line)
            if not function and at and each.hunk.header.endswith("@@"):
                function = changes.function_at(*at)  # a diff without -p does not say it
            if function:
                functions.add((at[0] if at else each.file, function))
    return frozenset(functions)


class _Behind:
    """The hunks of a change, asked by findings."""

    def __init__(
        self, changes: Changes, findings: Iterable[Finding], watched: AbstractSet[str]
    ) -> None:
        self._changes = changes
        self._watched = watched
        # By identity: the lines of two encoded mails may have the same numbers.
        self._places = {
            id(line): (each, index)
            for each in changes.hunks
            for index, line in enumerate(each.hunk.lines)
            if line.kind != " "
        }
        elsewhere = [finding for finding in findings if not changes.is_on(finding)]
        self._edits = tuple(_edits(changes.hunks, _names(elsewhere) | watched))

    def explained(self, finding: Finding) -> Finding:
        """A finding with the line that is behind it as a related place, and its hunk."""
        is_cause = not self._changes.is_on(finding)
        edit, label = self._added_at(finding), "the patch adds this line"
        if edit is None:
            edit, label = self._cause(finding), "this line of the patch may be the cause"
        if edit is None:
            return finding
        at = self._places.get(id(edit))
        part = _part(*at, *self._in_tree(at[0]), is_cause=is_cause) if at else None
        place = self._place(edit, part, label)
        related = (*finding.related, place) if place else finding.related
        if part is not None:
            part = msgspec.structs.replace(part, place=place)
        return msgspec.structs.replace(finding, related=related, hunk=part)

    def _place(self, edit: HunkLine, part: HunkPart | None, label: str) -> Place | None:
        """The related place for a line: in the patch, or for a cause in the changed file."""
        if self._changes.patch:
            text = f"{edit.kind}{edit.text}".rstrip("\r\n")
            region = Region(edit.number, 1, edit.number, len(text) + 1)
            return Place(self._changes.patch, region, label, text)
        if part is None or not part.is_cause:
            return None
        at = self._changes.place_of(edit)
        if at is None:
            return None
        text = self._changes.text_at(*at)
        return Place(
            at[0], Region(at[1], 1, at[1], len(text) + 1), "this change may be the cause", text
        )

    def _in_tree(self, each: FileHunk) -> tuple[str, int]:
        """The file of a hunk after all changes, and where it begins there as far as that shows."""
        for before, line in enumerate(each.hunk.edits):
            at = self._changes.place_of(line)
            if at is not None:
                index = next(n for n, other in enumerate(each.hunk.lines) if other is line)
                kept = sum(other.kind != "-" for other in each.hunk.lines[:index])
                return (at[0], max(at[1] - kept, 1)) if before == 0 else (at[0], at[1])
        return each.file, 1

    def _added_at(self, finding: Finding) -> HunkLine | None:
        """The line that added a line which a finding points to, its place first."""
        places = [(finding.place.file, line) for line in finding.place.lines]
        places += [(p.file, p.region.line) for p in (*finding.related, *finding.steps)]
        for file, number in places:
            line = self._changes.line(file, number)
            if line is not None and line.added is not None:
                return line.added
        return None

    def _cause(self, finding: Finding) -> HunkLine | None:
        """The line of the change that is most likely to have caused a finding elsewhere."""
        near = self._changes.nearest(finding.place, _NEAR)
        likely = near or self._naming(finding) or self._changes.nearest(finding.place)
        if likely is None and self._changes.patch:  # somebody may reply to it, so say something
            return next((line for each in self._changes.hunks for line in each.hunk.edits), None)
        return likely

    def _naming(self, finding: Finding) -> HunkLine | None:
        """The line that changes a function which the message mentions, or that names most of them.

        Among several, a removal is preferred, then an unindented line: it may be a definition.
        """
        called = _called(finding)

        def rank(edit: _Edit) -> tuple[bool, int, bool, bool]:
            is_inside = edit.function in called
            shared = len(called & edit.words) + (is_inside and bool(self._watched & edit.words))
            line = edit.line
            return is_inside, shared, line.kind == "-", not line.text[:1].isspace()

        best = max(self._edits, key=rank, default=None)
        return best.line if best is not None and any(rank(best)[:2]) else None


def _called(finding: Finding) -> set[str]:
    """The functions that a message mentions, without the one that the finding is in."""
    return set(_CALLED.findall(finding.message)) - {finding.function or ""}


def _names(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(name for finding in findings for name in _called(finding))


def _edits(hunks: Iterable[FileHunk], names: AbstractSet[str]) -> Iterator[_Edit]:
    """The changed lines that have one of the names, or are in the function of one."""
    if not names:
        return
    for each in hunks:
        for index, line in enumerate(each.hunk.lines):
            if line.kind == " ":
                continue
            words = names & set(_WORD.findall(line.text))
            function = _function_around(each, index)
            if words or function in names:
                yield _Edit(each, index, function, frozenset(words))


def _function_around(each: FileHunk, index: int) -> str:
    """The function around a line of a hunk, from the lines above and from the hunk's header."""
    lines = each.hunk.lines
    for line in reversed(lines[: index + 1]):
        if line.kind not in (" ", lines[index].kind):
            continue
        if line.text.startswith("}") and line is not lines[index]:
            return ""
        if name := _defined(line.text):
            return name
    return _defined(each.hunk.header.rpartition("@@ ")[2])


def _defined(line: str) -> str:
    """The function whose head a line is in kernel style, from the first column on; else ""."""
    before, bracket, _ = line.partition("(")
    names = _WORD.findall(before) if bracket and _WORD.match(before) else ()
    return names[-1] if names else ""


def _part(each: FileHunk, index: int, file: str, line: int, *, is_cause: bool) -> HunkPart:
    """The lines of a hunk around one, as many as are shown."""
    lines = each.hunk.lines
    first = last = index
    while first > 0 and lines[first - 1].kind != " ":
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].kind != " ":
        last += 1
    first = max(first - _CONTEXT, index - _MOST_LINES // 2, 0)
    last = min(last + _CONTEXT, index + _MOST_LINES // 2 - 1, len(lines) - 1)
    return HunkPart(
        file=file,
        line=line + sum(other.kind != "-" for other in lines[:first]),
        names=each.names,
        header=each.hunk.header,
        lines=tuple(f"{o.kind}{o.text}".rstrip("\r\n") for o in lines[first : last + 1]),
        at=index - first,
        number=lines[index].number,
        is_cause=is_cause,
    )
