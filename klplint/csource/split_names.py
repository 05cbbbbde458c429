"""Names that a continued line splits in two: a backslash ends the line within the name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.lexer import Source
from klplint.csource.words import word_start

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
# It begins with a backslash, for which re looks many times as fast as for a name.
_SPLIT = re.compile(r"\\(?<=\w\\)[ \t]*\r?\n(?=\w)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\\[ \t]*\r?\n\w+)+")


def split_names(names: frozenset[str], source: Source) -> Iterator[tuple[int, int, str]]:
    """Where those of `names` that are split in code begin and end."""
    text, end = source.skeleton, 0
    for split in _SPLIT.finditer(text):
        if split.start() < end:
            continue  # the same name is split again
        start = word_start(text, split.start(), end)
        name = _NAME.match(text, start)
        if name:
            end = name.end()
            # Of the text as written: a backslash before a comment, which is blank here, splits no
            # name.
            whole = _CONTINUED.sub("", source.text[start:end])
            if whole in names:
                yield start, end, whole
