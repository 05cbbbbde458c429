"""Misspelt words of pairing: "paires with", "Matchs the", "corresponds to"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

# A misspelt word before "with" or "to" counts as the verb that it resembles.
_VERBS = (
    "pairs", "paired", "pairing", "matches", "matched", "matching", "corresponds", "coupled",
)  # fmt: skip
_VERB_WITH = re.compile(r"\b([a-z]{4,14})\s+(?:with|to)\b", re.IGNORECASE)
_CLOSE = 0.85
"""How similar the words have to be: one letter of six may differ."""


def misspelt_verbs(sentence: str) -> Iterator[re.Match[str]]:
    """The words in a sentence that are most likely misspelt words of pairing."""
    for match in _VERB_WITH.finditer(sentence):
        word = match[1].lower()
        if word not in _VERBS and difflib.get_close_matches(word, _VERBS, n=1, cutoff=_CLOSE):
            yield match
