"""One file parsed by libclang, and asked what a name means at a place.

The AST is asked by position and never walked as a whole: to walk a kernel translation unit
takes longer than to parse it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from clang.cindex import (
    Cursor,
    CursorKind,
    Index,
    LibclangError,
    SourceLocation,
    TranslationUnit,
    TranslationUnitLoadError,
    conf,
)

from klplint.csource.lexer import Source
from klplint.facts.file_facts import Entity
from klplint.source_text import to_bytes

_KEEP_GOING = 0x200
_KEEP_HEADERS = (
    TranslationUnit.PARSE_PRECOMPILED_PREAMBLE | 0x100  # from the first parse on
)
MACRO_RECORD = TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
OPTIONS = TranslationUnit.PARSE_INCOMPLETE | _KEEP_GOING
_FUNCTIONS = (CursorKind.FUNCTION_DECL,)
_OTHER_ENTITIES: dict[CursorKind, Entity] = {
    CursorKind.PARM_DECL: "parameter",
    CursorKind.VAR_DECL: "variable",
    CursorKind.FIELD_DECL: "member",
    CursorKind.TYPEDEF_DECL: "type",
    CursorKind.ENUM_CONSTANT_DECL: "enumerator",
    CursorKind.STRUCT_DECL: "structure",
    CursorKind.LABEL_STMT: "label",
}


def load_libclang() -> None:
    """Load libclang, which processes that are forked later then have, too.

    Where it crashes, the process shall end, so that the task is tried once more. By itself, it
    would go on as if the file could not be parsed.

    Raises OSError where that is impossible.
    """
    os.environ["LIBCLANG_DISABLE_CRASH_RECOVERY"] = "1"
    try:
        _ = conf.lib
    except LibclangError as error:
        reason = str(error).partition(". ")[0]
        raise OSError(errno.ELIBACC, reason) from None


class ParseError(Exception):
    """libclang gave no translation unit at all for a file."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the AST says of a name at one place."""

    role: Literal["use", "declaration", "definition"]
    function: str | None
    """The function around it; None outside functions, and for a macro's use."""
    entity: Entity = "function"
    """What the name means; "function" for a barrier, too."""


class ParseInput(NamedTuple):
    """What libclang gets for one parse of a file."""

    file: Path
    """The path under which the file is parsed."""
    arguments: Sequence[str]
    """The compiler's arguments."""
    unsaved: Sequence[tuple[str, str]] = ()
    """Further files to read from memory: their paths and texts."""
    wrapper: str | None = None
    """The text of a translation unit that includes the file, if it is not one itself."""
    text: str | None = None
    """What to parse in place of the file's text: of the same length, with the same lines."""
    macros: bool = False
    """Whether to find uses of macros, too. Other names may then hide behind them."""
    is_repeated: bool = False
    """Whether the file was parsed before with another text, or will be: headers are kept then.

    The views of earlier texts must not be asked any more."""


