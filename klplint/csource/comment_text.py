"""The text of comments."""

from __future__ import annotations

import re

MARK = "klplint"
"""The word that makes a comment one for klplint, and a file worth reading for that alone."""

SPELLINGS = frozenset({MARK, MARK.upper(), MARK.capitalize()})
"""How the word may be written by mistake; files with any of these are read."""


def has_mark(text: str) -> bool:
    """Whether a text has the word, in any spelling."""
    return any(spelling in text for spelling in SPELLINGS)


def plain_lines(comment: str) -> list[str]:
    """The lines of a comment without `/*`, ` * `, `//` and continuation backslashes.

    Spaces within a line stay: diagrams are drawn with them.
    """
    text = comment.strip()
    if text.startswith("/*"):
        text = text[2:].removesuffix("*/").strip("*").removeprefix("!")
    else:
        text = text.lstrip("/")
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
