"""The tokens of a C file that matter without a compiler: comments, literals, directives, lines.

Everything works on offsets into the text; `position()` turns them into lines and columns.
No input makes it fail: an unterminated comment or literal ends with the file or the line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TypeVar

import msgspec

from klplint.csource.comment_blocks import comment_blocks
from klplint.csource.lines import Lines
from klplint.csource.words import words_in
from klplint.facts.region import Region

# What hides code. The pattern begins with a class of characters: re finds the next of a class
# many times as fast as the next match of an alternation. (?<=...) then looks back at the one that
# was found. In `a / "b"` the search stops at `/`, where no comment follows, and at `"`.
_HIDDEN = re.compile(
    r"""[/"'](?:
        (?<=/) (?: \* (?: [^*]*\*+ (?: [^/*][^*]*\*+ )* / | .* )
                 | / [^\\\r\n]* (?: \\(?: [ \t]*(?:\r\n|\n|\r) | . | \Z ) [^\\\r\n]* )* )
      | (?<=") [^"\\\r\n]* (?: \\(?: \r\n | . | \Z ) [^"\\\r\n]* )* (?P<double>")?
      | (?<=') [^'\\\r\n]* (?: \\(?: \r\n | . | \Z ) [^'\\\r\n]* )* (?P<single>')? )""",
    re.VERBOSE | re.DOTALL,
)
# The end of a line, or where it is continued.
_LINE_END_OR_CONTINUED = re.compile(r"[\\\r\n](?:(?<=\\)[ \t]*(?:\r\n|\n|\r)|(?<!\\))")
_CONTINUATION = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)")
_LINE_END = re.compile(r"\r\n|\n|\r")
# Maps each byte to a space, but for line ends.
_SPACES = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_INVISIBLE = re.compile(r"\s*")
_DIRECTIVE = re.compile(r"#[\s\\]*([A-Za-z_]+)?")


class Span(msgspec.Struct, frozen=True, gc=False):
    """A part of the text."""

    start: int
    """The offset of its first character."""
    end: int
    """The offset behind its last one."""


class Directive(Span, frozen=True, gc=False):
    """A preprocessor directive, without the end of its line."""

    keyword: str
    """Its name: `if`, `define`. Empty for the null directive, a `#` alone."""
    rest: str
    """What follows the name, as written but with comments blanked."""


_S = TypeVar("_S", bound=Span)
_START = attrgetter("start")


class Source:
    """A C file's text and its tokens. Offsets and columns count code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[Span] = []
        """All comments, in order."""
        self.strings: list[Span] = []
        """All string and character literals with their quotes, in order."""
        self._hidden: list[Span] = []
        """The comments and the contents of literals, in order."""
        self._comments_naming: dict[str, list[Span]] = {}
        self._scan()

    def _scan(self) -> None:
        """Find comments and literals in one pass over the text."""
        text = self.text
        for match in _HIDDEN.finditer(text):
            start, end = match.span()
            if text[start] == "/":
                comment = Span(start, end)
                self.comments.append(comment)
                self._hidden.append(comment)
            else:
                self.strings.append(Span(start, end))
                closed = match.lastgroup is not None
                self._hidden.append(Span(start + 1, end - 1 if closed else end))

    @cached_property
    def _directive_spans(self) -> list[Span]:
        """The directives, in order: a `#` outside of comments and literals that begins a line."""
        text, spans = self.skeleton, list[Span]()
        start = text.find("#")
        while start >= 0:
            if self._opens_line(start):
                end = self._line_end(start)
                spans.append(Span(start, end))
            else:  # then no other one on the line begins it
                match = _LINE_END.search(text, start)
                end = match.end() if match else len(text)
            start = text.find("#", end)
        return spans

    def _line_end(self, place: int) -> int:
        """Where the line of some code ends, of which comments and continued lines are a part."""
        while match := _LINE_END_OR_CONTINUED.search(self.text, place):
            hidden = _span_at(self._hidden, match.start())
            if hidden is None and match[0][0] != "\\":
                return match.start()
            place = hidden.end if hidden else match.end()
        return len(self.text)

    def _opens_line(self, place: int) -> bool:
        """Whether only comments precede on the line."""
        text = self.text
        if text[place - 1 : place] == "\n" and text[place - 2 : place - 1] not in "\\ \t\r":
            return True
        number = bisect_left(self.comments, place, key=_START)
        earlier = map(self.comments.__getitem__, range(number - 1, -1, -1))
        for comment in chain(earlier, (None,)):
            behind = comment.end if comment else 0
            line = self._line_before(place, behind)
            if _CONTINUATION.sub("", text[max(line, behind) : place]).strip():
                return False
            if line >= 0 or comment is None:
                break
            place = comment.start
        return True

    def _line_before(self, place: int, first: int) -> int:
        """Where the line of `place` begins; -1 if before `first`. Continued lines are one."""
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
    def _blank(self) -> str:
        return _blank(self.text)

    @cached_property
    def code(self) -> str:
        """The text with comments blanked: every offset stays the same."""
        return _replaced(self.text, self.comments, self._blank)

    def _code_in(self, span: Span) -> str:
        """The code of a part of the text."""
        text = self.text[span.start : span.end]
        if "/*" not in text and "//" not in text:
            return text
        first, last = (bisect_left(self.comments, at, key=_START) for at in (span.start, span.end))
        return _replaced(self.text, self.comments[first:last], self._blank, span)

    @cached_property
    def skeleton(self) -> str:
        """The text with comments and the contents of literals blanked."""
        return _replaced(self.text, self._hidden, self._blank)

    @cached_property
    def statements(self) -> str:
        """The skeleton with directives blanked, too: only statements and declarations are left."""
        return _replaced(self.skeleton, self._directive_spans, self._blank)

    @cached_property
    def directives(self) -> list[Directive]:
        """All directives, in order."""
        directives = []
        for span in self._directive_spans:
            text = self._code_in(span)
            match = _DIRECTIVE.match(text)
            keyword = (match[1] or "") if match else ""
            rest = text[match.end() :] if match else ""
            directives.append(Directive(span.start, span.end, keyword, rest.strip()))
        return directives

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, counted from 1."""
        return self._lines.position(offset)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; the text's length for a line behind the last one."""
        return self._lines.offset(line, column)

    def span(self, region: Region) -> Span:
        """The offsets of a region."""
        start = self.offset(region.line, region.column)
        return Span(start, self.offset(region.end_line, region.end_column))

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
        """The comments as people read them, in order: see `csource.comment_blocks`."""
        return comment_blocks(self.text, self.comments)

    def comments_naming(self, name: str) -> list[Span]:
        """The comments, as people read them, that hold `name` as a word, in order."""
        if name not in self._comments_naming:
            blocks = self.comment_blocks
            spans = (_span_at(blocks, place) for place in words_in(self.text, name))
            self._comments_naming[name] = list(dict.fromkeys(span for span in spans if span))
        return self._comments_naming[name]

    def string_at(self, offset: int) -> Span | None:
        """The string or character literal that holds `offset`, if one does."""
        return _span_at(self.strings, offset)

    def next_visible(self, offset: int) -> int:
        """The first offset from `offset` on that is neither white space nor in a comment."""
        match = _INVISIBLE.match(self.code, offset)
        return match.end() if match else offset


def _span_at(spans: list[_S], offset: int) -> _S | None:
    """The span that holds `offset`, of some that are sorted and do not overlap."""
    place = bisect_right(spans, offset, key=_START) - 1
    return spans[place] if place >= 0 and offset < spans[place].end else None


def blanked(text: str, spans: Iterable[Span]) -> str:
    """A text with some spans, sorted by their starts, replaced by spaces; line ends stay."""
    return _replaced(text, spans, _blank(text))


def _blank(text: str) -> str:
    """A text of the same length that has spaces for all characters but line ends."""
    return text.encode("ascii", "replace").translate(_SPACES).decode("ascii")


def _replaced(text: str, spans: Iterable[Span], by: str, part: Span | None = None) -> str:
    """A part of a text with some spans, sorted by their starts, replaced by those of another."""
    last, end = (part.start, part.end) if part else (0, len(text))
    pieces = list[str]()
    for span in spans:
        if span.end > last:
            start = max(span.start, last)
            pieces += text[last:start], by[start : span.end]
            last = span.end
    return "".join(pieces) + text[last:end]
