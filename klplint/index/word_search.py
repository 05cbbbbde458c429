"""Which files name what is looked for: a plain text search, the first and cheapest sieve.

Hyperscan (the extra `fast`) looks for all names at once: a tree costs about as much as reading it,
for two names or for hundreds. Without it, each file is split into words, which costs about ten
times as much, for any number of names. Both find the same places.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

try:
    import hyperscan
except ImportError:  # not installed, or no wheel fits this Python
    hyperscan = None  # type: ignore[assignment]

_PLAIN = re.compile(r"\w+")
# A pattern that fits nothing but letters, digits and underscores, if it does not fit "".
_ONE_WORD = re.compile(r"(?:\w|\\w\*|\(\?:|[|)])+")
_WORD_BYTES = frozenset(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACES_BETWEEN_WORDS = bytes(byte if byte in _WORD_BYTES else ord(" ") for byte in range(256))
# To look for so many names one by one takes as long as to split the text into its words.
_FEW_NAMES = 16
# Hyperscan prepares plain text a hundred times as fast as whole words. A name that is at least so
# long is looked for as plain text, because few other words contain it.
_SELDOM_PART_OF_A_WORD = 6
# Hyperscan takes half a second to prepare for so much plain text.
_MOST_COMPILED = 16_000
# It takes two seconds to prepare for so many whole words, and much longer for twice as many.
_MOST_WHOLE_WORDS = 1000
_WORD = re.compile(rb"\w+")

Content = bytes | memoryview


class _Search(Protocol):
    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""


class FewWords:
    """As `Words`, for few files: they are looked for one by one, which needs no preparation."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """`patterns` are those of names (`csource.open_names`), or text in which all is escaped."""
        self._patterns = {pattern: _whole_word(pattern) for pattern in sorted(set(patterns))}

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""
        return [
            (pattern, match.start())
            for pattern, compiled in self._patterns.items()
            for match in compiled.finditer(content)
        ]


def _whole_word(pattern: str) -> re.Pattern[bytes]:
    literal = _PLAIN.match(pattern)
    if literal:  # found many times as fast if nothing comes before the literal
        rest = pattern[literal.end() :]
        return re.compile(rf"{literal[0]}(?<!\w{literal[0]}){rest}\b".encode())
    return re.compile(rf"\b(?:{pattern})\b".encode())


class Words:
    """Regular expressions to be found as whole words, all at once."""

    def __init__(self, patterns: Iterable[str], quickly: bool = False) -> None:
        """`patterns` are those of names (`csource.open_names`), or text in which all is escaped.

        `quickly` says that few files will be searched, so that preparations are not worth it.
        """
        words: list[str] = []
        others: list[str] = []
        for pattern in sorted(set(patterns)):
            (words if _fits_one_word(pattern) else others).append(pattern)
        self._words = _search_for(words, quickly)
        # Occurrences of other text may overlap; one implementation decides which ones count.
        self._others = FewWords(others)

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""
        return self._words.places(content) + self._others.places(content)


def _fits_one_word(pattern: str) -> bool:
    return bool(_ONE_WORD.fullmatch(pattern)) and not re.fullmatch(pattern, "")


def _search_for(patterns: Sequence[str], quickly: bool) -> _Search:
    if hyperscan is not None and not quickly and _can_compile(patterns):
        return HyperscanWords(patterns)
    return DictionaryWords(patterns) if len(patterns) > _FEW_NAMES else FewWords(patterns)


def _can_compile(patterns: Sequence[str]) -> bool:
    """Whether hyperscan takes the patterns: it refuses none at all, and is slow for too many."""
    whole_words = sum(not _is_found_as_text(pattern) for pattern in patterns)
    return 0 < len(patterns) <= _MOST_COMPILED and whole_words <= _MOST_WHOLE_WORDS


def _is_found_as_text(pattern: str) -> bool:
    """Whether a pattern is looked for without regard to what is next to it."""
    return len(pattern) >= _SELDOM_PART_OF_A_WORD and pattern.isascii() and pattern.isidentifier()


class HyperscanWords:
    """Patterns that each fit one word, found by one automaton."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._lengths = [len(p) if _is_found_as_text(p) else 0 for p in patterns]
        """The length of each pattern that is looked for as plain text; 0 for the others."""
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[
                (pattern if length else rf"\b(?:{pattern})\b").encode()
                for pattern, length in zip(patterns, self._lengths, strict=True)
            ],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[0] * len(patterns),
        )

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins.

        Hyperscan reports the ends: to report the starts as well takes it several times as long.
        """
        ends: list[tuple[int, int]] = []

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            ends.append((number, end))

        self._database.scan(content, match_event_handler=on_match)  # type: ignore[type-var]
        places = []
        for number, end in ends:
            length = self._lengths[number]
            if not length:
                places.append((self._patterns[number], _word_start(content, end)))
            elif _is_word(content, end - length, end):
                places.append((self._patterns[number], end - length))
        return places


def _word_start(content: Content, end: int) -> int:
    """Where the word that ends before byte `end` begins."""
    start = end
    while start and content[start - 1] in _WORD_BYTES:
        start -= 1
    return start


def _is_word(content: Content, start: int, end: int) -> bool:
    """Whether no letter, digit or underscore is next to the text from `start` to `end`."""
    if start and content[start - 1] in _WORD_BYTES:
        return False
    return end == len(content) or content[end] not in _WORD_BYTES


class DictionaryWords:
    """Patterns that each fit one word, found without hyperscan.

    A file is split into words, which are looked up: only names that it holds are then searched
    for. Names with open parts cannot be looked up; they are searched for one by one.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._names = {
            pattern.encode(): pattern for pattern in patterns if _PLAIN.fullmatch(pattern)
        }
        self._open = FewWords(pattern for pattern in patterns if not _PLAIN.fullmatch(pattern))

    def places(self, content: Content) -> list[tuple[str, int]]:
        """Every occurrence: of which pattern, and at which byte it begins."""
        words = bytes(content).translate(_SPACES_BETWEEN_WORDS).split()
        places = self._open.places(content)
        held = self._names.keys() & words
        if len(held) > _FEW_NAMES:
            return places + [
                (self._names[match[0]], match.start())
                for match in _WORD.finditer(content)
                if match[0] in held
            ]
        for word in sorted(held):
            pattern = self._names[word]
            matches = _whole_word(pattern).finditer(content)
            places += [(pattern, match.start()) for match in matches]
        return places


class Files:
    """Reads files below a directory, one after the other, into the same memory."""

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
