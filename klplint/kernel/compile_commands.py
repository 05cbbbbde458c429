"""compile_commands.json: the exact arguments of files that a configured kernel builds.

Only arguments that decide what the preprocessor and the parser see are taken: gcc's others
mean nothing to clang, or make it refuse the file.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from klplint.errors import TreeError
from klplint.kernel.argument_words import options_in

NAME = "compile_commands.json"
_WITH_VALUE = ("-include", "-isystem", "-iquote", "-idirafter", "-imacros", "-I", "-D", "-U", "-x")
_ALONE = re.compile(
    r"-std=.*|-nostdinc|-m(?:16|32|64|big-endian|little-endian)|--target=.*"
    r"|-f(?:no-)?(?:short-wchar|unsigned-char|signed-char|ms-extensions|gnu89-inline|builtin)"
)
_PATHS = ("-I", "-include", "-isystem", "-iquote", "-idirafter", "-imacros")


class _Entry(msgspec.Struct):
    directory: str
    file: str
    command: str | None = None
    arguments: tuple[str, ...] | None = None

    def has_nul(self) -> bool:
        """Whether a NUL byte is in it: then it names no file, and no process could be given it."""
        texts = (self.directory, self.file, self.command or "", *(self.arguments or ()))
        return any("\0" in text for text in texts)


class CompileCommands:
    """The entries of a compilation database whose files are there, by resolved path."""

    def __init__(self, path: Path) -> None:
        """Read a database; TreeError where it is unreadable or malformed."""
        try:
            entries = msgspec.json.decode(path.read_bytes(), type=list[_Entry])
        except OSError as error:
            raise TreeError(f"{path}: cannot be read: {error.strerror}") from None
        except msgspec.DecodeError as error:
            raise TreeError(f"{path}: not a valid compilation database: {error}") from None
        self._folder = path.parent
        self._entries = {
            os.path.realpath(path.parent / e.directory / e.file): e
            for e in entries
            if not e.has_nul()
        }

    def arguments(self, file: Path) -> tuple[str, ...] | None:
        """The arguments for a file, with absolute paths; None for one that is not built."""
        entry = self._entries.get(os.path.realpath(file))
        if entry is None:
            return None
        try:
            words = entry.arguments or shlex.split(entry.command or "")
        except ValueError:  # quotes that do not close: as good as no entry
            return None
        return tuple(_useful(words[1:], self._folder / entry.directory)) if words else None


class CompilerCall(CompileCommands):
    """A single call of a compiler, from a folder for a file, as a database with that one entry."""

    def __init__(self, folder: Path, file: str, flags: Sequence[str]) -> None:
        """`flags` are the words without the compiler and the file."""
        self._folder = folder
        entry = _Entry(str(folder), file, arguments=("cc", *flags))
        self._entries = {os.path.realpath(folder / file): entry}
        self._words = tuple(_useful(flags, folder))

    def include(self) -> list[Path]:
        """The folders that -I flags name, resolved, in their order."""
        named = (path for option, path in pairwise(self._words) if option == "-I")
        return [Path(path).resolve() for path in named]


def _useful(words: Sequence[str], folder: Path) -> Iterator[str]:
    """The arguments that matter, each option apart from its value."""
    for option, value in options_in(words, _WITH_VALUE):
        if _ALONE.fullmatch(option):
            yield option
        elif value:
            yield option
            yield str(folder / value) if option in _PATHS else value
