"""Which files name what is looked for: a plain text search, the first and cheapest sieve.

Hyperscan looks for all names at once: a tree costs about as much as reading it, for two names
or for hundreds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import hyperscan

_PLAIN = re.compile(r"\w+")
# No name is longer, not even with its open parts.
_LONGEST = 1000

Content = bytes | memoryview


class FewWords:
    """As `Words`, for few files: they are looked for one by one, which needs no preparation."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """`patterns` fit nothing but letters, digits and underscores, or text as it is written."""
        self._patterns = {pattern: _whole_word(pattern) for pattern in sorted(set(patterns))}

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""
        return [
            (pattern, match.start())
            for pattern, compiled in self._patterns.items()
            for match in compiled.finditer(content)
        ]


def _whole_word(pattern: str) -> re.Pattern[bytes]:
    if _PLAIN.fullmatch(pattern):  # found many times as fast if nothing comes before the literal
        return re.compile(rf"{pattern}(?<!\w{pattern})\b".encode())
    return re.compile(rf"\b(?:{pattern})\b".encode())


class Words:
    """Regular expressions to be found as whole words, all at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """`patterns` fit nothing but letters, digits and underscores, or text as it is written."""
        self._patterns = sorted(set(patterns))
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[rf"\b(?:{pattern})\b".encode() for pattern in self._patterns],
            ids=list(range(len(self._patterns))),
            elements=len(self._patterns),
            flags=[0] * len(self._patterns),
        )

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins.

        Hyperscan tells the ends: to tell the beginnings as well takes it several times as long.
        """
        found: list[tuple[int, int]] = []

        def on_match(number: int, start: int, end: int, flags: int, context: object) -> None:
            found.append((number, end))

        self._database.scan(content, match_event_handler=on_match)  # type: ignore[type-var]
        return [
            (self._patterns[n], self._start(self._patterns[n], content, end)) for n, end in found
        ]

    def _start(self, pattern: str, content: Content, end: int) -> int:
        if _PLAIN.fullmatch(pattern):
            return end - len(pattern)
        before = bytes(content[max(0, end - _LONGEST) : end])
        match = re.search(rb"\b(?:%s)\Z" % pattern.encode(), before)
        return end - len(before) + match.start() if match else end


class Files:
    """Reads files below a folder, one after the other, into the same memory."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._buffer = bytearray(1 << 20)

    def read(self, name: str) -> memoryview:
        """The content of a file, good until the next one is read. Raises OSError."""
        path = name if name.startswith("/") else f"{self._root}/{name}"
        handle = os.open(path, os.O_RDONLY)
        try:
            size = os.readv(handle, [self._buffer])
            while size == len(self._buffer):
                self._buffer = bytearray(2 * max(size, os.fstat(handle).st_size))
                os.lseek(handle, 0, os.SEEK_SET)
                size = os.readv(handle, [self._buffer])
        finally:
            os.close(handle)
        return memoryview(self._buffer)[:size]
