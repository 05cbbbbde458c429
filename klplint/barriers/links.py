"""Whether words of a sentence belong together: only words that lead on may stand between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from klplint.barriers.named_functions import Spotted
from klplint.barriers.words import Words, alternatives, compiled

# How far behind a word its object may stand, in characters.
CLOSE = 60
_LEADING = [
    "the",
    "a",
    "an",
    "its",
    "their",
    "this",
    "that",
    "those",
    "in",
    "of",
    "by",
    "from",
    "with",
    "on",
    "at",
    "to",
    "for",
    "and",
    "or",
    "one",
    "ones",
    "call",
    "calls",
    "corresponding",
    "matching",
    "respective",
    "other",
    "another",
    "both",
    "all",
    "barrier",
    "barriers",
    "fence",
    "fences",
    "memory",
    "read",
    "write",
    "full",
    "implied",
    "implicit",
    "general",
    "release",
    "acquire",
    "side",
    "code",
    "path",
    "function",
    "functions",
    "new",
    "any",
    "every",
    "each",
    "failing",
    "successful",
    "concurrent",
    "possible",
    "parallel",
    "after",
    "when",
    "where",
    "found",
    "provided",
    "done",
    "is",
    "are",
    "also",
    "i.e",
    "e.g",
    "first",
    "second",
    "third",
    "last",
    "final",
    "1st",
    "2nd",
    "3rd",
]
_CONJUNCTION = re.compile(
    r"(?:\s*,)?\s*(?:\band\b|\bor\b|,|/|&)\s*(?:\w+\([^()]{0,40}\)\s+(?=(?:in|of|from)\s))?"
    r"(?:\b(?:in|by|the|from)\b\s*)*",
    re.IGNORECASE,
)

_STEP_BEFORE = re.compile(r"\b(?:before|after|when|while|until)\s+(?:we\s+)?\Z", re.IGNORECASE)


class Links:
    """The words that may stand between a word and its object."""

    def __init__(self, words: Words) -> None:
        leading = alternatives((*_LEADING, *words.written, *words.writer))
        self._between = re.compile(
            rf"(?:[\s,:(\"'`*=>\[~-]|{leading}|\w*mbs?\b(?:\(\))?)*", re.IGNORECASE
        )
        verbs = rf"{alternatives(words.written)}(?!\s+(?:memory\s+)?(?:barrier|fence)s?\b)"
        word = r"(?:\s+[^\s,;:()]+(?:\(\))?)"
        self._written_by = re.compile(
            rf"{verbs}(?:{word}{{0,4}}?\s+(?:by|in|at|inside|of)|{word}{{0,12}}?\s+from)"
            r"(?:\s+(?:the|all|any|each|every|both|function|a|an))*\s+\Z",
            re.IGNORECASE,
        )
        self._ours = compiled(words.ours)
        writes = alternatives(words.writes)
        self._writes = re.compile(
            r"(?:\s+(?:has|have|had|may|might|will|can|already|now|then|first|also|always|\w+ly))*"
            rf"\s+{writes}",
            re.IGNORECASE,
        )

    def leads(self, sentence: str, start: int, end: int) -> bool:
        """Whether what stands between two offsets only leads from one word to another."""
        return start <= end <= start + CLOSE and bool(self._between.fullmatch(sentence, start, end))

    def behind(self, sentence: str, start: int, spots: Iterable[Spotted]) -> list[Spotted]:
        """The names to which the words at an offset lead, with those in a row with them."""
        linked: list[Spotted] = []
        for spot in spots:
            if spot.start < start:
                continue
            if linked:
                last = linked[-1]
                # Of "add() in foo()", the first leads to the second, which holds it.
                is_place = last.mention.operation and spot.mention.after == last.mention.name
                if is_place or _CONJUNCTION.fullmatch(sentence, last.end, spot.start):
                    linked.append(spot)
            elif self.leads(sentence, start, spot.start):
                linked.append(spot)
        return linked

    def _is_ours(self, text: str, start: int) -> bool:
        """Whether a deed is of this side: "the later store in f()", "before setting x in f()"."""
        if self._ours.search(text, max(0, start - CLOSE // 2)):
            return True
        return _STEP_BEFORE.search(text, 0, start) is not None

    def writers(self, sentence: str, spots: Iterable[Spotted]) -> list[Spotted]:
        """The names of which a sentence says that they wrote something."""
        writers: list[Spotted] = []
        for spot in spots:
            before = sentence[max(0, spot.start - 3 * CLOSE) : spot.start]
            written = (
                spot.mention.called or not before.rstrip().endswith("of")
            ) and self._written_by.search(before)
            if written and self._is_ours(before, written.start()):
                continue
            in_row = writers and _CONJUNCTION.fullmatch(sentence, writers[-1].end, spot.start)
            writes = self._writes.match(sentence, spot.end)
            is_verb = writes and (spot.mention.called or writes[0].endswith("s"))
            if in_row or written or is_verb:
                writers.append(spot)
        return writers


def beside(match: re.Match[str], spots: Iterable[Spotted]) -> Iterator[Spotted]:
    """The names that stand close to a match, on either side."""
    for spot in spots:
        if match.end() <= spot.start <= match.end() + CLOSE or (
            spot.end <= match.start() <= spot.end + CLOSE
        ):
            yield spot
