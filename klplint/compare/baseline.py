"""Baselines: findings recorded as text, and the comparison of later runs with them.

A finding is recognised by its rule, file, function and the normalised text of its line, but not
by the line's number: so it survives edits elsewhere in the file. If the file is gone, the same
finding in another file takes its place, because files get renamed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote

import msgspec

from klplint.errors import BaselineError
from klplint.findings.finding import Finding
from klplint.findings.resolve import fingerprint_of, normalised

VERSION = 1
_HEADER = re.compile(r"# klplint baseline (\d+)\b")
_TITLE = (
    f"# klplint baseline {VERSION}: findings that `klplint check --baseline` does not report,\n"
    "# written by `klplint baseline`: rule, file, function, fingerprint, count\n"
)
_END = "# end"
_ENTRY = re.compile(r"([\w-]+) ([!-~]+) ([!-~]+) ([0-9a-f]{16}) ([1-9]\d{0,8})", re.ASCII)
_CONFLICT = re.compile(r"<{7}|={7}|>{7}|\|{7}")
_NO_FUNCTION = "-"


class Entry(NamedTuple):
    """What a finding is recognised by."""

    code: str
    file: str
    function: str
    """The function; "" outside all functions."""
    fingerprint: str


Baseline = Mapping[Entry, int]
"""How many findings of each kind are in a baseline."""


class BaselineMatch(msgspec.Struct, frozen=True):
    """The findings of a run compared with a baseline."""

    new: tuple[Finding, ...]
    """Those that the baseline does not have."""
    old: tuple[Finding, ...]
    """Those that the baseline has."""
    gone: tuple[tuple[Entry, int], ...]
    """Entries, with their number, that the run would have found again and did not."""


def entry_of(finding: Finding) -> Entry:
    """What a finding, with its excerpt, is recognised by."""
    function = finding.function or ""
    fingerprint = fingerprint_of(finding.code, function, normalised(finding.place.excerpt))[:16]
    return Entry(finding.code, finding.place.file, function, fingerprint)


def baseline_text(findings: Iterable[Finding]) -> str:
    """The text of a baseline: a line for each kind of finding, sorted as text."""
    counts = Counter(map(entry_of, findings))
    lines = sorted(_line(entry, number) for entry, number in counts.items())
    return "".join([_TITLE, *(f"{line}\n" for line in lines), f"{_END}\n"])


def _line(entry: Entry, number: int) -> str:
    file = quote(entry.file, safe="/+,=@~", errors="surrogateescape")
    function = quote(entry.function, safe="", errors="surrogateescape")
    function = "%2D" if function == _NO_FUNCTION else function  # a name, not a missing one
    return f"{entry.code} {file} {function or _NO_FUNCTION} {entry.fingerprint} {number}"


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; BaselineError, with the line, where it is not one, or is damaged."""
    try:
        text = path.read_bytes().decode("ascii", "replace")
    except OSError as error:
        raise BaselineError(f"{path}: cannot read the baseline: {error.strerror}") from None
    lines = text.replace("\r\n", "\n").split("\n")
    header = _HEADER.match(lines[0])
    if header is None:
        raise BaselineError(
            f"{path}:1: not a baseline; create one with `klplint baseline -o {path}`"
        )
    if int(header[1]) != VERSION:
        raise BaselineError(
            f"{path}:1: the baseline has version {header[1]}, but this klplint reads version "
            f"{VERSION}; recreate it with `klplint baseline -o {path}`"
        )
    while lines and not lines[-1]:
        lines.pop()
    if lines[-1] != _END:
        raise BaselineError(
            f'{path}:{len(lines)}: the baseline is truncated: the line "{_END}" is missing; '
            f"recreate it with `klplint baseline -o {path}`"
        )
    entries: dict[Entry, int] = {}
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            entry, count = _parsed(line, f"{path}:{number}")
            # A merge may leave two lines of one kind: the later state has the larger number.
            entries[entry] = max(count, entries.get(entry, 0))
    return entries


def _parsed(line: str, place: str) -> tuple[Entry, int]:
    """The entry in a line, and its number; `place` is what to call the line in an error."""
    match = _ENTRY.fullmatch(line)
    if match is None and _CONFLICT.match(line):
        raise BaselineError(f"{place}: the baseline has a merge conflict; resolve it")
    if match is None:
        raise BaselineError(
            f"{place}: the baseline is corrupt: expected rule, file, function, fingerprint (16 "
            "hexadecimal digits) and count; recreate it with `klplint baseline`"
        )
    file = unquote(match[2], errors="surrogateescape")
    function = "" if match[3] == _NO_FUNCTION else unquote(match[3], errors="surrogateescape")
    return Entry(match[1], file, function, match[4]), int(match[5])


def match_findings(
    baseline: Baseline,
    findings: Iterable[Finding],
    exists: Callable[[str], bool],
    was_linted: Callable[[Entry], bool],
) -> BaselineMatch:
    """The findings compared with a baseline; of several alike, the first ones are the old ones.

    `exists` says whether the tree has a file, `was_linted` whether the run would have found an
    entry again. What the baseline has in a file that is gone is looked for in other files: first
    in files of the same name, then in all.
    """
    matching = _Matching(baseline)
    new = matching.unmatched(findings, lambda entry: [entry])
    moved: defaultdict[Entry, list[Entry]] = defaultdict(list)
    for entry, _ in matching.left():
        if not exists(entry.file):
            moved[_without_file(entry)].append(entry)
    new = matching.unmatched(
        new, lambda entry: [m for m in moved[_without_file(entry)] if _have_same_name(m, entry)]
    )
    new = matching.unmatched(new, lambda entry: moved[_without_file(entry)])
    return BaselineMatch(
        new=tuple(sorted(new, key=lambda finding: finding.order)),
        old=tuple(matching.old),
        gone=tuple((entry, number) for entry, number in matching.left() if was_linted(entry)),
    )


class _Matching:
    """Findings matched with the entries of a baseline, each of which is used up by its match."""

    def __init__(self, baseline: Baseline) -> None:
        self._left = Counter(baseline)
        self.old: list[Finding] = []

    def left(self) -> list[tuple[Entry, int]]:
        """The entries that are not used up, with their number."""
        return [(entry, number) for entry, number in sorted(self._left.items()) if number]

    def unmatched(
        self, findings: Iterable[Finding], candidates: Callable[[Entry], Iterable[Entry]]
    ) -> list[Finding]:
        """The findings for which no entry is left; the others become old.

        `candidates` are the entries that can match a finding, the best first.
        """
        unmatched = []
        for finding in findings:
            if self._take(candidates(entry_of(finding))):
                self.old.append(finding)
            else:
                unmatched.append(finding)
        return unmatched

    def _take(self, candidates: Iterable[Entry]) -> bool:
        """Whether one of the candidates is left; the first of them is then used up."""
        for entry in candidates:
            if self._left[entry]:
                self._left[entry] -= 1
                return True
        return False


def _without_file(entry: Entry) -> Entry:
    return entry._replace(file="")


def _have_same_name(one: Entry, other: Entry) -> bool:
    return PurePosixPath(one.file).name == PurePosixPath(other.file).name


def statistics_lines(match: BaselineMatch) -> Iterator[str]:
    """What --statistics prints of a baseline: how many findings it has, and which are gone."""
    gone = sum(number for _, number in match.gone)
    yield f"baseline: {len(match.old):,} known, {len(match.new):,} new, {gone:,} gone"
    for entry, number in match.gone:
        function = f" in {entry.function}()" if entry.function else ""
        times = f", {number} times" if number > 1 else ""
        yield f"gone: {entry.code} {entry.file}{function}{times}"
