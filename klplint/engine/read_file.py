"""What counts of a file that others include: its digest, and what it includes; also as cached."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from klplint.csource.includes import Include, begins_with_include, includes_in
from klplint.kernel.signatures import GONE, Signature, are_settled
from klplint.source_text import digest

_UNREADABLE = b"unreadable"
_MARKS = {(False, False): "<", (False, True): ">", (True, False): '"', (True, True): "'"}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}


class ReadFile(NamedTuple):
    """What counts of a file."""

    digest: bytes
    """The digest of its content; empty where there is no such file."""
    includes: tuple[Include, ...] = ()
    """What it may include, each once."""
    begins_with_include: bool = False
    """Whether an include plainly comes before any code; not asked of headers."""

    @property
    def is_readable(self) -> bool:
        """Whether a compiler takes it: behind one that cannot be read, it looks further."""
        return self.digest not in (b"", _UNREADABLE)


MISSING = ReadFile(b"")


CachedFile = tuple[Signature, bytes, str, bool]
"""A file as it is cached: its signature when it was read, and a ReadFile with includes as text.

Text takes a fifth of the time to decode that includes take."""


class CachedFiles(msgspec.Struct, frozen=True):
    """Files as they are cached, by name."""

    files: dict[str, CachedFile]


class CachedForm:
    """Turns files into what is cached, and back; includes that are alike are one object."""

    def __init__(self) -> None:
        self._includes: dict[str, Include] = {}

    def of(self, signature: Signature, file: ReadFile) -> CachedFile:
        """A file as it is cached."""
        lines = (_MARKS[each.is_quoted, each.is_next] + each.name for each in file.includes)
        return signature, file.digest, "\n".join(lines), file.begins_with_include

    def back(self, cached: CachedFile) -> ReadFile:
        """A file as it was before."""
        made, text = self._includes, cached[2]
        lines = text.split("\n") if text else []
        for line in lines:
            if line not in made:
                made[line] = Include(line[1:], *_KINDS[line[0]])
        return ReadFile(cached[1], tuple([made[line] for line in lines]), cached[3])


def is_lasting(name: str, cached: CachedFile, then: int) -> bool:
    """Whether a file may be cached: its signature must identify it, and names be text.

    Whether a file can be read depends on who runs klplint, too.
    """
    try:
        f"{name}{cached[2]}".encode()
    except UnicodeEncodeError:
        return False
    is_read = cached[0] != GONE and cached[1] not in (b"", _UNREADABLE)
    return is_read and are_settled(cached[:1], then)


def read_file(path: str) -> ReadFile:
    """What counts of a file."""
    try:
        content = Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return MISSING
    except OSError:
        return ReadFile(_UNREADABLE)
    includes = tuple(dict.fromkeys(includes_in(content)))
    is_source = not path.endswith(".h")
    return ReadFile(digest([content]), includes, is_source and begins_with_include(content))
