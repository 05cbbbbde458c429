"""Names that a continued line splits in two: a backslash ends the line within the name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_SPLIT_NAME = re.compile(r"\b[A-Za-z_]\w*(?:\\[ \t]*\r?\n\w+)+")


def split_names(names: frozenset[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Where those of `names` that are split begin and end."""
    if "\\" in text:
        for match in _SPLIT_NAME.finditer(text):
            name = _CONTINUED.sub("", match[0])
            if name in names:
                yield match.start(), match.end(), name
