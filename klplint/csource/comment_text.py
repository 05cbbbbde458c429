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

    Several comments on successive lines may be one: see `csource.comment_blocks`. Spaces within a
    line stay: diagrams are drawn with them.
    """
    text = comment.strip()
    if text.startswith("/*"):
        text = text[2:].removesuffix("*/").strip("*").removeprefix("!")
    else:
        text = text.lstrip("/")
    lines = []
    for line in re.split(r"\r\n|\n|\r", text):
        bare = line.rstrip().removesuffix("\\").rstrip().removesuffix("*/").rstrip()
        stripped = bare.lstrip()
        if stripped.startswith("/*"):
            bare = stripped.removeprefix("/*")
        elif stripped.startswith("*"):
            bare = stripped.lstrip("*")
        elif stripped.startswith("//"):
            bare = stripped.lstrip("/")
        lines.append(bare)
    return lines


def may_be_in_comment(text: str, word: str) -> bool:
    """Whether a word may be in a comment of a C text: quick, and True wherever it is in one.

    What looks like a comment in a string counts, too. Only a `/*` that is itself continued on
    another line is not seen.
    """
    opening = closing = slashes = newline = -1
    before = 0
    for match in re.finditer(rf"{re.escape(word)}(?!\w)", text):
        place = match.start()
        opening = max(opening, text.rfind("/*", before, place))
        closing = max(closing, text.rfind("*/", before, place))
        slashes = max(slashes, text.rfind("//", before, place))
        newline = max(newline, text.rfind("\n", before, place))
        before = max(0, place - 1)  # each part of the text is searched once
        is_open = opening >= 0 and closing < opening + len("/*")
        is_continued = text[max(0, newline - 2) : newline].rstrip("\r").endswith("\\")
        if is_open or slashes > newline or is_continued:
            return True
    return False
