"""The calls of barriers in a text, found fast: most texts hold only a few of the names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from klplint.csource.lexer import word_start

# Names that share an ending so long are looked for together, if there are more of them than that:
# re finds a literal fast, and most names of barriers end in `mb`.
_ENDING = 2
_MANY = 4
# What names have in common before this is looked for first: `smp_mb__after_atomic`.
_INFIX = "__"


class BarrierCalls:
    """Finds the calls of some barriers. To look for one literal at a time is fastest."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        endings: defaultdict[str, list[str]] = defaultdict(list)
        self._by_beginning: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._names:
            beginning, infix, _ = name.partition(_INFIX)
            if infix:
                self._by_beginning[beginning + infix].append(name)
            else:
                endings[name[-_ENDING:]].append(name)
        self._endings = [ending for ending, ended in endings.items() if len(ended) > _MANY]
        self._alone = [n for n in self._names if n[-_ENDING:] in endings.keys() - self._endings]

    def in_text(self, text: str) -> list[tuple[int, str]]:
        """The offset and the name of each call, in order; a parenthesis follows the name."""
        calls = [self._ending_in(literal, text) for literal in self._literals(text)]
        return sorted(set(chain.from_iterable(calls)))

    def _literals(self, text: str) -> Iterator[str]:
        """What the names in a text end with: an ending of many names, or a whole name."""
        yield from filter(text.__contains__, (*self._endings, *self._alone))
        for beginning in filter(text.__contains__, self._by_beginning):
            yield from filter(text.__contains__, self._by_beginning[beginning])

    def _ending_in(self, literal: str, text: str) -> Iterator[tuple[int, str]]:
        """The calls of names that end with a literal."""
        for match in re.finditer(rf"{literal}(?=\s*\()", text):
            start = word_start(text, match.start())
            name = text[start : match.end()]
            if name in self._names:
                yield start, name
