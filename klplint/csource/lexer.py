"""One C file without a compiler: its comments, literals, directives, lines and #if conditions.

Everything works on offsets into the text; `position()` turns them into lines and columns.
No input makes it fail: an unterminated comment or literal ends with the file or the line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from operator import add
from typing import TypeVar

from klplint.facts.region import Region

# What hides code, or begins a directive. The first character is told apart from the rest, so that
# the search runs over all others at once.
_HIDDEN = r"""
    (?: (?<=/)  (?P<comment> \*.*?(?:\*/|\Z) | /(?:[^\\\r\n]|\\[ \t]*(?:\r\n|\n|\r)|\\.|\\\Z)* )
      | (?<=")  (?P<string>  (?:[^"\\\r\n]|\\(?:\r\n|.)|\\\Z)*(?P<double>")? )
      | (?<=')  (?P<character> (?:[^'\\\r\n]|\\(?:\r\n|.)|\\\Z)*(?P<single>')? )
      | (?<=\#) (?P<hash>) """
_IN_CODE = re.compile(rf"""[/"'\#]{_HIDDEN})""", re.X | re.S)
# A directive reaches over continued lines; comments and literals inside it are found apart.
_IN_DIRECTIVE = re.compile(
    rf"""(?:[/"'\#]{_HIDDEN}) | (?P<newline> (?:\\[ \t]*)?(?:\r\n|\n|\r) ))""", re.X | re.S
)
_CONTINUATION = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)")
_OWN_WORD = "klplint"
_LINE_END = re.compile(r"\r\n|\n|\r")
_WITHIN_LINE = re.compile(r"[^\r\n]+")
# Each byte as a space, but for the ends of lines.
_SPACES = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_INVISIBLE = re.compile(r"\s*")
_DIRECTIVE = re.compile(r"#[\s\\]*([A-Za-z_]+)?")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Directive(Span):
    """A preprocessor directive: `keyword` (if, define), `rest` as written, comments blanked."""

    keyword: str
    rest: str


_S = TypeVar("_S", bound=Span)


class Source:
    """A C file's text and what hides in it. Offsets and columns count code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[Span] = []
        self.strings: list[Span] = []
        self._insides: list[Span] = []
        self._directive_spans: list[Span] = []
        self._naming: dict[str, list[Span]] = {}
        self._scan()

    def _scan(self) -> None:
        """One pass over the text; a `#` that opens a line starts a directive up to its end."""
        text, place = self.text, 0
        directive: int | None = None
        refused = -1
        while match := (_IN_CODE if directive is None else _IN_DIRECTIVE).search(text, place):
            kind, (start, place) = match.lastgroup, match.span()
            if kind == "comment":
                self.comments.append(Span(start, place))
            elif kind == "newline":
                if directive is not None and text[start] != "\\":
                    self._directive_spans.append(Span(directive, start))
                    directive = None
            elif kind == "hash":
                if directive is None and not self._is_on_line(start, refused):
                    directive = start if self._opens_line(start) else None
                refused = start
            else:
                closed = match["double"] or match["single"]
                self.strings.append(Span(start, place))
                self._insides.append(Span(start + 1, place - 1 if closed else place))
        if directive is not None:
            self._directive_spans.append(Span(directive, len(text)))

    def _is_on_line(self, place: int, earlier: int) -> bool:
        """Whether `place` stands on the very line of an earlier one, which then opens no line."""
        return earlier >= 0 and not _LINE_END.search(self.text, earlier, place)

    def _opens_line(self, place: int) -> bool:
        """Whether nothing but comments, the last of those found so far, precedes on the line."""
        for comment in chain(reversed(self.comments), (None,)):
            behind = comment.end if comment else 0
            line = self._line_before(place, behind)
            if _CONTINUATION.sub("", self.text[max(line, behind) : place]).strip():
                return False
            if line >= 0 or comment is None:
                break
            place = comment.start
        return True

    def _line_before(self, place: int, first: int) -> int:
        """Where the line of `place` begins if from `first` on, else -1; continued lines are one."""
        while True:
            feed = self.text.rfind("\n", first, place)
            end = max(feed, self.text.rfind("\r", feed + 1 if feed >= 0 else first, place))
            if end < 0:
                return -1
            place = (
                end - 1 if end == feed and self.text.startswith("\r", max(first, end - 1)) else end
            )
            while place > first and self.text[place - 1] in " \t":
                place -= 1
            place -= 1
            if place < first or self.text[place] != "\\" or self.string_at(place):
                return end + 1

    @cached_property
    def code(self) -> str:
        """The text with comments blanked; same length, same lines."""
        return blanked(self.text, self.comments)

    @cached_property
    def skeleton(self) -> str:
        """The text with comments and the insides of literals blanked."""
        return blanked(self.code, self._insides)

    @cached_property
    def statements(self) -> str:
        """The skeleton with directives blanked too: what a function's statements look like."""
        return blanked(self.skeleton, self._directive_spans)

    @cached_property
    def directives(self) -> list[Directive]:
        """All directives, in order; the null directive has the keyword ""."""
        found = []
        for span in self._directive_spans:
            match = _DIRECTIVE.match(self.code, span.start, span.end)
            keyword = (match[1] or "") if match else ""
            rest = self.code[match.end() if match else span.end : span.end]
            found.append(Directive(span.start, span.end, keyword, rest.strip()))
        return found

    @cached_property
    def _line_starts(self) -> list[int]:
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        ends = accumulate(map(len, self.text.split("\n")))  # without the line ends themselves
        return [0, *map(add, ends, range(1, self.text.count("\n") + 1))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of an offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; lines behind the end give the text's length."""
        if line > len(self._line_starts):
            return len(self.text)
        return min(self._line_starts[line - 1] + column - 1, len(self.text))

    def line_text(self, line: int) -> str:
        """A line's text without its end; "" behind the last one."""
        start, end = self.offset(line, 1), self.offset(line + 1, 1)
        return self.text[start:end].rstrip("\r\n")

    def region(self, start: int, end: int) -> Region:
        """The region between two offsets."""
        return Region(*self.position(start), *self.position(end))

    def directive_at(self, offset: int) -> Directive | None:
        """The directive that holds `offset`, if one does."""
        return _span_at(self.directives, offset)

    def comment_at(self, offset: int) -> Span | None:
        """The comment that holds `offset`, if one does."""
        return _span_at(self.comments, offset)

    @cached_property
    def comment_blocks(self) -> list[Span]:
        """The comments as people read them: a `//` comment goes on with one right below it that
        stands alone on its line.
        """
        blocks: list[Span] = []
        for span in self.comments:
            last = blocks[-1] if blocks else None
            if last and self._continues(last, span):
                blocks[-1] = Span(last.start, span.end)
            else:
                blocks.append(span)
        return blocks

    def _continues(self, block: Span, span: Span) -> bool:
        """Whether a `//` comment goes on with the block of such comments on the line above."""
        both = self.text.startswith("//", block.start) and self.text.startswith("//", span.start)
        between = self.text[block.end : span.start]
        if not both or between.strip() or len(_LINE_END.findall(between)) != 1:
            return False
        if _OWN_WORD in self.text[block.start : span.end]:
            return False  # what speaks to klplint speaks of nothing else
        return self.position(span.start)[1] == self.position(block.start)[1]

    def comments_naming(self, name: str) -> list[Span]:
        """The comments that hold `name` as a word, in order; looked for once."""
        if name not in self._naming:
            spans = map(self.comment_at, words_in(self.text, name))
            self._naming[name] = list(dict.fromkeys(span for span in spans if span))
        return self._naming[name]

    def string_at(self, offset: int) -> Span | None:
        """The string or character literal that holds `offset`, if one does."""
        return _span_at(self.strings, offset)

    def next_visible(self, offset: int) -> int:
        """The first offset from `offset` on that holds code: no space and no comment."""
        match = _INVISIBLE.match(self.code, offset)
        return match.end() if match else offset


def _span_at(spans: list[_S], offset: int) -> _S | None:
    place = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return spans[place] if place >= 0 and offset < spans[place].end else None


def blanked(text: str, spans: Iterable[Span]) -> str:
    """A text with some spans, sorted by their starts, made spaces; line ends stay."""
    pieces, last = [], 0
    for span in spans:
        if span.end <= last:
            continue
        start = max(span.start, last)
        pieces.append(text[last:start])
        pieces.append(_blank(text[start : span.end]))
        last = span.end
    return "".join(pieces) + text[last:]


def _blank(piece: str) -> str:
    if "\n" not in piece and "\r" not in piece:
        return " " * len(piece)
    if piece.isascii():  # many times as fast, and nearly all are
        return piece.encode().translate(_SPACES).decode()
    return _WITHIN_LINE.sub(lambda line: " " * len(line[0]), piece)


def words_in(text: str, name: str) -> Iterator[int]:
    """Where `name`, an identifier, stands as a word.

    A literal is found many times as fast without a look at what precedes it.
    """
    for match in re.finditer(rf"{name}\b", text):
        start = match.start()
        if not (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
            yield start
