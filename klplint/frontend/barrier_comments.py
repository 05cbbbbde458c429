"""The comments near a barrier: those in which a reader would look for its counterpart.

A comment behind other code on a line is about that code, and is left out. Whether a comment
really is about the barrier is decided from its text, in barriers/reading.
"""

from __future__ import annotations

import re
from bisect import bisect_left

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


def comments_near(source: Source, outline: Outline, use: Use) -> tuple[Comment, ...]:
    """The comments that may be about the barrier used at `use`, nearest first."""
    scope = _scope(source, outline, use)
    placed: list[tuple[int, CommentPlace, int, Span]] = []
    for span in _candidates(source, scope, use):
        place_and_gap = _place(source, scope, span, use)
        if place_and_gap:
            placed.append((_distance(span, use), *place_and_gap, span))
    placed.sort(key=lambda entry: entry[0])
    near = [_comment(source, span, place, gap) for _, place, gap, span in placed]
    return tuple(near + _headers(source, outline, use, scope))


def _candidates(source: Source, scope: Span, use: Use) -> list[Span]:
    """The comments in `scope`; if there are very many, those next to the barrier."""
    middle = bisect_left(source.comment_blocks, use.start, key=lambda span: span.start)
    around = source.comment_blocks[max(0, middle - _MOST_COMMENTS) : middle + _MOST_COMMENTS]
    within = [span for span in around if span.end >= scope.start and span.start < scope.end]
    return [span for span in within if not _is_suppression(source, span)]


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


def _place(source: Source, scope: Span, span: Span, use: Use) -> tuple[CommentPlace, int] | None:
    """Where a comment is, seen from the barrier, and how many statements are between them.

    None for a comment that is about other code: behind a statement on its line, or further down
    than the line below the barrier.
    """
    barrier_line = source.position(use.start)[0]
    first_line, last_line = source.position(span.start)[0], source.position(span.end - 1)[0]
    if first_line <= barrier_line <= last_line or (
        span.start >= use.close and first_line == source.position(use.close)[0]
    ):
        return "line", 0
    if span.start >= use.close:
        gap = _statements_between(source, Span(use.close, span.start), scope)
        # The `;` of the barrier's statement counts as one.
        is_next = first_line == source.position(use.close)[0] + 1 and gap is not None and gap <= 1
        return ("below", 0) if is_next and not _is_of_barrier(source, span, scope) else None
    if _trails_statement(source, span):
        line_start = source.offset(first_line, 1)
        return (
            ("other", 0) if _ANY_BARRIER.search(source.skeleton, line_start, span.start) else None
        )
    gap = _statements_between(source, Span(span.end, use.start), scope)
    if gap is not None and gap <= _MOST_STATEMENTS:
        return "above", gap
    return ("other" if _is_of_barrier(source, span, scope) else "function"), 0


def _trails_statement(source: Source, span: Span) -> bool:
    """Whether a comment is behind a statement on its line: it is then about that statement."""
    line, _ = source.position(span.start)
    before = source.skeleton[source.offset(line, 1) : span.start].rstrip()
    return before.endswith((";", "}", ","))


def _is_of_barrier(source: Source, span: Span, scope: Span) -> bool:
    """Whether a barrier follows soon after a comment: the comment is then about that one."""
    last = min(scope.end, span.end + _FARTHEST)
    for operations, most in ((_ANY_BARRIER, _MOST_STATEMENTS), (_ANY_ACCESS, 0)):
        following = operations.search(source.skeleton, span.end, last)
        if following:
            gap = _statements_between(source, Span(span.end, following.start()), scope)
            if gap is not None and gap <= most:
                return True
    return False


def _statements_between(source: Source, span: Span, scope: Span) -> int | None:
    """How many statements `span` holds; one that begins there counts, too.

    None where a comment on one side of `span` cannot be about a barrier on the other: `span`
    leaves a block, is very long, or holds another barrier, which the comment would be about.
    """
    if span.end - span.start > _FARTHEST:
        return None
    within_directive = source.directive_at(scope.start) is not None
    text = source.skeleton if within_directive else source.statements
    if _ANY_BARRIER.search(text, span.start, span.end):
        return None
    piece = _LABEL.sub("", text[span.start : span.end].replace("\\", " "))
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
