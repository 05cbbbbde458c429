"""The folder of the cache: where it is, what is klplint's in it, who uses it, how it is emptied."""

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
from klplint.kernel.file_listing import CACHE_MARK

NAME = "klplint.sqlite"
# What else lies in the folder: headers that stand in for those of a build, precompiled ones.
STANDINS, PREFIXES = _FOLDERS = ("standins", "prefixes")
_MADE = re.compile(r"[0-9a-f]{32}(?:\.pch)?")  # what is in them is called by its key
# Source of the first: https://bford.info/cachedir/, which says what has to stand in it.
_MARKS = {
    CACHE_MARK: "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is klplint's cache.\n",
    ".gitignore": "*\n",
}


def usual_folder() -> Path:
    """Where the cache lies unless the user says otherwise: $XDG_CACHE_HOME/klplint or the like."""
    return platformdirs.user_cache_path("klplint")


def is_there(folder: Path | None) -> bool:
    """Whether a folder holds a cache, whatever is in it."""
    return folder is not None and (folder / NAME).exists()


def database(folder: Path) -> list[Path]:
    """The files of which SQLite makes one."""
    return [folder / f"{NAME}{end}" for end in ("", "-wal", "-shm")]


def begin(folder: Path) -> None:
    """Make a folder for the cache. Raises OSError where that cannot be.

    One that is klplint's alone is marked: back-ups, git and klplint itself then know that what
    lies there can be made again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.access(folder, os.W_OK) and not any(folder.iterdir()):
        for name, text in _MARKS.items():
            (folder / name).write_text(text)


@contextlib.contextmanager
def held(folder: Path, alone: bool = False) -> Iterator[bool]:
    """Hold a folder while it is used, with other runs or alone; False where others hold it.

    A lock goes with its process, however that ends. Where the file system has no locks, all is
    as if there were no other run.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
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


def make_room(folder: Path, most: int) -> None:
    """Leave the `most` entries of a folder that were used last; what else is there goes."""
    with contextlib.suppress(OSError):
        entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in entries[most:]:
            _remove(entry)


def describe(folder: Path) -> list[str]:
    """What a cache holds, for a person: where it is, entries by number, sizes.

    Raises CacheError where it cannot be looked at.
    """
    _expect_folder(folder)
    try:
        files = list(_own_files(folder))
        size = sum(file.stat().st_size for file in files)
    except OSError as error:
        raise CacheError(f"{error.filename}: cannot be read: {error.strerror}") from None
    prefixes = sum(file.suffix == ".pch" for file in files)
    return [
        f"directory:            {folder}{'' if folder.is_dir() else ' (does not exist yet)'}",
        f"size:                 {size / (1 << 20):,.1f} MiB",
        f"entries:              {_entries(folder / NAME)}",
        f"precompiled headers:  {prefixes:,}",
    ]


def _expect_folder(folder: Path) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        raise CacheError(
            f"{folder}: is not a directory; give the cache's directory with --cache-dir"
        )


def _entries(file: Path) -> str:
    """How many entries a database holds, or why that cannot be told."""
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


def empty(folder: Path) -> int:
    """Remove what klplint keeps in a folder, and nothing else: the bytes that are freed.

    Raises CacheError where it cannot be removed, or is in use.
    """
    _expect_folder(folder)
    with held(folder, alone=True) as is_alone:
        if not is_alone:
            raise CacheError(
                f"{folder}: in use by another run of klplint; try again when it has ended"
            )
        try:
            freed = sum(file.stat().st_size for file in _own_files(folder))
            for entry in _own_entries(folder):
                _remove(entry)
        except OSError as error:
            raise CacheError(f"{error.filename}: cannot be removed: {error.strerror}") from None
    for name in _FOLDERS:
        with contextlib.suppress(OSError):  # something that is not klplint's lies there, or nothing
            (folder / name).rmdir()
    return freed


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def _own_entries(folder: Path) -> list[Path]:
    """What klplint keeps in a folder that may hold other things, too."""
    made = [
        entry
        for name in _FOLDERS
        for entry in ((folder / name).iterdir() if (folder / name).is_dir() else ())
        if _MADE.fullmatch(entry.name)
    ]
    marks = [
        folder / name
        for name, text in _MARKS.items()
        if (folder / name).is_file() and (folder / name).read_text(errors="replace") == text
    ]
    return [*filter(os.path.lexists, database(folder)), *marks, *made]


def _own_files(folder: Path) -> Iterator[Path]:
    for entry in _own_entries(folder):
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        yield from (file for file in inside if file.is_file())
