"""Which files name what is looked for: a plain text search, the first and cheapest sieve.

Hyperscan looks for all names at once: a tree costs about as much as reading it, for two names
or for hundreds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import hyperscan
import msgspec

# What a name may leave open, as comments write it: foo_*, foo_<start|end>, foo_{start,end}.
_OPEN = re.compile(r"\*|<[\w|]+>|\{[\w,]+\}")
# Open parts beyond these are taken as written: no person writes so many, and each makes trying a
# name slower by its length.
_MOST_OPEN = 3


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be read, and why."""

    file: str
    reason: str


def name_pattern(name: str) -> str:
    """The regular expression of a name that may leave parts of it open."""
    pieces, last = [], 0
    for match in islice(_OPEN.finditer(name), _MOST_OPEN):
        pieces.append(re.escape(name[last : match.start()]))
        arms = re.split(r"[|,]", match[0].strip("<>{}"))
        pieces.append(r"\w*" if match[0] == "*" else f"(?:{'|'.join(arms)})")
        last = match.end()
    return "".join(pieces) + re.escape(name[last:])


class Words:
    """Regular expressions to be found as whole words, all at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = sorted(set(patterns))
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[rf"\b(?:{pattern})\b".encode() for pattern in self._patterns],
            ids=list(range(len(self._patterns))),
            elements=len(self._patterns),
            flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(self._patterns),
        )

    def occur_in(self, content: bytes) -> bool:
        """Whether any of them occurs; the scan ends with the first one."""
        try:
            self._database.scan(content, match_event_handler=lambda *match: True)
        except hyperscan.ScanTerminated:
            return True
        return False

    def places(self, content: bytes) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""
        found: list[tuple[str, int]] = []

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> None:
            found.append((self._patterns[number], start))

        self._database.scan(content, match_event_handler=on_match)
        return found


def files_naming(
    root: Path, files: Iterable[str], names: frozenset[str]
) -> tuple[list[str], list[Unreadable]]:
    """Those of `files` (relative to `root`) whose text holds one of `names` as a whole word."""
    words = Words(map(re.escape, names))
    hits: list[str] = []
    unreadable: list[Unreadable] = []
    for name in files:
        try:
            content = (root / name).read_bytes()
        except OSError as error:
            unreadable.append(Unreadable(name, error.strerror or str(error)))
            continue
        if words.occur_in(content):
            hits.append(name)
    return hits, unreadable
