"""The statement of a barrier moved past other statements of its block, in the text of a file.

Only plain statements are passed, each on lines of its own. With the barrier goes the comment that
is right above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from klplint.csource.brackets import is_balanced
from klplint.csource.lexer import Source, Span
from klplint.csource.text_edits import TextEdit
from klplint.facts.region import Region
from klplint.findings.fix import BarrierMove

_BARRIER = re.compile(r"\s*\w+\s*\([^(){};]*\)\s*;\s*\Z")
_ENDS = re.compile(r"[;{}]")
# An assignment, a call, or an increment. A declaration has two words without an operator between.
_PLAIN = re.compile(
    r"\s*(?:\+\+|--)?\**\(?(?!(?:if|for|while|do|switch|return|goto|break|continue|case|default|else|asm)\b)"
    r"[A-Za-z_]\w*+(?!\s*:(?!:))(?!\s*\**\s*[A-Za-z_])[^{}#]*;\Z"
)


def move(source: Source, change: BarrierMove) -> TextEdit | None:
    """The edit that moves a barrier between two accesses; None where that is not simple."""
    offset, behind, before = (
        source.offset(region.line, region.column)
        for region in (change.region, change.behind, change.before)
    )
    barrier = _statement_around(source, offset)
    if not offset or barrier is None or not behind < before:
        return None
    code = source.statements[barrier.start : barrier.end]
    if not _BARRIER.match(code) or "\n" in code.strip() or source.directive_at(offset):
        return None
    down = behind > offset
    if not down and before > offset:
        return None
    passed = _passed(source, barrier, behind if down else before, down=down)
    if passed is None or passed.start <= (before if down else behind) < passed.end:
        return None
    return _swapped(source, barrier, passed, down=down)


def shifted(
    change: BarrierMove, source: Source, changed: Source, edits: Iterable[TextEdit]
) -> BarrierMove:
    """A move for a source in which edits were made."""
    made = [*edits]

    def region(region: Region) -> Region:
        span = source.span(region)
        by = sum(len(e.text) - (e.end - e.start) for e in made if e.end <= span.start)
        return changed.region(span.start + by, span.end + by)

    return BarrierMove(
        change.file, region(change.region), region(change.behind), region(change.before)
    )


def _passed(source: Source, barrier: Span, target: int, *, down: bool) -> Span | None:
    """The statements from the barrier to the one that holds `target`; None if one is not plain."""
    start = end = barrier.end if down else barrier.start
    for statement in _below(source, barrier.end) if down else _above(source, barrier.start):
        if not _is_plain(source, statement):
            return None
        start, end = min(start, statement.start), max(end, statement.end)
        if start <= target < end:
            return Span(start, end)
    return None


def _below(source: Source, place: int) -> Iterator[Span]:
    """The statements from `place` on, each up to its semicolon, up to the end of the block."""
    while True:
        match = _ENDS.search(source.statements, place)
        if match is None or match[0] != ";":
            return
        yield Span(place, match.end())
        place = match.end()


def _above(source: Source, place: int) -> Iterator[Span]:
    """The statements before `place`, nearest first, up to the start of the block."""
    text = source.statements
    while text[:place].rstrip().endswith(";"):
        end = len(text[:place].rstrip())
        start = max(text.rfind(sign, 0, end - 1) for sign in ";{}") + 1
        yield Span(start, end)
        place = start


def _statement_around(source: Source, offset: int) -> Span | None:
    """The statement that begins at `offset`, with what is between it and the one before."""
    text = source.statements
    start = max(text.rfind(sign, 0, offset) for sign in ";{}") + 1
    end = text.find(";", offset) + 1
    return Span(start, end) if end and not text[start:offset].strip() else None


def _is_plain(source: Source, statement: Span) -> bool:
    """Whether a statement only computes, and is on lines of its own, without directives."""
    code = source.statements[statement.start : statement.end]
    if not is_balanced(code):  # a part of `for (;;)`
        return False
    if "#" in source.skeleton[statement.start : statement.end] or not _PLAIN.match(code):
        return False
    return all(_is_line_end(source, place) for place in (statement.start, statement.end))


def _is_line_end(source: Source, place: int) -> bool:
    """Whether no code follows on a line, and no comment goes on from it to the next one."""
    line = source.position(max(0, place - 1))[0]
    next_line = source.offset(line + 1, 1)
    comment = source.comment_at(next_line)
    goes_on = comment is not None and comment.start < next_line
    return not goes_on and not source.code[place:next_line].strip()


def _swapped(source: Source, barrier: Span, passed: Span, *, down: bool) -> TextEdit | None:
    """The edit that puts the lines of a barrier on the other side of the statements passed."""
    if not (_is_line_end(source, barrier.start) and _is_line_end(source, barrier.end)):
        return None
    rows = _lines(source, barrier)
    moved = _text(source, rows.start, rows.stop)
    if down:
        stop = _lines(source, passed).stop
        gap = _text(source, rows.stop, rows.stop + _blank_lines(source, rows.stop, 1))
        between = _text(source, rows.stop, stop).removeprefix(gap)
        text = between + moved + ("" if _is_gap(source, stop) else gap)
        return TextEdit(source.offset(rows.start, 1), source.offset(stop, 1), text)
    first, kept = _lines(source, passed).start, rows.start
    if _is_gap(source, rows.stop):
        kept -= _blank_lines(source, rows.start - 1, -1)
    text = moved + _text(source, first, kept)
    return TextEdit(source.offset(first, 1), source.offset(rows.stop, 1), text)


def _lines(source: Source, statement: Span) -> range:
    """The lines of a statement, with those of the comment right above it."""
    text = source.statements[statement.start : statement.end]
    begin = statement.start + len(text) - len(text.lstrip())
    first = source.position(begin)[0]
    while first > 1 and _is_comment(source, first - 1, statement.start):
        first -= 1
    return range(first, source.position(statement.end - 1)[0] + 1)


def _is_comment(source: Source, line: int, behind: int) -> bool:
    """Whether a line has nothing but a comment, and none that is behind the code of an earlier."""
    start, end = source.offset(line, 1), source.offset(line + 1, 1)
    return (
        start >= behind
        and not source.code[start:end].strip()
        and bool(source.text[start:end].strip())
    )


def _blank_lines(source: Source, line: int, step: int) -> int:
    """How many lines without text there are from a line on, downwards or upwards."""
    count = 0
    while _is_blank(source, line + count * step):
        count += 1
    return count


def _is_blank(source: Source, line: int) -> bool:
    text = _text(source, line, line + 1) if line > 0 else ""
    return bool(text) and not text.strip()


def _is_gap(source: Source, line: int) -> bool:
    """Whether no blank line may be added before a line: it is blank, or closes the block."""
    return _text(source, line, line + 1).lstrip()[:1] in ("", "}")


def _text(source: Source, first: int, stop: int) -> str:
    return source.text[source.offset(first, 1) : source.offset(stop, 1)]
