"""The tokens of a C file that matter without a compiler: comments, literals, directives, lines.

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

from klplint.csource.comment_text import has_mark
from klplint.facts.region import Region

# What hides code, or begins a directive: the rest of it, behind its first character. The patterns
# below begin with a class of these characters, because re finds the next of a class many times as
# fast as the next match of an alternation; (?<=...) then looks back at the one that was found. In
# `a / "b"` the search stops at `/`, where no comment follows, and at `"`, where `b"` is the rest.
_HIDDEN = r"""
    (?: (?<=/)  (?P<comment> \*.*?(?:\*/|\Z) | /(?:[^\\\r\n]|\\[ \t]*(?:\r\n|\n|\r)|\\.|\\\Z)* )
      | (?<=")  (?P<string>  (?:[^"\\\r\n]|\\(?:\r\n|.)|\\\Z)*(?P<double>")? )
      | (?<=')  (?P<character> (?:[^'\\\r\n]|\\(?:\r\n|.)|\\\Z)*(?P<single>')? )
      | (?<=\#) (?P<hash>) """
_IN_CODE = re.compile(rf"""[/"'\#]{_HIDDEN})""", re.VERBOSE | re.DOTALL)
# A directive extends over continued lines. Comments and literals in it are found as elsewhere.
_IN_DIRECTIVE = re.compile(
    rf"""(?:[/"'\#]{_HIDDEN}) | (?P<newline> (?:\\[ \t]*)?(?:\r\n|\n|\r) ))""",
    re.VERBOSE | re.DOTALL,
)
_CONTINUATION = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_WITHIN_LINE = re.compile(r"[^\r\n]+")
# Maps each byte to a space, but for line ends.
_SPACES = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_INVISIBLE = re.compile(r"\s*")
_DIRECTIVE = re.compile(r"#[\s\\]*([A-Za-z_]+)?")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text."""

    start: int
    """The offset of its first character."""
    end: int
    """The offset behind its last one."""


@dataclass(frozen=True, slots=True)
class Directive(Span):
    """A preprocessor directive, without the end of its line."""

    keyword: str
    """Its name: `if`, `define`. Empty for the null directive, a `#` alone."""
    rest: str
    """What follows the name, as written but with comments blanked."""


_S = TypeVar("_S", bound=Span)


class Source:
    """A C file's text and its tokens. Offsets and columns count code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments: list[Span] = []
        """All comments, in order."""
        self.strings: list[Span] = []
        """All string and character literals with their quotes, in order."""
        self._string_contents: list[Span] = []
        self._directive_spans: list[Span] = []
        self._comments_naming: dict[str, list[Span]] = {}
        self._scan()

    def _scan(self) -> None:
        """Find comments, literals and directives in one pass over the text."""
        text, place = self.text, 0
        directive: int | None = None  # where the one that is open begins
        last_hash = -1  # two on a line: only the first can begin a directive
        while match := (_IN_CODE if directive is None else _IN_DIRECTIVE).search(text, place):
            kind, (start, place) = match.lastgroup, match.span()
            if kind == "comment":
                self.comments.append(Span(start, place))
            elif kind == "newline":
                if directive is not None and text[start] != "\\":
                    self._directive_spans.append(Span(directive, start))
                    directive = None
            elif kind == "hash":
                if directive is None and not self._is_on_line(start, last_hash):
                    directive = start if self._opens_line(start) else None
                last_hash = start
            else:
                closed = match["double"] or match["single"]
                self.strings.append(Span(start, place))
                self._string_contents.append(Span(start + 1, place - 1 if closed else place))
        if directive is not None:
            self._directive_spans.append(Span(directive, len(text)))

    def _is_on_line(self, place: int, earlier: int) -> bool:
        """Whether `place` is on the same line as an earlier one; not if that is -1."""
        return earlier >= 0 and not _LINE_END.search(self.text, earlier, place)

    def _opens_line(self, place: int) -> bool:
        """Whether only comments precede on the line. The scan has found them all by now."""
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
    def code(self) -> str:
        """The text with comments blanked: every offset stays the same."""
        return blanked(self.text, self.comments)

    @cached_property
    def skeleton(self) -> str:
        """The text with comments and the contents of literals blanked."""
        return blanked(self.code, self._string_contents)

    @cached_property
    def statements(self) -> str:
        """The skeleton with directives blanked, too: only statements and declarations are left."""
        return blanked(self.skeleton, self._directive_spans)

    @cached_property
    def directives(self) -> list[Directive]:
        """All directives, in order."""
        directives = []
        for span in self._directive_spans:
            match = _DIRECTIVE.match(self.code, span.start, span.end)
            keyword = (match[1] or "") if match else ""
            rest = self.code[match.end() if match else span.end : span.end]
            directives.append(Directive(span.start, span.end, keyword, rest.strip()))
        return directives

    @cached_property
    def _line_starts(self) -> list[int]:
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        ends = accumulate(map(len, self.text.split("\n")))  # without the line ends themselves
        return [0, *map(add, ends, range(1, self.text.count("\n") + 1))]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, counted from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; the text's length for a line behind the last one."""
        if line > len(self._line_starts):
            return len(self.text)
        return min(self._line_starts[line - 1] + column - 1, len(self.text))

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
        """The comments as people read them: `//` comments on successive lines are one.

        Each but the first has to be alone on its line, in the same column.
        """
        blocks: list[Span] = []
        for span in self.comments:
            last = blocks[-1] if blocks else None
            if last and self._is_continued(last, span):
                blocks[-1] = Span(last.start, span.end)
            else:
                blocks.append(span)
        return blocks

    def _is_continued(self, block: Span, span: Span) -> bool:
        """Whether a `//` comment continues the block of such comments on the line above."""
        both = self.text.startswith("//", block.start) and self.text.startswith("//", span.start)
        between = self.text[block.end : span.start]
        if not both or between.strip() or len(_LINE_END.findall(between)) != 1:
            return False
        if has_mark(self.text[block.start : span.end]):
            return False  # a suppression is a comment by itself
        return self.position(span.start)[1] == self.position(block.start)[1]

    def comments_naming(self, name: str) -> list[Span]:
        """The comments that hold `name` as a word, in order."""
        if name not in self._comments_naming:
            spans = map(self.comment_at, words_in(self.text, name))
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
    place = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return spans[place] if place >= 0 and offset < spans[place].end else None


def blanked(text: str, spans: Iterable[Span]) -> str:
    """A text with some spans, sorted by their starts, replaced by spaces; line ends stay."""
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
    """A text of the same length that has spaces for all characters but line ends."""
    if "\n" not in piece and "\r" not in piece:
        return " " * len(piece)
    if piece.isascii():  # nearly all are, and this is many times as fast
        return piece.encode().translate(_SPACES).decode()
    return _WITHIN_LINE.sub(lambda line: " " * len(line[0]), piece)


def word_start(text: str, place: int, first: int = 0) -> int:
    """Where the word begins that reaches up to `place`, but not before `first`."""
    while place > first and (text[place - 1].isalnum() or text[place - 1] == "_"):
        place -= 1
    return place


def words_in(text: str, name: str) -> Iterator[int]:
    """The offsets at which `name`, an identifier, is a word by itself."""
    # Without a \b before it: re finds a pattern that begins with a literal many times as fast.
    for match in re.finditer(rf"{name}\b", text):
        start = match.start()
        if not (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
            yield start
