"""The comments before declarations and definitions."""

from __future__ import annotations

from bisect import bisect_left

from klplint.csource.lexer import Source

_ENDS = ";{}"


def heading_of(source: Source, name: int) -> str:
    """The comments right before the declaration or definition whose name begins at an offset.

    Comments between its words count, too.
    """
    text = source.statements
    start = max(text.rfind(end, 0, name) for end in _ENDS) + 1
    blocks = source.comment_blocks
    first, last = (bisect_left(blocks, at, key=lambda c: c.start) for at in (start, name))
    line_end = source.text.find("\n", start)
    # What is on the line of the statement before is about that statement.
    texts = [
        source.text[c.start : c.end] for c in blocks[first:last] if start == 0 or c.start > line_end
    ]
    return "\n".join(texts)