class TranslationUnitView:
    """A parsed file, asked by offsets into its source."""

    def __init__(self, source: Source, parsed: ParseInput) -> None:
        """Parse; ParseError where libclang cannot at all."""
        self.source = source
        self.parsed = parsed
        text = source.text if parsed.text is None else parsed.text
        main = str(parsed.file)
        files = [*parsed.unsaved, (main, text)]
        if parsed.wrapper is not None:
            main = str(parsed.file.with_name(f".klplint-wrapper-{parsed.file.name}.c"))
            files.append((main, parsed.wrapper))
        try:
            self.translation_unit = _parsed(main, files, parsed)
        except TranslationUnitLoadError as error:
            raise ParseError(str(error)) from None
        self._file = self.translation_unit.get_file(os.fsencode(parsed.file))
        self._ascii = source.text.isascii()

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
        location = SourceLocation.from_offset(
            self.translation_unit, self._file, self.byte_offset(offset)
        )
        return Cursor.from_location(self.translation_unit, location)

    def meaning(self, name: str, offset: int) -> Meaning | None:
        """What `name` means at `offset`; None where the AST does not have it."""
        cursor = self.cursor_at(offset)
        if cursor.kind == CursorKind.MACRO_INSTANTIATION and cursor.spelling == name:
            return Meaning("use", None)
        if cursor.kind.is_declaration() and cursor.spelling == name:
            return self._declared(cursor)
        if cursor.kind == CursorKind.LABEL_STMT and cursor.spelling == name:
            return Meaning("use", enclosing_function(cursor), "label")
        target = cursor.referenced
        if target is None or target.spelling != name or cursor.kind.is_declaration():
            return None
        function = enclosing_function(cursor)
        if target.kind in _FUNCTIONS:
            return Meaning("use", function)
        return Meaning("use", function, _OTHER_ENTITIES.get(target.kind, "other"))

    def _declared(self, cursor: Cursor) -> Meaning | None:
        if cursor.kind in _FUNCTIONS:
            return Meaning("definition" if cursor.is_definition() else "declaration", None)
        entity = _OTHER_ENTITIES.get(cursor.kind)
        return Meaning("use", enclosing_function(cursor), entity) if entity else None

    def function_at(self, offset: int) -> Cursor | None:
        """The definition of the function whose body begins, with its brace, at `offset`."""
        cursor = self.cursor_at(offset)
        if cursor.kind != CursorKind.COMPOUND_STMT:
            return None
        function = cursor.semantic_parent
        return function if function is not None and function.kind in _FUNCTIONS else None

    def function_around(self, offset: int) -> Cursor | None:
        """The function whose body holds the cursor at an offset."""
        return _function_around(self.cursor_at(offset))

    def functions_made_at(self, offset: int, calling: str) -> list[str]:
        """The functions that a macro, used at an offset, defines, and that call `calling`.

        All that the file and its headers declare is walked: ask this only where it is needed.
        """
        place = self.byte_offset(offset)
        return [
            str(cursor.spelling)
            for cursor in self.translation_unit.cursor.get_children()
            if cursor.kind in _FUNCTIONS
            and cursor.extent.start.offset == place
            and cursor.location.file is not None
            and cursor.location.file.name == self._file.name
            and cursor.is_definition()
            and any(
                inner.kind == CursorKind.CALL_EXPR and inner.spelling == calling
                for inner in cursor.walk_preorder()
            )
        ]


def _parsed(main: str, files: Sequence[tuple[str, str]], parsed: ParseInput) -> TranslationUnit:
    """The translation unit of a main file, with some files in memory."""
    arguments = tuple(map(os.fsencode, parsed.arguments))
    unsaved = [(os.fsencode(name), _encoded(held)) for name, held in files]
    options = OPTIONS | (MACRO_RECORD if parsed.macros else 0)
    kept = []
    if parsed.is_repeated:
        options |= _KEEP_HEADERS
        names = tuple(name for name, _ in files)
        kept = _kept(main, names, arguments, parsed.macros)
    if kept:
        kept[0].reparse(unsaved_files=unsaved, options=options)
        return kept[0]
    unit = TranslationUnit.from_source(
        os.fsencode(main),
        args=arguments,
        unsaved_files=unsaved,
        options=options,
        index=Index.create(),
    )
    if parsed.is_repeated:
        kept.append(unit)
    return unit


@lru_cache(maxsize=2)
def _kept(*_: object) -> list[TranslationUnit]:
    """The translation unit of earlier texts of a file with all this; none before the first."""
    return []


def _encoded(text: str) -> bytes:
    """Text for libclang; bytes of odd file names in it come out as they went in."""
    return to_bytes(text)


def enclosing_function(cursor: Cursor) -> str | None:
    """The name of the function whose body holds a cursor."""
    function = _function_around(cursor)
    return None if function is None else str(function.spelling)


def _function_around(cursor: Cursor) -> Cursor | None:
    parent = cursor.semantic_parent
    while parent is not None and parent.kind not in _FUNCTIONS:
        if parent.kind == CursorKind.TRANSLATION_UNIT or parent.kind.is_invalid():
            return None
        parent = parent.semantic_parent
    return parent
