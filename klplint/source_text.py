"""Reading source files: bytes from anywhere, as text that never fails to decode."""

from __future__ import annotations

from pathlib import Path

_MARK = b"\xef\xbb\xbf"  # may begin a file in UTF-8


def decode(content: bytes) -> str:
    """Source bytes as text: UTF-8, else Latin-1, in which every byte is a character."""
    try:
        return content.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def decode_to(content: bytes, place: int) -> tuple[str, int]:
    """The text as by `decode`, and the offset in it of the byte at `place`."""
    text = decode(content)
    if len(text) == len(content):  # a character for each byte
        return text, place
    return text, len(content[:place].removeprefix(_MARK).decode("utf-8"))


def read_source(path: Path) -> str:
    """The text of a source file. Raises OSError where it cannot be read."""
    return decode(path.read_bytes())


def source_or_nothing(path: Path) -> str:
    """The text of a source file; "" for one that went away since klplint listed it."""
    try:
        return read_source(path)
    except OSError:
        return ""


def split_lines(text: str) -> list[str]:
    """The lines of a file, as compilers and editors count them: LF, CRLF or CR ends one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
