"""What find(1) lists below a directory, in processes of its own.

Python takes 0.4 s to list the 57,000 source files of a kernel with their signatures. find takes
0.3 s, two of them half of that, and this process can import modules meanwhile.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from klplint.kernel.background_command import BackgroundCommand
from klplint.kernel.git_listing import GIT
from klplint.kernel.signatures import Signature, signature_of

_PROGRAM = "find"
_PROCESSES = 2
_FEW = 100
"""With fewer directories at the second level, this process lists them before find has started."""
_KINDS = "fldmg"
"""The letters for files, links, directories, marks, and .git."""
_STATUS = re.compile(r"\d+ \d+\.\d{9}0, \d+\.\d{9}0, \d+")
"""A file's status. GNU find prints ten digits of a second, of which the last one says nothing."""


class Entries(msgspec.Struct, frozen=True):
    """What lies below a directory. Paths are relative to it, with forward slashes."""

    files: dict[str, Signature]
    """The files that were asked for, with their signatures."""
    links: tuple[str, ...]
    """The symbolic links with such names."""
    directories: tuple[str, ...]
    """The directories."""
    marks: tuple[str, ...]
    """The entries with the name that marks a directory."""
    repositories: tuple[str, ...]
    """The entries named .git."""


class FindListing:
    """The listing of a large directory, under way."""

    def __init__(
        self, top: Path, endings: Sequence[str], mark: str, skipped: Sequence[str]
    ) -> None:
        """Start to list the files below `top` whose names end with one of `endings`.

        `mark` is the name of an entry that marks a directory. The directories directly below `top`
        that are `skipped` are left out.
        """
        self._top = top
        self._commands: list[BackgroundCommand] = []
        deep = _second_level(top, skipped)
        if len(deep) < _FEW:
            return
        what = _expression(endings, mark)
        left_out = [word for name in skipped for word in ("-path", f"./{name}", "-prune", "-o")]
        environment = {**os.environ, "LC_ALL": "C"}
        self._commands = [
            BackgroundCommand([_PROGRAM, *words], top, environment)
            for words in (
                [".", "-mindepth", "1", "-maxdepth", "2", *left_out, *what],
                *([*deep[i::_PROCESSES], "-mindepth", "1", *what] for i in range(_PROCESSES)),
            )
        ]

    @cached_property
    def _answer(self) -> bytes | None:
        """All that find prints; None where it was not started, or failed."""
        outputs = [output for each in self._commands if (output := each.output()) is not None]
        is_whole = outputs and len(outputs) == len(self._commands)
        return b"".join(outputs) if is_whole else None

    @cached_property
    def fingerprint(self) -> bytes | None:
        """Equal to an earlier one only if no file has changed, and none was added or removed.

        None where there is none: find was not started, or failed, or which files are listed
        depends on git repositories inside the directory.
        """
        if self._answer is None or any(b"/" in path for path in self._paths(b"g")):
            return None
        top = os.fsencode(self._top)
        links = (os.fsdecode(top + b"/" + path) for path in self._paths(b"l"))
        return self._answer + repr([signature_of(link) for link in links]).encode()

    def _paths(self, kind: bytes) -> Iterator[bytes]:
        """The paths of one kind that find prints. A pattern would take a hundred times as long."""
        text, start = b"\0" + (self._answer or b""), b"\0" + kind + b"./"
        place = text.find(start)
        while place >= 0:
            end = text.index(b"\0", place + 1)
            yield text[place + len(start) : end]
            place = text.find(start, end)

    @cached_property
    def entries(self) -> Entries | None:
        """What find prints, read; None where it prints other things than signatures hold."""
        if self._answer is None:
            return None
        words = os.fsdecode(self._answer).split("\0")
        status = [word for word in words[1::2] if word]
        numbers = " ".join(status)
        if "-" in numbers or not (status and _STATUS.fullmatch(status[0])):
            return None  # a time before 1970, or another find
        each = map(int, numbers.replace(".", "").replace("0, ", " ").split())
        paths: dict[str, list[str]] = {kind: [] for kind in _KINDS}
        for word in words[:-1:2]:
            paths[word[0]].append(word[3:])
        signatures = zip(each, each, each, each, strict=True)
        return Entries(
            files=dict(zip(paths["f"], signatures, strict=True)),
            links=tuple(paths["l"]),
            directories=tuple(paths["d"]),
            marks=tuple(paths["m"]),
            repositories=tuple(paths["g"]),
        )

    def close(self) -> None:
        """End what still runs."""
        for command in self._commands:
            command.close()


def _second_level(top: Path, skipped: Sequence[str]) -> list[str]:
    """The directories below those below `top`, as find gets them; none where one is unreadable."""
    try:
        outer = [name for name in _directories(top) if name not in skipped]
        return [f"./{name}/{each}" for name in outer for each in _directories(top / name)]
    except OSError:
        return []


def _directories(directory: Path) -> list[str]:
    with os.scandir(directory) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [name for name in names if name != GIT]


def _expression(endings: Sequence[str], mark: str) -> list[str]:
    """What find prints: for each entry its kind and path, and the status of a file."""
    names = [word for ending in endings for word in ("-o", "-name", f"*{ending}")][1:]
    return [
        *("-name", GIT, "-prune", "-printf", r"g%p\0\0", "-o"),
        *("-name", mark, "-prune", "-printf", r"m%p\0\0", "-o"),
        *("-type", "d", "-printf", r"d%p\0\0", "-o"),
        *("(", *names, ")", "("),
        *("-type", "f", "-printf", r"f%p\0%s %T@, %C@, %i\0", "-o"),
        *("-type", "l", "-printf", r"l%p\0\0", ")"),
    ]
