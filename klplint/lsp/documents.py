"""The documents that are open in the editor, and places in them as the protocol counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from lsprotocol import types
from pygls import uris

from klplint.facts.region import Region
from klplint.kernel.on_disk import SOURCE_SUFFIXES
from klplint.source_text import decode_source

LARGEST = 8 * 1024 * 1024
"""Characters; a longer text is not linted while it is edited."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_WORD = re.compile(r"\w+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


class Document:
    """An open document, in one version of its text."""

    def __init__(self, uri: str, text: str, version: int | None) -> None:
        self.uri = uri
        self.version = version
        # A half of a character that is alone cannot be written to a file.
        self.full_text = _SURROGATE.sub("\ufffd", text)
        self.path = path_of(uri)

    @property
    def text(self) -> str:
        """The text as klplint reads it: without a byte order mark."""
        return self.full_text.removeprefix(_BYTE_ORDER_MARK)

    @property
    def is_source(self) -> bool:
        """Whether it is a source file that klplint lints."""
        return self.path is not None and self.path.endswith(SOURCE_SUFFIXES)

    @property
    def is_too_large(self) -> bool:
        """Whether it is too large to be linted while somebody types."""
        return len(self.full_text) > LARGEST

    @cached_property
    def lines(self) -> Lines:
        """Its lines."""
        return Lines(self.full_text)


class Lines:
    """The lines of a text: places in it as klplint and as the protocol counts them."""

    def __init__(self, text: str) -> None:
        self._lines: list[str] = _LINE.findall(text)
        self._mark = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0

    def _line(self, number: int) -> str:
        return self._lines[number] if 0 <= number < len(self._lines) else ""

    def range(self, region: Region, encoding: str) -> types.Range:
        """A region as a range."""
        return types.Range(
            self._position(region.line, region.column, encoding),
            self._position(region.end_line, region.end_column, encoding),
        )

    def _position(self, line: int, column: int, encoding: str) -> types.Position:
        index = column - 1 + (self._mark if line == 1 else 0)
        before = self._line(line - 1)[: max(0, index)]
        return types.Position(max(0, line - 1), _units(before, encoding))

    def word_at(self, line: int, column: int) -> str:
        """The word that a place is in, or right behind; "" if there is none."""
        index = column - 1 + (self._mark if line == 1 else 0)
        words = _WORD.finditer(self._line(line - 1))
        return next((word[0] for word in words if word.start() <= index <= word.end()), "")

    def place(self, position: types.Position, encoding: str) -> tuple[int, int]:
        """A position as line and column, counted from 1."""
        text, units, column = self._line(position.line), 0, 0
        for character in text:
            if units >= position.character:
                break
            units += _units(character, encoding)
            column += 1
        return position.line + 1, column + 1 - (0 if position.line else self._mark)


def _units(text: str, encoding: str) -> int:
    """How many code units a text has."""
    if text.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode(errors="replace"))
    return len(text.encode("utf-16-le", errors="replace")) // 2


def path_of(uri: str) -> str | None:
    """The path of a file; None for a document that is not one."""
    if not uri.startswith("file:"):
        return None
    path = uris.to_fs_path(uri)
    return path if path and "\0" not in path else None


class Documents:
    """The open documents, by their URIs."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}
        self.encoding: str = types.PositionEncodingKind.Utf16
        """The code units of positions, as negotiated."""

    def put(self, document: Document) -> None:
        """Open a document, or take its next version."""
        self._open[document.uri] = document

    def close(self, uri: str) -> None:
        """Close a document."""
        self._open.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        """An open document."""
        return self._open.get(uri)

    def __iter__(self) -> Iterator[Document]:
        return iter([*self._open.values()])

    def texts(self) -> dict[str, str]:
        """The texts of the open source files, by path."""
        return {
            each.path: each.text
            for each in self
            if each.path and each.is_source and not each.is_too_large
        }

    def at(self, path: str) -> Document | None:
        """The open document of a file."""
        return next((each for each in self if each.path == path), None)

    def uri_of(self, path: str) -> str:
        """The URI of a file, as the client writes it if the file is open."""
        document = self.at(path)
        return document.uri if document else uri_of(path)

    def lines_of(self, path: str) -> Lines:
        """The lines of a file: of its open document, else on disk."""
        document = self.at(path)
        if document:
            return document.lines
        try:
            return Lines(decode_source(Path(path).read_bytes()))
        except OSError:
            return Lines("")

    def location(self, path: str, region: Region) -> types.Location:
        """A region of a file as a location."""
        lines = self.lines_of(path)
        return types.Location(self.uri_of(path), lines.range(region, self.encoding))


def uri_of(path: str) -> str:
    """The URI of a file."""
    return uris.from_fs_path(path) or Path(path).as_uri()
