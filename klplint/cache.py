"""What earlier runs found out, kept in one SQLite file: never wrong, only missing.

An entry's key is a digest of all that its value hangs on, klplint's own code included, so an
entry is never out of date; it is only no longer asked for, and dropped once the cache is full.
SQLite keeps runs at the same time apart, and an entry whole if one is killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import platformdirs

from klplint.errors import UsageError
from klplint.tree import CACHE_MARK

NAME = "klplint.sqlite"
LARGEST = 512 << 20  # bytes
_MADE = re.compile(r"[0-9a-f]{32}(?:\.pch)?")  # what is in them is called by its key
# What else lies in the folder: headers that stand in for those of a build, precompiled ones.
STANDINS, PREFIXES = FOLDERS = ("standins", "prefixes")
# Source of the first: https://bford.info/cachedir/, which says what has to stand in it.
_MARKS = {
    CACHE_MARK: "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is klplint's cache.\n",
    ".gitignore": "*\n",
}
_FORM = 1  # of the tables
_BUSY = 10.0  # seconds to wait for another run
_DAY = 24 * 60 * 60
_AT_ONCE = 500
_TABLES = """
create table if not exists entries (
    key blob primary key, value blob not null, size integer not null, used integer not null
)
"""


def usual_folder() -> Path:
    """Where the cache lies unless the user says otherwise: $XDG_CACHE_HOME/klplint or the like."""
    return platformdirs.user_cache_path("klplint")


def is_there(folder: Path | None) -> bool:
    """Whether a folder holds a cache, whatever is in it."""
    return folder is not None and (folder / NAME).exists()


def key_of(*parts: object) -> bytes:
    """A key for what hangs on `parts`, values that msgspec can encode, and on klplint's code."""
    content = msgspec.msgpack.encode((_own_code(), *parts), order="deterministic")
    return hashlib.blake2b(content, digest_size=16).digest()


@cache
def _own_code() -> bytes:
    """A digest of klplint's own code and data: another version's entries are none of ours."""
    digest = hashlib.blake2b(digest_size=16)
    package = Path(__file__).parent
    for file in sorted(package.rglob("*")):
        if file.suffix in (".py", ".toml", ".h"):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(file.read_bytes())
    return digest.digest()


def make_room(folder: Path, most: int) -> None:
    """Leave the `most` entries of a folder that were used last; what else is there goes."""
    with contextlib.suppress(OSError):  # another run may be at the same
        entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in entries[most:]:
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()


