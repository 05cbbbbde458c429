"""Where a comment contains a name."""

from __future__ import annotations

import re

from klplint.facts.file_facts import Comment
from klplint.facts.region import Region
from klplint.source_text import split_lines


def region_of(name: str, comment: Comment) -> Region | None:
    """Where a comment contains a name as a whole word."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for number, line in enumerate(split_lines(comment.text)):
        match = word.search(line)
        if match:
            before = 0 if number else comment.region.column - 1
            first = before + match.start() + 1
            row = comment.region.line + number
            return Region(row, first, row, first + len(name))
    return None
