"""libclang at work: one file parsed, and asked what stands at each place that names something.

The file is asked by position (what is this name here?), never walked whole: a walk of a
kernel translation unit costs more than its parse.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clang.cindex import (
    Cursor,
    CursorKind,
    Diagnostic,
    Index,
    SourceLocation,
    TranslationUnit,
    TranslationUnitLoadError,
)

from klplint.csource.lexer import Source
from klplint.source_text import to_bytes

_KEEP_GOING = 0x200
MACRO_RECORD = TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
OPTIONS = TranslationUnit.PARSE_INCOMPLETE | _KEEP_GOING
_FUNCTIONS = (CursorKind.FUNCTION_DECL,)
_OTHER_ENTITIES = {
    CursorKind.PARM_DECL: "a parameter",
    CursorKind.VAR_DECL: "a variable",
    CursorKind.FIELD_DECL: "a member",
    CursorKind.TYPEDEF_DECL: "a type",
    CursorKind.ENUM_CONSTANT_DECL: "an enumerator",
    CursorKind.STRUCT_DECL: "a structure",
    CursorKind.LABEL_STMT: "a label",
}


class ParseError(Exception):
    """libclang gave no translation unit at all for a file."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the AST says of a name at one place.

    `role` is "use" for the function (or barrier) itself, "declaration", "definition", or "other"
    for an entity that merely bears the name; `entity` then says which kind.
    """

    role: str
    function: str | None
    entity: str = ""


class TranslationUnitView:
    """A parsed file, asked by offsets into its source."""

    def __init__(
        self,
        path: Path,
        source: Source,
        arguments: list[str],
        wrapper: str | None = None,
        unsaved: Sequence[tuple[str, str]] = (),
        text: str | None = None,
        macros: bool = False,
    ) -> None:
        """Parse; ParseError where libclang cannot at all.

        `wrapper` is the text of a translation unit that includes `path`, for a file that is
        none of its own. `unsaved` are further files to read from memory. `text` is what to
        parse in the source's place: of the same length, its lines where they are. With
        `macros`, uses of macros can be asked for; other names may then hide behind them.
        """
        self.path = path
        self.source = source
        files = [*unsaved, (str(path), source.text if text is None else text)]
        main = str(path)
        if wrapper is not None:
            main = str(path.with_name(f".klplint-wrapper-{path.name}.c"))
            files.append((main, wrapper))
        try:
            self._unit = TranslationUnit.from_source(
                os.fsencode(main),
                args=[os.fsencode(argument) for argument in arguments],
                unsaved_files=[(os.fsencode(name), _encoded(held)) for name, held in files],
                options=OPTIONS | (MACRO_RECORD if macros else 0),
                index=Index.create(),
            )
        except TranslationUnitLoadError as error:
            raise ParseError(str(error)) from None
        self._file = self._unit.get_file(os.fsencode(path))
        self._ascii = source.text.isascii()

    def errors(self) -> list[str]:
        """The compiler's errors, for a person who wants to know why a place was not reached."""
        return [
            f"{d.location.file}:{d.location.line}: {d.spelling}"
            for d in self._unit.diagnostics
            if d.severity >= Diagnostic.Error
        ]

    @cached_property
    def _bytes(self) -> bytes:
        return _encoded(self.source.text)

    def byte_offset(self, offset: int) -> int:
        """An offset into the source as libclang counts: in bytes of UTF-8."""
        return offset if self._ascii else len(_encoded(self.source.text[:offset]))

    def text_offset(self, byte_offset: int) -> int:
        """The inverse of `byte_offset`."""
        return byte_offset if self._ascii else len(self._bytes[:byte_offset].decode())

    def cursor_at(self, offset: int) -> Cursor:
        """The innermost cursor at an offset."""
        location = SourceLocation.from_offset(self._unit, self._file, self.byte_offset(offset))
        return Cursor.from_location(self._unit, location)

    def meaning(self, name: str, offset: int) -> Meaning | None:
        """What `name` is at `offset`; None where the parse did not reach it."""
        cursor = self.cursor_at(offset)
        if cursor.kind == CursorKind.MACRO_INSTANTIATION and cursor.spelling == name:
            return Meaning("use", None)
        if cursor.kind.is_declaration() and cursor.spelling == name:
            return self._declared(cursor)
        if cursor.kind == CursorKind.LABEL_STMT and cursor.spelling == name:
            return Meaning("other", enclosing_function(cursor), _OTHER_ENTITIES[cursor.kind])
        target = cursor.referenced
        if target is None or target.spelling != name or cursor.kind.is_declaration():
            return None
        function = enclosing_function(cursor)
        if target.kind in _FUNCTIONS:
            return Meaning("use", function)
        return Meaning("other", function, _OTHER_ENTITIES.get(target.kind, "another entity"))

    def _declared(self, cursor: Cursor) -> Meaning | None:
        if cursor.kind in _FUNCTIONS:
            return Meaning("definition" if cursor.is_definition() else "declaration", None)
        entity = _OTHER_ENTITIES.get(cursor.kind)
        return Meaning("other", enclosing_function(cursor), entity) if entity else None

    def function_at(self, offset: int) -> Cursor | None:
        """The definition of the function whose body's brace stands at `offset`."""
        cursor = self.cursor_at(offset)
        if cursor.kind != CursorKind.COMPOUND_STMT:
            return None
        function = cursor.semantic_parent
        return function if function is not None and function.kind in _FUNCTIONS else None


def _encoded(text: str) -> bytes:
    """Text for libclang; bytes of odd file names in it come out as they went in."""
    return to_bytes(text)


def enclosing_function(cursor: Cursor) -> str | None:
    """The name of the function whose body holds a cursor."""
    parent = cursor.semantic_parent
    while parent is not None and parent.kind not in _FUNCTIONS:
        if parent.kind == CursorKind.TRANSLATION_UNIT or parent.kind.is_invalid():
            return None
        parent = parent.semantic_parent
    return str(parent.spelling) if parent is not None else None
