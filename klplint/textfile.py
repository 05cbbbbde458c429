"""Reading source files: bytes from anywhere, as text that never fails to decode."""

from __future__ import annotations

from pathlib import Path


def decode(content: bytes) -> str:
    """Source bytes as text: UTF-8, else Latin-1, in which every byte is a character."""
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_source(path: Path) -> str:
    """The text of a source file. Raises OSError where it cannot be read."""
    return decode(path.read_bytes())


def source_or_nothing(path: Path) -> str:
    """The text of a source file; "" for one that went away since klplint listed it."""
    try:
        return read_source(path)
    except OSError:
        return ""
