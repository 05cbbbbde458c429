"""A comment's text as sentences: without delimiters and borders, each on one line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from klplint.csource.comment_text import plain_lines

# Longer "sentences" are cut. People do not write them, and generated text would be slow: the
# patterns look at a sentence several times.
_LONGEST = 1000
_SENTENCE_END = re.compile(
    r"""(?<!\be\.g) (?<!\bi\.e) (?<!\bcf) (?<!\bvs) (?<!\bw\.r\.t) (?<!\bfn) (?<!\bfunc)
        (?<!\besp) (?<!\.\.)
        [.!?;] ["')]* (?= \s | $ )""",
    re.VERBOSE,
)
_WANTS_MORE = re.compile(r"\b(?:with|to|in|by|the|against|see|of|from)[ \t]*$", re.IGNORECASE)
# Begins a step of a list: "1) ...", "- ...".
_STEP = re.compile(r"\s*(?:[-+*\u2022]|\(?[0-9a-z][.)])\s")


class Sentence(NamedTuple):
    """A sentence, and where it begins."""

    text: str
    line: int = 0
    """How many lines of the comment come before its first word."""


class _Paragraph:
    """The lines of a paragraph, joined by spaces."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._lines: list[int] = []
        self._length = 0

    def add(self, line: str, number: int) -> None:
        text = " ".join(line.split())
        self._starts.append(self._length)
        self._lines.append(number)
        self._pieces.append(text)
        self._length += len(text) + 1

    def wants_more(self) -> bool:
        """Whether it ends with a word that needs another one ("pairs with")."""
        return bool(self._pieces) and _WANTS_MORE.search(self._pieces[-1]) is not None

    def sentences(self) -> Iterator[Sentence]:
        joined = " ".join(self._pieces)
        start = 0
        for match in _SENTENCE_END.finditer(joined):
            yield from self._cut(joined, start, match.end())
            start = match.end()
        yield from self._cut(joined, start, len(joined))

    def _cut(self, joined: str, start: int, end: int) -> Iterator[Sentence]:
        while start < end and joined[start] == " ":
            start += 1
        for first in range(start, end, _LONGEST):
            text = joined[first : min(first + _LONGEST, end)]
            if text := text.strip():
                line = self._lines[bisect_right(self._starts, first) - 1]
                yield Sentence(text, line)


def sentences(comment: str) -> list[Sentence]:
    """The sentences of a comment, each on one line.

    A blank line ends a sentence as a full stop does, and so does a further step of a list; except
    behind a word that needs another one ("pairs with").
    """
    return sentences_of(enumerate(plain_lines(comment)))


def sentences_of(lines: Iterable[tuple[int, str]]) -> list[Sentence]:
    """The sentences of some lines of a comment, which are given with their numbers."""
    complete: list[Sentence] = []
    paragraph = _Paragraph()
    for number, line in lines:
        ends = not line.strip() or _STEP.match(line) is not None
        if ends and not paragraph.wants_more():
            complete += paragraph.sentences()
            paragraph = _Paragraph()
        if line.strip():
            paragraph.add(line, number)
    return [*complete, *paragraph.sentences()]
