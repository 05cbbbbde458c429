"""Where the cursors of a function are written in the file, also those in a macro's arguments.

libclang's Python module has only expansion locations: all arguments of a macro are at the
macro's name there. The file location of an argument is where it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, byref, c_uint, c_void_p

from clang.cindex import Cursor, SourceLocation, conf

from klplint.csource.outline import Outline, Use
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.frontend.parse import TranslationUnitView

# The bit that clang sets in the number of a location within a macro's expansion.
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
    """The byte offset of a location; that of a token from a macro's body is where it is used."""
    return _locate("clang_getFileLocation", location)


def is_written_here(location: SourceLocation) -> bool:
    """Whether a location's token is written at its place, and does not come out of a macro.

    The tokens of a macro's body are at the macro's name, where the expansion begins; those of
    an argument are not. (clang_getSpellingLocation() should answer this, but gives the file
    location.)
    """
    if not location.int_data & _IN_MACRO:
        return True
    return file_offset(location) != _locate("clang_getExpansionLocation", location)


class SourceRanges:
    """The offsets, regions and texts of cursors."""

    def __init__(self, view: TranslationUnitView, outline: Outline) -> None:
        self._view = view
        self._outline = outline
        self.source = view.source

    def start(self, cursor: Cursor) -> int:
        """Where a cursor begins; one out of a macro begins with the macro's name."""
        return self._view.text_offset(file_offset(cursor.extent.start))

    def end(self, cursor: Cursor) -> int:
        """Where a cursor ends; one out of a macro ends, as it begins, at the macro's name."""
        return self._view.text_offset(file_offset(cursor.extent.end))

    def name(self, cursor: Cursor) -> int:
        """Where the name is that a declaration declares."""
        return self._view.text_offset(file_offset(cursor.location))

    def between(self, left: Cursor, right: Cursor) -> str:
        """The text between two cursors, without comments and literals."""
        return self.source.skeleton[self.end(left) : self.start(right)]

    def use(self, cursor: Cursor) -> Use | None:
        """The name at which a cursor begins, with the arguments that follow it."""
        return self._outline.use_at(self.start(cursor))

    def region(self, cursor: Cursor) -> Region:
        """Where a cursor is written; one that ends in a macro ends with the macro's arguments."""
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
        """A cursor's source text on one line, without comments; a macro's use as it is written.

        None where the text comes from within a macro. An expression that begins with a macro
        may go on behind it: `current->parent`.
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

    def argument_texts(self, use: Use) -> tuple[str, ...]:
        """The arguments of a use as written."""
        return self._outline.argument_texts(use)

    def text_in_argument(self, cursor: Cursor, use: Use) -> str | None:
        """The source text of a cursor that is within one argument of a use; None if it is not."""
        start, end = self.start(cursor), self.end(cursor)
        for argument in use.arguments or ():
            if argument.start <= start < argument.end:
                if end <= start or not is_written_here(cursor.extent.end):
                    last = self._outline.use_at(max(start, end))
                    end = last.close if last else end
                text = " ".join(self.source.code[start:end].split())
                return text if start < end <= argument.end else None
        return None

    def text_of(self, region: Region) -> str:
        """The source text of a region, without comments."""
        start = self.source.offset(region.line, region.column)
        return self.source.code[start : self.source.offset(region.end_line, region.end_column)]

    def call(self, use: Use) -> Call:
        """The call that a name with its arguments is."""
        region = self.source.region(use.start, use.end)
        return Call(use.name, self._outline.argument_texts(use), region)


def with_end_of(region: Region, other: Region) -> Region:
    """A region that reaches to the end of another one: libclang ends a macro's loop too early."""
    end = max((region.end_line, region.end_column), (other.end_line, other.end_column))
    return Region(region.line, region.column, *end)
