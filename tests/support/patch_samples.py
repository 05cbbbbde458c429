"""Diffs and findings made for tests of patches."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from klplint.compare.changed_lines import Changes
from klplint.compare.patches.diff import Diff, read_diff, split_text
from klplint.compare.patches.series import apply_series
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


OLD = [f"line {n}\n" for n in range(1, 21)]
NEW = [*OLD[:4], "added 5\n", "added 6\n", *OLD[4:14], *OLD[15:]]  # line 15 is gone


def changes_of(old: list[str], new: list[str], more: str = "") -> Changes:
    """The change of x.c from some lines to others, and what a further diff does to w.c."""
    tree = {"x.c": "".join(old), "w.c": "void writer(void)\n\twriter();\n"}
    patch = apply_series([diff_of(unified(old, new) + more)], tree.get, "x.patch")
    return Changes(patch.changes, patch.hunks, "x.patch")


CHANGES = changes_of(OLD, NEW)
