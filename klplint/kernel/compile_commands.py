"""compile_commands.json: the exact arguments of files that a configured kernel builds.

Only arguments that decide what the preprocessor and the parser see are used: clang does not know
gcc's others, or refuses the file because of them.
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
    """An entry of a compilation database; it has `command` or `arguments`."""

    directory: str
    """Where the compiler runs; paths are relative to it."""
    file: str
    """The file that is compiled."""
    command: str | None = None
    """The command line as one text."""
    arguments: tuple[str, ...] | None = None
    """The words of the command line."""

    def has_nul(self) -> bool:
        """Whether it holds a NUL, which neither the name of a file nor an argument can."""
        texts = (self.directory, self.file, self.command or "", *(self.arguments or ()))
        return any("\0" in text for text in texts)


class CompileCommands:
    """The entries of a compilation database."""

    def __init__(self, path: Path) -> None:
        """Read a database. Raises TreeError if it is unreadable or malformed."""
        try:
            entries = msgspec.json.decode(path.read_bytes(), type=list[_Entry])
        except OSError as error:
            raise TreeError(f"{path}: cannot be read: {error.strerror}") from None
        except msgspec.DecodeError as error:
            raise TreeError(f"{path}: not a valid compilation database: {error}") from None
        except RecursionError:
            raise TreeError(f"{path}: not a valid compilation database: nests too deep") from None
        self._directory = path.parent
        self._entries = {
            os.path.realpath(path.parent / entry.directory / entry.file): entry
            for entry in entries
            if not entry.has_nul()
        }

    def arguments(self, file: Path) -> tuple[str, ...] | None:
        """The arguments for a file, with absolute paths; None if it has no usable entry."""
        entry = self._entries.get(os.path.realpath(file))
        if entry is None:
            return None
        try:
            words = entry.arguments or shlex.split(entry.command or "")
        except ValueError:  # quotes that do not close
            return None
        return tuple(_useful(words[1:], self._directory / entry.directory)) if words else None


class CompilerCall(CompileCommands):
    """A single call of a compiler, as a database with that one entry."""

    def __init__(self, directory: Path, file: str, flags: Sequence[str]) -> None:
        """`flags` are the words of a call in `directory`, without the compiler and the file."""
        self._directory = directory
        entry = _Entry(str(directory), file, arguments=("cc", *flags))
        self._entries = {os.path.realpath(directory / file): entry}
        self._words = tuple(_useful(flags, directory))

    def include(self) -> list[Path]:
        """The directories that -I flags name, resolved, in their order."""
        directories = (path for option, path in pairwise(self._words) if option == "-I")
        return [Path(path).resolve() for path in directories]


def _useful(words: Sequence[str], directory: Path) -> Iterator[str]:
    """The arguments that matter, each option separate from its value, with absolute paths."""
    for option, value in options_in(words, _WITH_VALUE):
        if _ALONE.fullmatch(option):
            yield option
        elif value:
            yield option
            yield str(directory / value) if option in _PATHS else value
