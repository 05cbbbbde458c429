"""A comment's text made plain: delimiters and borders off, lines joined, sentences told apart."""

from __future__ import annotations

import re

from klplint.csource.comment_text import plain_lines

# A "sentence" is cut where it grows longer: no person writes one, and the patterns that look
# at it several times would make a machine's text slow.
_LONGEST = 1000
_SENTENCE_END = re.compile(
    r"""(?<!\be\.g) (?<!\bi\.e) (?<!\bcf) (?<!\bvs) (?<!\.\.)
        [.!?;] ["')]* (?= \s | $ )""",
    re.X,
)


_WANTS_MORE = re.compile(r"\b(with|to|in|by|the|against|see|of|from)[ \t]*\n[ \t]*\n\s*", re.I)


def sentences(comment: str) -> list[str]:
    """The sentences of a comment, each on one line.

    A blank line ends one as a full stop does, but not behind a word that wants another.
    """
    found = []
    text = _WANTS_MORE.sub(r"\1 ", "\n".join(plain_lines(comment)))
    for paragraph in re.split(r"\n\s*\n", text):
        joined = " ".join(paragraph.split())
        start = 0
        for match in _SENTENCE_END.finditer(joined):
            found += _cut(joined[start : match.end()].strip())
            start = match.end()
        found += _cut(joined[start:].strip())
    return found


def _cut(sentence: str) -> list[str]:
    return [sentence[start : start + _LONGEST] for start in range(0, len(sentence), _LONGEST)]
