"""Fixtures say on the line what is to be found there; here that is held against findings."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from klplint.findings.finding import Finding

_EXPECTATION = re.compile(r"/\*\s*(?:want|ok:|tokens).*?\*/")
_WANT = re.compile(r'/\*\s*want\s+(KLP\d+)\s+(?:(note|warning|error)\s+)?"((?:[^"\\]|\\.)*)"\s*\*/')
_LISTED = re.compile(r'([^#:]+):(\d+) (KLP\d+) (note|warning|error|any) "(.*)"')


class Want(NamedTuple):
    """A finding that a line of a fixture asks for; an empty level leaves it open."""

    file: str
    line: int
    code: str
    level: str
    pattern: str

    def fits(self, finding: Finding) -> bool:
        return (
            (finding.place.file, finding.place.region.line, finding.code)
            == (self.file, self.line, self.code)
            and self.level in ("", finding.level)
            and re.search(self.pattern, finding.message) is not None
        )


def blanked_copy(directory: Path, target: Path) -> Path:
    """A copy of a directory of fixtures without its expectations, lines and columns kept."""
    shutil.copytree(directory, target)
    for path in target.rglob("*"):
        if path.suffix in (".c", ".h", ".S", ".csv"):
            path.write_text(blanked(path.read_text(encoding="utf-8")), encoding="utf-8")
    return target


def blanked(text: str) -> str:
    """A text without its expectations, lines and columns kept."""
    return _EXPECTATION.sub(lambda m: " " * len(m[0]), text)


def wants_of(directory: Path) -> list[Want]:
    """All findings that the fixtures of a directory ask for."""
    return [
        want
        for path in sorted([*directory.rglob("*.[chS]"), *directory.rglob("*.csv")])
        for want in wants_in_text(
            path.relative_to(directory).as_posix(), path.read_text(encoding="utf-8")
        )
    ]


def wants_in_text(file: str, text: str, first_line: int = 1) -> list[Want]:
    """The findings that a text asks for, which begins at `first_line` of `file`."""
    return [
        Want(file, number, match[1], match[2] or "", match[3])
        for number, line in enumerate(text.split("\n"), first_line)
        for match in _WANT.finditer(line)
    ]


def lines_marked(directory: Path, mark: str) -> set[tuple[str, int]]:
    """The lines of a directory's fixtures that bear a mark, each with its file."""
    return {
        (path.relative_to(directory).as_posix(), number)
        for path in directory.rglob("*.[chS]")
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if mark in line
    }


def wants_in(listing: Path) -> list[Want]:
    """All findings that a listing (minikernel.expected) asks for."""
    matches = map(_LISTED.fullmatch, listing.read_text(encoding="utf-8").splitlines())
    return [
        Want(match[1], int(match[2]), match[3], match[4].replace("any", ""), match[5])
        for match in matches
        if match
    ]


def differences(wants: list[Want], findings: tuple[Finding, ...]) -> list[str]:
    """What was asked for and not found, and what was found and not asked for."""
    left = list(findings)
    missing = []
    for want in wants:
        fitting = next((finding for finding in left if want.fits(finding)), None)
        if fitting is None:
            missing.append(
                f'{want.file}:{want.line}: missing {want.code} {want.level} "{want.pattern}"'
            )
        else:
            left.remove(fitting)
    extra = [
        f"{f.place.file}:{f.place.region.line}: extra {f.code} {f.level} {f.message}" for f in left
    ]
    return sorted([*missing, *extra])
