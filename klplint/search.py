"""Which files name a watched identifier: a plain text search, the first and cheapest sieve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be read, and why."""

    file: str
    reason: str


def files_naming(
    root: Path, files: Iterable[str], names: frozenset[str]
) -> tuple[list[str], list[Unreadable]]:
    """Those of `files` (relative to `root`) whose text holds one of `names` as a whole word.

    The bare substring search is far faster than a regular expression, and nearly all files
    end there; only a file that holds a name's letters is searched for the word.
    """
    needles = [name.encode() for name in sorted(names)]
    word = re.compile(rb"(?<!\w)(?:" + b"|".join(map(re.escape, needles)) + rb")(?!\w)")
    hits: list[str] = []
    unreadable: list[Unreadable] = []
    for name in files:
        try:
            content = (root / name).read_bytes()
        except OSError as error:
            unreadable.append(Unreadable(name, error.strerror or str(error)))
            continue
        if any(needle in content for needle in needles) and word.search(content):
            hits.append(name)
    return hits, unreadable
