"""Names that a continued line splits in two: a backslash ends the line within the name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
# It begins with a backslash, for which re looks many times as fast as for a name.
_SPLIT = re.compile(r"\\(?<=\w\\)[ \t]*\r?\n(?=\w)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\\[ \t]*\r?\n\w+)+")


def split_names(names: frozenset[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Where those of `names` that are split begin and end."""
    end = 0
    for split in _SPLIT.finditer(text):
        if split.start() < end:
            continue  # the same name is split again
        start = split.start()
        while start > end and (text[start - 1].isalnum() or text[start - 1] == "_"):
            start -= 1
        name = _NAME.match(text, start)
        if name:
            end = name.end()
            whole = _CONTINUED.sub("", name[0])
            if whole in names:
                yield start, end, whole
