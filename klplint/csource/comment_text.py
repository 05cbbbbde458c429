"""The text of a comment without its delimiters."""

from __future__ import annotations

import re


def plain_lines(comment: str) -> list[str]:
    """The lines of a comment without `/*`, ` * `, `//` and continuation backslashes.

    What is left of each keeps its inner spaces, for diagrams are drawn with them.
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
