"""The cache's directory: where it is, what it holds, who uses it, and how to clear it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from klplint.errors import CacheError
from klplint.kernel.on_disk import CACHE_MARK

NAME = "klplint.sqlite"
"""The database's file in the cache's directory."""
STUB_HEADERS = "stub-headers"
"""The subdirectory of stub headers, those that a kernel build would generate."""
PRECOMPILED = "precompiled"
"""The subdirectory of precompiled headers."""

_SUBDIRECTORIES = (STUB_HEADERS, PRECOMPILED)
_KEY_NAME = re.compile(r"[0-9a-f]{32}(?:\.pch)?")  # of an entry of a subdirectory: its key
# What is still being written: the name, a dot, and what tells runs and processes apart.
_UNFINISHED_NAME = re.compile(r"[0-9a-f]{32}\.(?!pch$).+")
# Marks of a directory that is klplint's alone: the file's name and its content, which
# https://bford.info/cachedir/ gives for the first.
_MARKS = {
    CACHE_MARK: "Signature: 8a477f597d28d172789f06886806bc55\n# klplint's cache is here.\n",
    ".gitignore": "*\n",
}


def default_directory() -> Path:
    """Where the cache is by default: $XDG_CACHE_HOME/klplint or what the system uses."""
    return platformdirs.user_cache_path("klplint")


def database(directory: Path) -> list[Path]:
    """The files that SQLite makes of one database."""
    return [directory / f"{NAME}{end}" for end in ("", "-wal", "-shm")]


def begin(directory: Path) -> None:
    """Make the cache's directory. Raises OSError if that is impossible.

    If it is empty it gets marks: backups, git and klplint itself then skip what can be made again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if os.access(directory, os.W_OK) and not any(directory.iterdir()):
        for name, text in _MARKS.items():
            (directory / name).write_text(text)


@contextlib.contextmanager
def held(directory: Path, alone: bool = False) -> Iterator[bool]:
    """Lock a directory, shared with other runs or `alone`; False if others hold it.

    The lock ends with the process, however that ends. A file system without locks is treated as
    if there were no other run.
    """
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass
        yield True
    finally:
        os.close(handle)


def make_room(directory: Path, most: int) -> None:
    """Remove all entries of a directory but the `most` that were used last."""
    with contextlib.suppress(OSError):
        entries = sorted(directory.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in entries[most:]:
            _remove(entry)


def remove_unfinished(directory: Path) -> None:
    """Remove what runs that were killed had begun to write; no other run may use the directory."""
    with contextlib.suppress(OSError):
        for entry in _entries_named(directory, _UNFINISHED_NAME):
            _remove(entry)


def describe(directory: Path) -> list[str]:
    """Lines that say where a cache is and how much it holds.

    Raises CacheError if it is not a directory or cannot be read.
    """
    _expect_directory(directory)
    try:
        files = list(_cached_files(directory))
        size = sum(file.stat().st_size for file in files)
    except OSError as error:
        raise CacheError(f"{error.filename}: cannot be read: {error.strerror}") from None
    precompiled = sum(file.suffix == ".pch" for file in files)
    return [
        f"directory:            {directory}{'' if directory.is_dir() else ' (does not exist yet)'}",
        f"size:                 {size / (1 << 20):,.1f} MiB",
        f"entries:              {_entries(directory / NAME)}",
        f"precompiled headers:  {precompiled:,}",
    ]


def _expect_directory(directory: Path) -> None:
    """Raises CacheError if there is something else at the directory's path."""
    if os.path.lexists(directory) and not directory.is_dir():
        raise CacheError(
            f"{directory}: is not a directory; give the cache's directory with --cache-dir"
        )


def _entries(file: Path) -> str:
    """How many entries a database holds, or why it cannot be read."""
    if not os.path.lexists(file):
        return "0"
    if not file.is_file():
        return f"unreadable ({file.name} is not a file)"
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            (entries,) = connection.execute("select count(*) from entries").fetchone()
    except sqlite3.Error as error:
        return f"unreadable ({error})"
    return f"{entries:,}"


def empty(directory: Path) -> int:
    """Remove what klplint keeps in a directory, and nothing else; returns the bytes freed.

    Raises CacheError if something cannot be removed, or if another run uses it.
    """
    _expect_directory(directory)
    with held(directory, alone=True) as is_alone:
        if not is_alone:
            raise CacheError(
                f"{directory}: in use by another run of klplint; try again when it has ended"
            )
        try:
            freed = sum(file.stat().st_size for file in _cached_files(directory))
            for entry in _cached_entries(directory):
                _remove(entry)
        except OSError as error:
            raise CacheError(f"{error.filename}: cannot be removed: {error.strerror}") from None
    for name in _SUBDIRECTORIES:
        with contextlib.suppress(OSError):  # it does not exist, or holds files of others
            (directory / name).rmdir()
    return freed


def _remove(entry: Path) -> None:
    """Remove a file, a link or a whole directory. Raises OSError if that is impossible."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def _cached_entries(directory: Path) -> list[Path]:
    """What klplint keeps in a directory, which may hold files of others, too."""
    headers = [
        *_entries_named(directory, _KEY_NAME),
        *_entries_named(directory, _UNFINISHED_NAME),
    ]
    marks = [
        directory / name
        for name, text in _MARKS.items()
        if (directory / name).is_file() and (directory / name).read_text(errors="replace") == text
    ]
    return [*filter(os.path.lexists, database(directory)), *marks, *headers]


def _entries_named(directory: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The stub headers and precompiled headers whose names fit a pattern."""
    return [
        entry
        for name in _SUBDIRECTORIES
        for entry in ((directory / name).iterdir() if (directory / name).is_dir() else ())
        if pattern.fullmatch(entry.name)
    ]


def _cached_files(directory: Path) -> Iterator[Path]:
    """All files that klplint keeps in a directory."""
    for entry in _cached_entries(directory):
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        yield from (file for file in inside if file.is_file())
