"""Bytes and text: source files, file names, and digests of either."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # a file in UTF-8 may begin with it
_DIGEST_SIZE = 16


class EncodedText(NamedTuple):
    """The text of a source file, and what is needed to write it with the same bytes."""

    text: str
    encoding: str
    mark: bytes = b""
    """The byte order mark that the file begins with."""

    @classmethod
    def of(cls, content: bytes) -> EncodedText:
        """The text of some bytes: UTF-8, else Latin-1, in which every byte is a character."""
        mark = _BYTE_ORDER_MARK if content.startswith(_BYTE_ORDER_MARK) else b""
        try:
            return cls(content.removeprefix(mark).decode("utf-8"), "utf-8", mark)
        except UnicodeDecodeError:
            return cls(content.decode("latin-1"), "latin-1")

    def encoded(self, text: str) -> bytes:
        """Another text as bytes, which are those of the file where the texts agree.

        Raises UnicodeEncodeError for a character that the encoding does not have.
        """
        return self.mark + text.encode(self.encoding)


def decode_source(content: bytes) -> str:
    """The text of a source file: UTF-8, else Latin-1, in which every byte is a character."""
    return EncodedText.of(content).text


def read_source(path: Path) -> str:
    """The text of a source file. Raises OSError if it cannot be read."""
    return decode_source(path.read_bytes())


def source_or_nothing(path: Path) -> str:
    """The text of a source file; "" for one that was removed since klplint listed it."""
    try:
        return read_source(path)
    except OSError:
        return ""


def bytes_or_nothing(path: Path) -> bytes:
    """The bytes of a file; none for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def to_text(content: bytes) -> str:
    """Text that `to_bytes` makes the same bytes of: UTF-8, other bytes as lone surrogates.

    For what is written again, and for file names: Python decodes these in the same way.
    """
    return content.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes that `to_text`, or Python for a file name, made `text` of."""
    return text.encode("utf-8", "surrogateescape")


def digest(parts: Iterable[bytes]) -> bytes:
    """A digest of some bytes, which come in any number of parts."""
    whole = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for part in parts:
        whole.update(part)
    return whole.digest()


def split_lines(text: str) -> list[str]:
    """The lines of a file, as compilers and editors count them: LF, CRLF or CR ends one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
