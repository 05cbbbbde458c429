"""Source excerpts: lines with numbers, marks under the code in question, and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec
from rich.cells import cell_len
from rich.text import Text

from klplint.findings.finding import Place
from klplint.printable import one_line
from klplint.report.terminal_cells import view, wrap

_GUTTER_STYLE = "bold blue"
_LABEL_ROOM = 30
"""The narrowest column for a longer label; with less room beside a mark, it goes below."""


class Mark(msgspec.Struct, frozen=True):
    """A place to point at in an excerpt."""

    place: Place
    sign: str
    """The character of the underline."""
    style: str
    """The style of the underline and the label, as rich writes it."""

    @property
    def range(self) -> tuple[int, int]:
        """The marked code points of the line, from 0; a longer region is marked to its end."""
        region = self.place.region
        one = region.end_line == region.line
        end = region.end_column - 1 if one else len(self.place.excerpt.rstrip())
        return region.column - 1, max(end, region.column)


class Page(msgspec.Struct, frozen=True):
    """The frame of an excerpt."""

    gutter: int
    """The width of the line numbers."""
    width: int
    """The width of all."""

    @property
    def room(self) -> int:
        """The cells for source text, right of the gutter; at least 20."""
        return max(20, self.width - self.gutter - 3)

    def row(self, number: int | None, *code: str | Text | tuple[str, str]) -> Text:
        """A row: a line number or none, the gutter's bar, and what is right of it."""
        shown = "" if number is None else str(number)
        row = Text.assemble((f"{shown:>{self.gutter}} | ", _GUTTER_STYLE), *code)
        row.rstrip()
        return row

    def heading(self, arrow: str, place: str) -> Text:
        """The row with the place of an excerpt; never wrapped, for clicking and copying."""
        return Text.assemble((f"{' ' * (self.gutter - 1)} {arrow} ", _GUTTER_STYLE), place)


def draw(marks: Iterable[Mark], page: Page) -> Iterator[Text]:
    """The rows of an excerpt of one file: its marked lines in order, gaps as dots."""
    ordered = sorted(marks, key=lambda mark: (mark.place.region, mark.sign))
    previous = None
    for line, group in groupby(ordered, key=lambda mark: mark.place.region.line):
        if previous is not None and line > previous + 1:
            yield Text("...", _GUTTER_STYLE)
        previous = line
        yield from _marked_line(line, list(group), page)


def _marked_line(line: int, marks: list[Mark], page: Page) -> Iterator[Text]:
    """A line and the marks below it; repeated for marks that are too far to the right."""
    while marks:
        shown = view(marks[0].place.excerpt, [mark.range for mark in marks], page.room)
        yield page.row(line, shown.text)
        visible = [(m, span) for m, span in zip(marks, shown.spans, strict=True) if span]
        yield from _mark_rows(visible, page)
        marks = [m for m, span in zip(marks, shown.spans, strict=True) if not span]


def _mark_rows(marks: list[tuple[Mark, tuple[int, int]]], page: Page) -> Iterator[Text]:
    """The underlines, in one row as long as none has a label and they do not overlap."""
    row = Text()
    for mark, (start, end) in marks:
        if row and start <= row.cell_len:
            yield page.row(None, row)
            row = Text()
        row.append(" " * (start - row.cell_len))
        row.append(mark.sign * max(1, end - start), mark.style)
        if mark.place.label:
            yield from _labelled(row, start, mark, page)
            row = Text()
    if row:
        yield page.row(None, row)


def _labelled(underlines: Text, start: int, mark: Mark, page: Page) -> Iterator[Text]:
    """The underlines with the last one's label: beside it where there is room, else below."""
    label = one_line(mark.place.label)
    indent = underlines.cell_len + 1
    room = page.room - indent
    if room >= _LABEL_ROOM or cell_len(label) <= room:
        first, *further = wrap(label, room, room)
        yield page.row(None, underlines, (f" {first}", mark.style))
    else:
        indent = max(0, min(start, page.room - min(cell_len(label), _LABEL_ROOM)))
        room = page.room - indent
        further = wrap(label, room, room)
        yield page.row(None, underlines)
    for text in further:
        yield page.row(None, " " * indent, (text, mark.style))
