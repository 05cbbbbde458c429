"""Text measured and cut as a terminal shows it: tabs, wide and combining characters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import msgspec
from rich.cells import cell_len, get_character_cell_size

from klplint.printable import visible

_TAB = 8
_CUT = "..."
_CONTEXT = 4
"""The part of a very long line that is measured around a mark, in multiples of the room."""


class View(msgspec.Struct, frozen=True):
    """A source line, or a part of it, as shown in a limited room."""

    text: str
    spans: tuple[tuple[int, int] | None, ...]
    """The cells that each range covers; None where it is out of view."""


class _Drawn(msgspec.Struct, frozen=True):
    """A part of a line in cells."""

    pieces: tuple[str, ...]
    """What shows each code point."""
    starts: tuple[int, ...]
    """The cell at which each piece starts; one entry more, the width, is at the end."""
    more_left: bool
    """Whether the line goes on at the left."""
    more_right: bool
    """Whether the line goes on at the right."""

    @property
    def width(self) -> int:
        return self.starts[-1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        last = len(self.pieces)
        return self.starts[min(start, last)], self.starts[min(end, last)]


def view(text: str, ranges: list[tuple[int, int]], room: int) -> View:
    """`text` in `room` cells so that the first of `ranges` (code points from 0) is in view.

    Of a very long line, only the part around that range is measured, and tabs are expanded from
    there: some files are one line of a megabyte.
    """
    first = ranges[0][0]
    begin = max(0, first - _CONTEXT * room) if len(text) > 2 * _CONTEXT * room else 0
    stop = begin + 2 * _CONTEXT * room
    drawn = _draw(text[begin:stop], more_left=begin > 0, more_right=len(text) > stop)
    spans = [drawn.span(max(0, start - begin), max(0, end - begin)) for start, end in ranges]
    left = _left_edge(drawn, spans[0], room)
    lead = _CUT if left > 0 or drawn.more_left else ""
    tail = _CUT if drawn.width > left + room or drawn.more_right else ""
    low, high = left + len(lead), left + room - len(tail)
    start = bisect_left(drawn.starts, low)
    end = max(start, bisect_right(drawn.starts, high) - 1)
    padding = " " * (drawn.starts[start] - low)
    shown = f"{lead}{padding}{''.join(drawn.pieces[start:end])}{tail}"
    clipped = [_clip(span, low, high, keep=index == 0) for index, span in enumerate(spans)]
    return View(
        shown.rstrip(), tuple(span and (span[0] - left, span[1] - left) for span in clipped)
    )


def wrap(text: str, first: int, rest: int) -> list[str]:
    """`text` in lines of `first`, then `rest` cells; longer words stay whole, for copying."""
    lines: list[str] = []
    line, room = "", first
    for word in text.split():
        if line and cell_len(f"{line} {word}") > room:
            lines.append(line)
            line, room = word, rest
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _draw(text: str, *, more_left: bool, more_right: bool) -> _Drawn:
    pieces, starts, cell = [], [], 0
    for character in text:
        piece = " " * (_TAB - cell % _TAB) if character == "\t" else visible(character)
        pieces.append(piece)
        starts.append(cell)
        cell += sum(map(get_character_cell_size, piece))
    return _Drawn(tuple(pieces), (*starts, cell), more_left, more_right)


def _left_edge(drawn: _Drawn, span: tuple[int, int], room: int) -> int:
    """The first cell in view: 0 if the span is visible from there, else a third before the span."""
    whole = drawn.width <= room and not drawn.more_right
    if not drawn.more_left and (whole or span[1] <= room - len(_CUT)):
        return 0
    left = span[0] - room // 3
    if not drawn.more_right:
        left = min(left, drawn.width - room)
    return max(0, left)


def _clip(span: tuple[int, int], low: int, high: int, *, keep: bool) -> tuple[int, int] | None:
    """The part of `span` in view; None if some of it is out of view, unless `keep` is set."""
    start, end = max(span[0], low), min(span[1], high)
    return (start, max(start, end)) if keep or (start, end) == span else None
