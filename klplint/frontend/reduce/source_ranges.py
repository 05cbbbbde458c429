"""Where a function's cursors are written in the file, and as what text: macros seen through.

libclang's Python module gives expansion locations only: all of a macro's arguments would
stand at the macro's name. The file location of an argument is where it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, byref, c_uint, c_void_p

from clang.cindex import Cursor, SourceLocation, conf

from klplint.csource.outline import Outline, Use
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.frontend.parse import TranslationUnitView

# clang's mark in a location's number for those that lie in a macro's expansion.
_IN_MACRO = 1 << 31


def _locate(function_name: str, location: SourceLocation) -> int:
    function = getattr(conf.lib, function_name)
    function.argtypes = [
        SourceLocation,
        POINTER(c_void_p),
        POINTER(c_uint),
        POINTER(c_uint),
        POINTER(c_uint),
    ]
    file, line, column, offset = c_void_p(), c_uint(), c_uint(), c_uint()
    function(location, byref(file), byref(line), byref(column), byref(offset))
    return offset.value


def file_offset(location: SourceLocation) -> int:
    """The byte offset at which a location is written; a macro's own tokens stand at its use."""
    return _locate("clang_getFileLocation", location)


def is_written_here(location: SourceLocation) -> bool:
    """Whether a location's token is written where it stands, and does not come out of a macro.

    A macro's own tokens stand at its name, where its expansion begins; an argument's do not.
    (clang_getSpellingLocation() would be the thing to ask, but gives the file location.)
    """
    if not location.int_data & _IN_MACRO:
        return True
    return file_offset(location) != _locate("clang_getExpansionLocation", location)


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
        region = self.source.region(use.start, use.end)
        return Call(use.name, self._outline.argument_texts(use), region)
