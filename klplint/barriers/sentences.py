"""A comment's text as sentences: without delimiters and borders, each on one line."""

from __future__ import annotations

import re

from klplint.csource.comment_text import plain_lines

# Longer "sentences" are cut. People do not write them, and generated text would be slow: the
# patterns look at a sentence several times.
_LONGEST = 1000
_SENTENCE_END = re.compile(
    r"""(?<!\be\.g) (?<!\bi\.e) (?<!\bcf) (?<!\bvs) (?<!\.\.)
        [.!?;] ["')]* (?= \s | $ )""",
    re.VERBOSE,
)


_WANTS_MORE = re.compile(
    r"\b(with|to|in|by|the|against|see|of|from)[ \t]*\n[ \t]*\n\s*", re.IGNORECASE
)


def sentences(comment: str) -> list[str]:
    """The sentences of a comment, each on one line.

    A blank line ends a sentence as a full stop does, except behind a word that needs another one
    ("pairs with").
    """
    cut = []
    text = _WANTS_MORE.sub(r"\1 ", "\n".join(plain_lines(comment)))
    for paragraph in re.split(r"\n\s*\n", text):
        joined = " ".join(paragraph.split())
        start = 0
        for match in _SENTENCE_END.finditer(joined):
            cut += _cut(joined[start : match.end()].strip())
            start = match.end()
        cut += _cut(joined[start:].strip())
    return cut


def _cut(sentence: str) -> list[str]:
    return [sentence[start : start + _LONGEST] for start in range(0, len(sentence), _LONGEST)]
