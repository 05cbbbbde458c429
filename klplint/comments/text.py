"""A comment's text made plain: delimiters and borders off, lines joined, sentences told apart."""

from __future__ import annotations

import re

_OPENING = re.compile(r"^/\*+!?|^//+")
_CLOSING = re.compile(r"\*+/$")
_SENTENCE_END = re.compile(
    r"""(?<!\be\.g) (?<!\bi\.e) (?<!\bcf) (?<!\bvs) (?<!\.\.)
        [.!?;] ["')]* (?= \s | $ )""",
    re.X,
)


def plain_lines(comment: str) -> list[str]:
    """The lines of a comment without `/*`, ` * `, `//` and continuation backslashes.

    What is left of each keeps its inner spaces, for diagrams are drawn with them.
    """
    text = _CLOSING.sub("", _OPENING.sub("", comment.strip()))
    lines = []
    for line in re.split(r"\r\n|\n|\r", text):
        bare = line.rstrip().removesuffix("\\").rstrip()
        stripped = bare.lstrip()
        if stripped.startswith("*"):
            bare = stripped.lstrip("*")
        elif stripped.startswith("//"):
            bare = stripped.lstrip("/")
        lines.append(bare)
    return lines


def sentences(comment: str) -> list[str]:
    """The sentences of a comment, each on one line; a blank line ends one as a full stop does."""
    found = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(plain_lines(comment))):
        joined = " ".join(paragraph.split())
        start = 0
        for match in _SENTENCE_END.finditer(joined):
            found.append(joined[start : match.end()].strip())
            start = match.end()
        found.append(joined[start:].strip())
    return [sentence for sentence in found if sentence]
