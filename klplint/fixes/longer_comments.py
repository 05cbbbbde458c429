"""A sentence added to a comment that is there, in the form that the comment has."""

from __future__ import annotations

import re

from klplint.csource.comment_layout import WIDTH, columns, comment_lines, wrapped
from klplint.csource.lexer import Source, Span
from klplint.csource.text_edits import TextEdit
from klplint.fixes.placement import begins_line, indent_of, line_end

_ENDS_SENTENCE = (".", "!", "?")
_ENDS_WORDS = re.compile(r"[\w)\"'\]]\Z")
_STARRED = re.compile(r"[ \t]*\*++(?!/)[ \t]*")
# A comment that programs read, or that is decoration: more words would change what it is.
_FOR_PROGRAMS = re.compile(
    r"/[/*]\s*(?:clang-format\s+o(?:n|ff)\b|fall\s?-?through|NOLINT|coverity\[|SPDX-|klplint:)",
    re.IGNORECASE,
)
_DECORATED = re.compile(r"/\*[*!]|/\*\s*[-=#~+]{2}|[-=#~+]{2}\s*\*/\Z")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)[ \t]*\S")
_FILLING = "* \t"


def edit_to_lengthen(source: Source, comment: Span, words: str, file: str = "") -> TextEdit | None:
    """The edit that adds `words` to a comment of a file; None where a new comment is better.

    Of several comments that are one text, the last one gets them.
    """
    if source.text.startswith("/*", comment.start):
        comment = source.comment_at(comment.end - 1) or comment
    text = source.text[comment.start : comment.end]
    if source.directive_at(comment.start) or not text.strip("/* \t\r\n"):
        return None
    if _FOR_PROGRAMS.match(text):
        return None
    if text.startswith("//"):
        return _with_slashes(source, comment, words)
    if "\n" in text or "\r" in text:
        return _in_block(source, comment, words)
    if _DECORATED.search(text):
        return None
    return _on_line(source, comment, words, file)


def _on_line(source: Source, comment: Span, words: str, file: str) -> TextEdit | None:
    """The words in a comment of one line; if it becomes too long, it gets several."""
    said = source.text[comment.start + 2 : comment.end - 2].strip(_FILLING)
    said = said.removesuffix(":")
    joined = f"{said}{'.' if _ENDS_WORDS.search(said) else ''} {words}"
    line, _ = source.position(comment.start)
    before = source.text[source.offset(line, 1) : comment.start]
    width = columns(f"{before}/* {joined} */")
    if width <= WIDTH:
        return TextEdit(comment.start, comment.end, f"/* {joined} */")
    after = source.text[comment.end : source.offset(line + 1, 1)]
    if before.strip() or after.strip():
        return None
    rows = comment_lines(joined, indent_of(source, line), line_end(source, line), WIDTH, file)
    return TextEdit(comment.start, comment.end, "".join(rows).strip())


def _with_slashes(source: Source, comment: Span, words: str) -> TextEdit | None:
    """The words as further lines of a `//` comment."""
    line, _ = source.position(comment.end - 1)
    end = line_end(source, line)
    if not begins_line(source, comment.start):
        return None
    rows = wrapped(words, f"{indent_of(source, line)}// ", WIDTH)
    return TextEdit(comment.end, comment.end, "".join(f"{end}{row}" for row in rows))


def _in_block(source: Source, comment: Span, words: str) -> TextEdit | None:
    """The words as the last lines of a comment of several lines; None for one with a frame."""
    line, _ = source.position(comment.end - 1)
    line_start, close = source.offset(line, 1), comment.end - 2
    closes_alone = not source.text[line_start:close].strip(_FILLING)
    place = len(source.text[: line_start if closes_alone else close].rstrip(f"{_FILLING}\r\n"))
    said = source.text[comment.start : place]
    prefix = _prefix(source, place, indent_of(source, line) if closes_alone else "")
    end = line_end(source, line - 1)
    last = source.position(max(0, place - 1))[0]
    if "*" in source.text[place : source.offset(last + 1, 1)] and last < line:
        return None
    outer = _outer_prefix(source, comment, prefix)
    is_apart = outer != prefix or bool(_COLUMNS.search(source.text, source.offset(last, 1), place))
    rows = [*wrapped(words, outer, WIDTH)]
    if is_apart or (not said.endswith(_ENDS_SENTENCE) and not _ENDS_WORDS.search(said)):
        rows.insert(0, outer.rstrip())  # behind code, a list or a diagram
    stop = "." if not is_apart and _ENDS_WORDS.search(said) else ""
    added = stop + "".join(f"{end}{row}" for row in rows)
    if closes_alone:
        return TextEdit(place, place, added)
    return TextEdit(place, close, f"{added} ")


def _outer_prefix(source: Source, comment: Span, prefix: str) -> str:
    """How the second line of a comment begins, if the last one is indented deeper."""
    second = source.offset(source.position(comment.start)[0] + 1, 1)
    starred = _STARRED.match(source.text, second)
    return starred[0] if starred and prefix.startswith(starred[0]) else prefix


def _prefix(source: Source, place: int, indent: str) -> str:
    """How a line of a comment begins after the one that ends at `place`.

    `indent` is that of the closing line, where it stands alone.
    """
    line, _ = source.position(max(0, place - 1))
    line_start = source.offset(line, 1)
    starred = _STARRED.match(source.text, line_start)
    if starred:
        return starred[0]
    if source.text.startswith("/*", line_start + len(indent_of(source, line))):
        return f"{indent or indent_of(source, line) + ' '}* "
    return indent_of(source, line)
