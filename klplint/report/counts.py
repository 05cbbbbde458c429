"""Counts in words, the same in all formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from klplint.findings.finding import Finding
from klplint.findings.levels import LEVELS


def counted(number: int, noun: str) -> str:
    """A number with its noun, as in "1 file", "2 files", "3 fixes"."""
    plural = "es" if noun.endswith("x") else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def summarised(findings: Collection[Finding]) -> str:
    """How many findings there are, in how many files, of which levels; no full stop."""
    if not findings:
        return "No findings"
    files = counted(len({finding.place.file for finding in findings}), "file")
    return f"{counted(len(findings), 'finding')} in {files}: {by_level(findings)}"


def by_level(findings: Iterable[Finding]) -> str:
    """How many findings there are of each level, the worst first: "2 errors, 1 note"."""
    levels = Counter(finding.level for finding in findings)
    return ", ".join(counted(levels[level], level) for level in reversed(LEVELS) if levels[level])
