"""Where a cursor's tokens stand in the file itself, macros seen through.

libclang's Python module gives expansion locations only: all of a macro's arguments would
stand at the macro's name. The file location of an argument is where it is written.
"""

from __future__ import annotations

from ctypes import POINTER, byref, c_uint, c_void_p

from clang.cindex import SourceLocation, conf

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
