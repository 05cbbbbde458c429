"""The comments near a barrier: those in which a reader would look for its counterpart.

A comment behind other code on a line is about that code, and is left out. Whether a comment
really is about the barrier is decided from its text, in barriers/reading.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, cached_property, partial

from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline, Use
from klplint.csource.suppressions import is_directive
from klplint.facts.file_facts import Comment, CommentPlace

_MOST_STATEMENTS = 2
# Limits that hand-written files do not reach, so that generated ones do not take forever.
_MOST_COMMENTS = 200
_FARTHEST = 5000
_TOKEN = re.compile(r"[;{}()]")
_ANY_BARRIER = re.compile(
    r"\b(?:(?:(?:\w+_)?smp_|virt_|dma_|io_)?[rw]?mb|smp_mb__\w+|smp_(?:load|store)_\w+)\s*\("
)
# Other operations that order or publish something: a comment directly above one is about that.
_ANY_ACCESS = re.compile(
    r"\b(?:\w*xchg\w*|\w+_(?:release|acquire)|rcu_assign_pointer|set_(?:current|special)_state"
    r"|\w+_unlock\w*|wake_up\w*|complete(?:_all)?)\s*\("
)
# Ends a statement that goes on with the barrier: `x =`, `return`, `if (a &&`.
_GOES_ON = re.compile(r"(?:[=(,&|!?:+<>-]|\breturn)\s*\Z")
# The most statements, and characters, of a function that is little more than a barrier.
_WRAPPER = 2
_LONGEST_WRAPPER = 300
_LABEL = re.compile(r"\b(?:case\b[^;{}:]*|default|\w+)\s*:(?!:)")


class CommentSearch:
    """Finds the comments near the barriers of a file; what is true of a comment is found once."""

    def __init__(self, source: Source, outline: Outline) -> None:
        self.source = source
        self._outline = outline
        self._is_suppression = cache(partial(_is_suppression, source))
        self._lines = cache(partial(_lines, source))
        self._trails_statement = cache(partial(_trails_statement, source))
        self._scope = cache(partial(_Scope, source))
        self._comment = cache(partial(_comment, source))

    def near(self, use: Use) -> tuple[Comment, ...]:
        """The comments that may be about the barrier used at `use`, nearest first."""
        scope = self._scope(_scope(self.source, self._outline, use))
        placed: list[tuple[int, CommentPlace, int, Span]] = []
        for span in self._candidates(scope, use):
            place_and_gap = self._place(scope, span, use)
            if place_and_gap:
                placed.append((_distance(span, use), *place_and_gap, span))
        placed.sort(key=lambda entry: entry[0])
        near = [self._comment(span, place, gap) for _, place, gap, span in placed]
        return tuple(near + _headers(self.source, self._outline, use, scope.span))

    def _candidates(self, scope: _Scope, use: Use) -> list[Span]:
        """The comments in `scope`; if there are very many, those next to the barrier.

        Further down than the line below the barrier, none is about it.
        """
        source = self.source
        middle = bisect_left(source.comment_blocks, use.start, key=_start)
        last = source.offset(source.position(use.close)[0] + 2, 1)
        behind = bisect_left(source.comment_blocks, last, key=_start)
        first, end = max(0, middle - _MOST_COMMENTS), min(behind, middle + _MOST_COMMENTS)
        around = source.comment_blocks[first:end]
        within = [span for span in around if scope.touches(span)]
        return [span for span in within if not self._is_suppression(span)]

    def _place(self, scope: _Scope, span: Span, use: Use) -> tuple[CommentPlace, int] | None:
        """Where a comment is, seen from the barrier, and how many statements are between them.

        None for a comment that is about other code: behind a statement on its line, or not
        directly below the barrier.
        """
        source = self.source
        barrier_line, close_line = source.position(use.start)[0], source.position(use.close)[0]
        first_line, last_line = self._lines(span)
        is_behind = span.start >= use.close
        if first_line <= barrier_line <= last_line or (is_behind and first_line == close_line):
            return "line", 0
        if is_behind:
            gap = scope.statements_between(use.close, span.start)
            # The `;` of the barrier's statement counts as one.
            is_next = first_line == close_line + 1 and gap is not None and gap <= 1
            return ("below", 0) if is_next and not scope.is_of_barrier(span) else None
        if self._trails_statement(span):
            line_start = source.offset(first_line, 1)
            is_at_barrier = _ANY_BARRIER.search(source.skeleton, line_start, span.start)
            return ("other", 0) if is_at_barrier else None
        gap = scope.statements_between(span.end, use.start)
        if gap is not None and gap <= _MOST_STATEMENTS:
            return "above", gap
        return ("other" if scope.is_of_barrier(span) else "function"), 0


class _Scope:
    """The function body, or the #define, that holds a barrier; its operations are found once."""

    def __init__(self, source: Source, span: Span) -> None:
        self.span = span
        self._skeleton = source.skeleton
        is_macro = source.directive_at(span.start) is not None
        self._text = source.skeleton if is_macro else source.statements
        self._is_of_barrier: dict[Span, bool] = {}

    @cached_property
    def _barriers(self) -> list[Span]:
        return _found(_ANY_BARRIER, self._skeleton, self.span)

    @cached_property
    def _accesses(self) -> list[Span]:
        return _found(_ANY_ACCESS, self._skeleton, self.span)

    @cached_property
    def _barriers_in_text(self) -> list[Span]:
        return _found(_ANY_BARRIER, self._text, self.span)

    def touches(self, span: Span) -> bool:
        """Whether a comment is in the scope, or right before it."""
        return span.end >= self.span.start and span.start < self.span.end

    def is_of_barrier(self, comment: Span) -> bool:
        """Whether a barrier follows soon after a comment: the comment is then about that one."""
        if comment not in self._is_of_barrier:
            self._is_of_barrier[comment] = self._follows(
                self._barriers, comment, _MOST_STATEMENTS
            ) or self._follows(self._accesses, comment, 0)
        return self._is_of_barrier[comment]

    def _follows(self, operations: list[Span], comment: Span, most: int) -> bool:
        """Whether the next of some operations is at most so many statements after a comment."""
        following = bisect_left(operations, comment.end, key=_start)
        if following == len(operations):
            return False
        gap = self.statements_between(comment.end, operations[following].start)
        return gap is not None and gap <= most

    def statements_between(self, start: int, end: int) -> int | None:
        """How many statements are between two offsets; one that begins there counts, too.

        None where a comment on one side cannot be about a barrier on the other: what is between
        them leaves a block, is very long, or holds another barrier, which the comment would be
        about.
        """
        if end - start > _FARTHEST:
            return None
        first = bisect_left(self._barriers_in_text, start, key=_start)
        if first < len(self._barriers_in_text) and self._barriers_in_text[first].end <= end:
            return None
        return _statements_in(_LABEL.sub("", self._text[start:end].replace("\\", " ")))


