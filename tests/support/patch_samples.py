"""Diffs and findings made for tests of patches."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from klplint.compare.patches.diff import Diff, read_diff, split_text
from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place
from klplint.findings.levels import Level


def unified(old: Sequence[str], new: Sequence[str], name: str = "x.c", context: int = 3) -> str:
    """A diff as git writes it, of lines with their ends."""

    def lines() -> Iterator[str]:
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=context):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"

    return "".join(lines())


def diff_of(text: str) -> Diff:
    """A diff from its text."""
    return read_diff(list(enumerate(split_text(text), 1)), "x.patch")


def finding(
    line: int,
    *,
    file: str = "x.c",
    code: str = "KLP003",
    level: Level = "warning",
    message: str = "no comment",
    function: str | None = "reader",
    excerpt: str = "\tsmp_rmb();",
    related: tuple[Place, ...] = (),
) -> Finding:
    """A finding as a run gives it."""
    place = Place(file, Region(line, 2, line, 9), excerpt=excerpt)
    return Finding(code, level, message, place, function=function, related=related)
