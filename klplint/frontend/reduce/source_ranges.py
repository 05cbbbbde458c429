"""Where a function's cursors are written in the file, and as what text: macros seen through."""

from __future__ import annotations

from collections.abc import Sequence

from clang.cindex import Cursor

from klplint.csource.outline import Outline, Use
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.frontend.locations import file_offset, is_written_here
from klplint.frontend.parse import TranslationUnitView


class Writing:
    """Answers in offsets into the source, in regions and in text."""

    def __init__(self, view: TranslationUnitView, outline: Outline) -> None:
        self._view = view
        self._outline = outline
        self.source = view.source

    def start(self, cursor: Cursor) -> int:
        """Where a cursor begins; what comes out of a macro begins with the macro's name."""
        return self._view.text_offset(file_offset(cursor.extent.start))

    def end(self, cursor: Cursor) -> int:
        """Where a cursor ends; what comes out of a macro ends, as it begins, at its name."""
        return self._view.text_offset(file_offset(cursor.extent.end))

    def use(self, cursor: Cursor) -> Use | None:
        """The name at which a cursor begins, with the arguments that follow it."""
        return self._outline.use_at(self.start(cursor))

    def region(self, cursor: Cursor) -> Region:
        """Where a cursor is written. One that ends in a macro ends with the macro's arguments."""
        start, end = self.start(cursor), self.end(cursor)
        if not is_written_here(cursor.extent.end):
            use = self._outline.use_at(end)
            end = use.close if use else end
        for child in cursor.get_children() if end < start else ():
            end = max(end, self.end(child))
        return self.source.region(start, max(start, end))

    def region_of_all(self, cursors: Sequence[Cursor]) -> Region:
        """From the first cursor's beginning to the last one's end."""
        if not cursors:
            return Region(1, 1, 1, 1)
        first, last = self.region(cursors[0]), self.region(cursors[-1])
        return Region(first.line, first.column, last.end_line, last.end_column)

    def text(self, cursor: Cursor) -> str | None:
        """A cursor's source text on one line, comments blanked; a macro's use as it is written.

        What begins with a macro may go on behind it: `current->parent`.
        """
        first = None if is_written_here(cursor.extent.start) else self.use(cursor)
        if first is None and not is_written_here(cursor.extent.start):
            return None
        end = self.end(cursor)
        if not is_written_here(cursor.extent.end):
            last = self._outline.use_at(end)
            end = last.close if last else end
        if first is not None:
            end = max(end, first.close)
        return " ".join(self.source.code[self.start(cursor) : end].split()) or None

    def text_of(self, region: Region) -> str:
        """The source text of a region, comments blanked."""
        start = self.source.offset(region.line, region.column)
        return self.source.code[start : self.source.offset(region.end_line, region.end_column)]

    def call(self, use: Use) -> Call:
        """The call that a name with its arguments is."""
        texts = tuple(self.source.code[a.start : a.end] for a in use.arguments or ())
        return Call(use.name, texts, self.source.region(use.start, use.end))
