"""The calls of barriers in a text, found fast: most texts hold only a few of the names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from klplint.csource.words import word_start

# What names have in common before this is looked for: `smp_mb__after_atomic`.
_INFIX = "__"


class BarrierCalls:
    """Finds the calls of some barriers. To look for one literal at a time is fastest."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        beginnings = {n.partition(_INFIX)[0] + _INFIX for n in self._names if _INFIX in n}
        # Behind their first part, names end in the same few ways: `smp_rmb`, `dma_rmb`.
        endings = {n.partition("_")[2] or n for n in self._names if _INFIX not in n}
        shortest = {e for e in endings if not any(e != o and e.endswith(o) for o in endings)}
        self._patterns = [
            *((ending, re.compile(rf"{ending}(?=\s*\()")) for ending in sorted(shortest)),
            *((begin, re.compile(rf"{begin}\w*(?=\s*\()")) for begin in sorted(beginnings)),
        ]

    def in_text(self, text: str) -> list[tuple[int, str]]:
        """The offset and the name of each call, in order; a parenthesis follows the name."""
        calls = set[tuple[int, str]]()
        for literal, pattern in self._patterns:
            for match in pattern.finditer(text) if literal in text else ():
                start = word_start(text, match.start())
                name = text[start : match.end()]
                if name in self._names:
                    calls.add((start, name))
        return sorted(calls)