def _found(operations: re.Pattern[str], text: str, scope: Span) -> list[Span]:
    return [Span(*match.span()) for match in operations.finditer(text, scope.start, scope.end)]


def _statements_in(piece: str) -> int | None:
    """How many statements begin in a piece of code; None if it leaves a block."""
    count = depth = blocks = last = 0
    for match in _TOKEN.finditer(piece):
        token = match[0]
        if token in "()":
            depth += 1 if token == "(" else -1
        elif token == "}":
            blocks -= 1
            last = match.end()
            if blocks < 0:
                return None
        elif token == "{" or depth <= 0:
            blocks += token == "{"
            count += 1
            last = match.end()
    rest = piece[last:].strip()
    return count + bool(rest and depth <= 0 and not _GOES_ON.search(rest))


def _start(span: Span) -> int:
    return span.start


def _is_suppression(source: Source, span: Span) -> bool:
    """Whether a comment is a suppression, well-formed or not; the rules for these say which are.

    Such a comment is often right above a barrier, and its reason may well name barriers and
    functions: `klplint: ignore[KLP003] pairs with nothing, see foo()`. It is about a finding.
    Taken for a barrier comment, it would change the very findings that it suppresses.
    """
    return is_directive(source.text[span.start : span.end])


def _scope(source: Source, outline: Outline, use: Use) -> Span:
    """The function body, or the #define, that holds the barrier."""
    directive = source.directive_at(use.start)
    if directive:
        return directive
    body = outline.body_at(use.start)
    return body or Span(max(0, use.start - 2000), min(len(source.text), use.end + 500))


def _distance(span: Span, use: Use) -> int:
    return span.start - use.end if span.start >= use.end else use.start - span.end


def _lines(source: Source, span: Span) -> tuple[int, int]:
    """The first and the last line of a comment."""
    return source.position(span.start)[0], source.position(span.end - 1)[0]


def _trails_statement(source: Source, span: Span) -> bool:
    """Whether a comment is behind a statement on its line: it is then about that statement."""
    line, _ = source.position(span.start)
    before = source.skeleton[source.offset(line, 1) : span.start].rstrip()
    return before.endswith((";", "}", ","))


def _headers(source: Source, outline: Outline, use: Use, scope: Span) -> list[Comment]:
    """The comment above the function or macro, and the nearest one before it on this barrier.

    Above a macro that is nothing but the barrier, a comment counts as one above the barrier.
    """
    body = outline.body_at(use.start)
    head = body.head if body else scope.start
    before = head
    headers: list[Comment] = []
    heading = _last_before(source, source.comment_blocks, head)
    if heading and _heads(source, outline, heading, head):
        macro = outline.macro_at(use.start)
        is_all = macro is not None and not source.code[macro.body : use.start].strip(" \t\r\n\\({")
        place: CommentPlace = "above" if is_all else "header"
        if body and _is_wrapper(source, body):
            place = "wrapper"
        headers.append(_comment(source, heading, place, 0))
        before = heading.start
    earlier = _last_before(source, source.comments_naming(use.name), before)
    if earlier:
        headers.append(_comment(source, earlier, "header", 1))
    return headers


def _is_wrapper(source: Source, body: Span) -> bool:
    """Whether a function is little more than a barrier."""
    code = source.statements[body.start : body.end]
    return len(code) <= _LONGEST_WRAPPER and code.count(";") <= _WRAPPER


def _last_before(source: Source, comments: list[Span], offset: int) -> Span | None:
    """The last of `comments` before `offset` that is not a suppression."""
    index = bisect_left(comments, offset, key=lambda span: span.start)
    while index and _is_suppression(source, comments[index - 1]):
        index -= 1
    return comments[index - 1] if index else None


def _heads(source: Source, outline: Outline, comment: Span, head: int) -> bool:
    """Whether there are only conditionals between a comment and the definition at `head`."""
    if source.directive_at(comment.start) or _trails_statement(source, comment):
        return False
    following = bisect_left(outline.macros, comment.end, key=lambda macro: macro.start)
    if following < len(outline.macros) and outline.macros[following].start < head:
        return False
    return not source.statements[comment.end : head].strip()


def _comment(source: Source, span: Span, place: CommentPlace, gap: int) -> Comment:
    text = source.text[span.start : span.end]
    return Comment(text, source.region(span.start, span.end), place, gap)
