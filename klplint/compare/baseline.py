"""Baselines: the findings of one day, kept as text, and what later runs find beyond them.

A finding is known again by its rule, file, function and the normalised text of its line, not by
its number; so it survives edits elsewhere in the file. If the file is gone, a finding that is
alike in another file makes up for it: files are renamed.
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
    f"# klplint baseline {VERSION}: findings that `klplint check --baseline` leaves out,\n"
    "# as `klplint baseline` wrote them: rule, file, function, fingerprint, how many\n"
)
_END = "# end"
_ENTRY = re.compile(r"([\w-]+) ([!-~]+) ([!-~]+) ([0-9a-f]{16}) ([1-9]\d{0,8})", re.ASCII)
_CONFLICT = re.compile(r"<{7}|={7}|>{7}|\|{7}")
_NO_FUNCTION = "-"


class Known(NamedTuple):
    """What a finding is known again by; `function` is "" outside all functions."""

    code: str
    file: str
    function: str
    fingerprint: str


Baseline = Mapping[Known, int]
"""How many findings of each kind are known."""


class BaselineMatch(msgspec.Struct, frozen=True):
    """Findings held against a baseline: the new ones, how many are known, and what is gone.

    `gone` are those of the baseline that the run would have found, and did not, with their number.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: tuple[tuple[Known, int], ...]


def known_by(finding: Finding) -> Known:
    """What a finding, with its excerpt, is known again by."""
    function = finding.function or ""
    fingerprint = fingerprint_of(finding.code, function, normalised(finding.place.excerpt))[:16]
    return Known(finding.code, finding.place.file, function, fingerprint)


def render(findings: Iterable[Finding]) -> str:
    """The text of a baseline: a line for each kind of finding, sorted as text."""
    counted = Counter(map(known_by, findings))
    lines = sorted(_line(known, number) for known, number in counted.items())
    return "".join([_TITLE, *(f"{line}\n" for line in lines), f"{_END}\n"])


def _line(known: Known, number: int) -> str:
    file = quote(known.file, safe="/+,=@~", errors="surrogateescape")
    function = quote(known.function, safe="", errors="surrogateescape")
    return f"{known.code} {file} {function or _NO_FUNCTION} {known.fingerprint} {number}"


def read(path: Path) -> Baseline:
    """The baseline in a file; BaselineError, with the line, where it is none, or is damaged."""
    try:
        text = path.read_bytes().decode("ascii", "replace")
    except OSError as error:
        raise BaselineError(f"{path}: the baseline cannot be read: {error.strerror}") from None
    lines = text.replace("\r\n", "\n").split("\n")
    header = _HEADER.match(lines[0])
    if header is None:
        raise BaselineError(
            f"{path}:1: is no baseline; write one with `klplint baseline -o {path}`"
        )
    if int(header[1]) != VERSION:
        raise BaselineError(
            f"{path}:1: is a baseline of version {header[1]}, this klplint reads version "
            f"{VERSION}; write it anew with `klplint baseline -o {path}`"
        )
    while lines and not lines[-1]:
        lines.pop()
    if lines[-1] != _END:
        raise BaselineError(
            f'{path}:{len(lines)}: the baseline is cut off, its last line "{_END}" is missing; '
            f"write it anew with `klplint baseline -o {path}`"
        )
    known: dict[Known, int] = {}
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            entry, count = _entry(line, f"{path}:{number}")
            # A merge may leave two lines of one kind: the later state has the larger number.
            known[entry] = max(count, known.get(entry, 0))
    return known


def _entry(line: str, place: str) -> tuple[Known, int]:
    match = _ENTRY.fullmatch(line)
    if match is None and _CONFLICT.match(line):
        raise BaselineError(f"{place}: the baseline has a conflict of a merge; resolve it first")
    if match is None:
        raise BaselineError(
            f"{place}: the baseline is damaged: a line holds rule, file, function, fingerprint "
            "of 16 hexadecimal digits, and number"
        )
    file = unquote(match[2], errors="surrogateescape")
    function = "" if match[3] == _NO_FUNCTION else unquote(match[3], errors="surrogateescape")
    return Known(match[1], file, function, match[4]), int(match[5])


def compare(
    baseline: Baseline,
    findings: Iterable[Finding],
    exists: Callable[[str], bool],
    looked_at: Callable[[Known], bool],
) -> BaselineMatch:
    """What of `findings` is new; of several that are alike, the first ones are the known.

    `exists` says of a file of the tree whether it is there, `looked_at` whether the run would have
    found a finding again.
    """
    left = Counter(baseline)
    new, known = _matched(findings, lambda finding: _taken(left, known_by(finding)))
    elsewhere: defaultdict[Known, list[Known]] = defaultdict(list)
    for entry in sorted(left):
        if left[entry] and not exists(entry.file):
            elsewhere[entry._replace(file="")].append(entry)
    for same_name in (True, False):

        def was_moved(finding: Finding, same_name: bool = same_name) -> bool:
            own = known_by(finding)
            name = PurePosixPath(own.file).name
            return any(
                _taken(left, entry)
                for entry in elsewhere[own._replace(file="")]
                if not same_name or PurePosixPath(entry.file).name == name
            )

        new, moved = _matched(new, was_moved)
        known += moved
    gone = [(entry, number) for entry, number in sorted(left.items()) if number]
    return BaselineMatch(
        tuple(sorted(new, key=lambda finding: finding.order)),
        tuple(known),
        tuple((entry, number) for entry, number in gone if looked_at(entry)),
    )


def _matched(
    findings: Iterable[Finding], is_known: Callable[[Finding], bool]
) -> tuple[list[Finding], list[Finding]]:
    """Findings that are not known, and those that are."""
    parts: tuple[list[Finding], list[Finding]] = ([], [])
    for finding in findings:
        parts[is_known(finding)].append(finding)
    return parts


def _taken(left: Counter[Known], entry: Known) -> bool:
    """Whether the baseline has such a finding left, which is then used up."""
    if not left[entry]:
        return False
    left[entry] -= 1
    return True


def statistics_lines(comparison: BaselineMatch) -> Iterator[str]:
    """What --statistics tells of a baseline: how many findings are known, and which are gone."""
    gone = sum(number for _, number in comparison.gone)
    yield f"baseline: {len(comparison.known):,} known, {len(comparison.new):,} new, {gone:,} gone"
    for known, number in comparison.gone:
        function = f" in {known.function}()" if known.function else ""
        times = f", {number} times" if number > 1 else ""
        yield f"gone: {known.code} {known.file}{function}{times}"
