"""Comments that say which barriers one pairs with, written into the text of a file."""

from __future__ import annotations

from collections.abc import Iterable

from klplint.csource.comment_layout import WIDTH, columns, comment_lines, continued
from klplint.csource.lexer import Source
from klplint.csource.text_edits import TextEdit
from klplint.findings.fix import NamedPartner, PartnerComment
from klplint.fixes.longer_comments import edit_to_lengthen
from klplint.fixes.placement import begins_line, indent_of, line_end, line_for_comment


def sentence(partners: Iterable[NamedPartner]) -> str:
    """What a comment says about the partners of its barrier."""
    by_barrier: dict[str, list[str]] = {}
    for partner in partners:
        by_barrier.setdefault(partner.barrier, []).append(f"{partner.function}()")
    parts = [f"{barrier}() in {_listed(names)}" for barrier, names in by_barrier.items()]
    return f"Pairs with {_listed(parts)}."


def _listed(names: Iterable[str]) -> str:
    *first, last = dict.fromkeys(names)
    return " and ".join(filter(None, (", ".join(first), last)))


def edit_for(source: Source, change: PartnerComment) -> TextEdit | None:
    """The edit that makes the comment; None where there is no good place for it."""
    offset = source.offset(change.region.line, change.region.column)
    words = sentence(change.partners)
    if change.comment is not None:
        comment = source.span(change.comment)
        if not _is_about_earlier_code(source, comment.start, offset):
            longer = edit_to_lengthen(source, comment, words, change.file)
            if longer is not None:
                return longer
    line = line_for_comment(source, offset)
    if line is None or (change.if_uncommented and _is_commented(source, line, change)):
        return None
    return _above(source, line, words, change.file)


def _is_about_earlier_code(source: Source, comment: int, barrier: int) -> bool:
    """Whether a comment is behind code on a line above the barrier, as a condition or a label."""
    line = source.position(comment)[0]
    return line < source.position(barrier)[0] and not begins_line(source, comment)


def _is_commented(source: Source, line: int, change: PartnerComment) -> bool:
    """Whether a comment ends right above a statement, or is in it or behind it."""
    first, last = source.offset(line - 1, 1), source.offset(change.region.end_line + 1, 1)
    return any(span.end > first and span.start < last for span in source.comments)


def _above(source: Source, line: int, words: str, file: str) -> TextEdit | None:
    """A new comment above a line; None if the same one is there."""
    start, indent, end = source.offset(line, 1), indent_of(source, line), line_end(source, line)
    rows = comment_lines(words, indent, end, WIDTH, file)
    if source.directive_at(start):
        text = source.text[start : source.offset(line + 1, 1)].rstrip()
        column = columns(text.removesuffix("\\"))
        rows = [continued(row, column) for row in rows]
    new = "".join(rows)
    return None if source.text.endswith(new, 0, start) else TextEdit(start, start, new)