class Cache:
    """Entries by key. Where the file cannot be used, every entry is missing, and that is told."""

    def __init__(self, folder: Path, tell: Callable[[str], None], largest: int = LARGEST) -> None:
        """Open the cache in `folder`, or begin one. `tell` takes a sentence for the user.

        Raises UsageError where the folder cannot be made.
        """
        self.folder = folder
        self._file = folder / NAME
        self._tell = tell
        self._largest = largest
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._mark()
        except OSError as error:
            raise UsageError(
                f"{folder}: the cache cannot be kept here: {error.strerror}; name another folder "
                "with --cache-dir, or use --no-cache"
            ) from None
        self.is_empty = not is_there(folder)
        self._connection = self._opened()

    def _mark(self) -> None:
        """Tell back-ups, git and klplint itself that what lies here can be made again.

        Only in a folder that is klplint's alone: others may hold what cannot.
        """
        if os.access(self.folder, os.W_OK) and not any(self.folder.iterdir()):
            for name, text in _MARKS.items():
                (self.folder / name).write_text(text)

    def _opened(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                self._tell(f"{self._file}: the cache is not used: {error}")
                return None
            except sqlite3.DatabaseError as error:
                self._throw_away(error)
        return None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_BUSY, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            (form,) = connection.execute("pragma user_version").fetchone()
            if form != _FORM:
                connection.execute("drop table if exists entries")
                connection.execute(f"pragma user_version = {_FORM}")
            connection.execute(_TABLES)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _throw_away(self, error: sqlite3.DatabaseError) -> None:
        self._tell(f"{self._file}: the cache is damaged ({error}); it is begun anew")
        for file in _database(self.folder):
            with contextlib.suppress(OSError):
                file.unlink()

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[sqlite3.Connection | None]:
        """The connection; what goes wrong with it costs the entries asked for, no more."""
        try:
            yield self._connection
        except sqlite3.OperationalError as error:
            self._tell(f"{self._file}: the cache is not used any further: {error}")
            self._connection = None
        except sqlite3.DatabaseError as error:
            if self._connection:
                self._connection.close()
            self._throw_away(error)
            self._connection = self._opened()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those `keys` that have one."""
        wanted, found = list(keys), {}
        with self._in_use() as connection:
            for start in range(0, len(wanted) if connection else 0, _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                assert connection is not None  # the range is empty otherwise
                rows = connection.execute(
                    f"select key, value, used from entries where key in ({marks})", some
                ).fetchall()
                found.update({key: value for key, value, _ in rows})
                self._touch(connection, [key for key, _, used in rows if used < time.time() - _DAY])
        return found

    def _touch(self, connection: sqlite3.Connection, keys: list[bytes]) -> None:
        if keys:
            now = int(time.time())
            connection.executemany(
                "update entries set used = ? where key = ?", [(now, key) for key in keys]
            )

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep some entries; the oldest ones go where there are too many."""
        now = int(time.time())
        rows = [(key, value, len(value), now) for key, value in entries.items()]
        with self._in_use() as connection:
            if connection and rows:
                connection.execute("begin immediate")
                connection.executemany("insert or replace into entries values (?, ?, ?, ?)", rows)
                self._drop_oldest(connection)
                connection.execute("commit")

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        (size,) = connection.execute("select coalesce(sum(size), 0) from entries").fetchone()
        if size <= self._largest:
            return
        oldest = connection.execute("select key, size from entries order by used, rowid")
        gone = []
        for key, freed in oldest.fetchall():
            if size <= self._largest * 3 // 4:
                break
            gone.append((key,))
            size -= freed
        connection.executemany("delete from entries where key = ?", gone)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection:
            self._connection.close()
            self._connection = None


def describe(folder: Path) -> list[str]:
    """What a cache holds, for a person: where it is, entries by number, sizes.

    Raises UsageError where it cannot be looked at.
    """
    try:
        files = list(_own_files(folder))
        size = sum(file.stat().st_size for file in files)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror}") from None
    prefixes = sum(file.suffix == ".pch" for file in files)
    return [
        f"folder:               {folder}{'' if folder.is_dir() else ' (not there yet)'}",
        f"size:                 {size / (1 << 20):,.1f} MiB",
        f"entries:              {_entries(folder / NAME)}",
        f"precompiled headers:  {prefixes:,}",
    ]


def _entries(file: Path) -> str:
    """How many entries a database holds, or why that cannot be told."""
    if not file.is_file():
        return "0"
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            (entries,) = connection.execute("select count(*) from entries").fetchone()
    except sqlite3.Error as error:
        return f"none that can be read ({error}); the next run begins anew"
    return f"{entries:,}"


def empty(folder: Path) -> int:
    """Remove what klplint keeps in a folder, and nothing else: the bytes that are freed.

    Raises UsageError where it cannot be removed.
    """
    try:
        freed = sum(file.stat().st_size for file in _own_files(folder))
        for entry in _own_entries(folder):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be removed: {error.strerror}") from None
    for name in FOLDERS:
        with contextlib.suppress(OSError):  # something that is not klplint's lies there, or nothing
            (folder / name).rmdir()
    return freed


def _own_entries(folder: Path) -> list[Path]:
    """What klplint keeps in a folder that may hold other things, too."""
    made = [
        entry
        for name in FOLDERS
        for entry in ((folder / name).iterdir() if (folder / name).is_dir() else ())
        if _MADE.fullmatch(entry.name)
    ]
    marks = [
        folder / name
        for name, text in _MARKS.items()
        if (folder / name).is_file() and (folder / name).read_text(errors="replace") == text
    ]
    return [*(file for file in _database(folder) if file.is_file()), *marks, *made]


def _database(folder: Path) -> list[Path]:
    """The files of which SQLite makes one."""
    return [folder / f"{NAME}{end}" for end in ("", "-wal", "-shm")]


def _own_files(folder: Path) -> Iterator[Path]:
    for entry in _own_entries(folder):
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        yield from (file for file in inside if file.is_file())
