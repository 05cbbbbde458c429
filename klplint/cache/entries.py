"""What earlier runs found out, kept in one SQLite file: never wrong, only missing.

An entry's key is a digest of all that its value hangs on, klplint's own code included, so an
entry is never out of date; it is only no longer asked for, and dropped once the cache is full.
SQLite keeps runs at the same time apart, and an entry whole if one is killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from klplint.cache.directory import NAME, begin, database, is_there
from klplint.errors import CacheError

LARGEST = 512 << 20  # bytes
_FORM = 2  # of the tables
_OURS = 0x6B6C706C  # "klpl": whose database it is
_BUSY = 10.0  # seconds to wait for another run
_DAY = 24 * 60 * 60
_AT_ONCE = 500
_CHECK = 8  # bytes before each value that tell whether it is as it was written
_TABLES = """
create table if not exists entries (
    key blob primary key, value blob not null, size integer not null, used integer not null
)
"""


class Cache:
    """Entries by key. Where the file cannot be used, every entry is missing, and that is told."""

    def __init__(self, folder: Path, tell: Callable[[str], None], largest: int = LARGEST) -> None:
        """Open the cache in `folder`, or begin one. `tell` takes a sentence for the user.

        Raises CacheError where the folder cannot be made.
        """
        self.folder = folder
        self._file = folder / NAME
        self._tell = tell
        self._largest = largest
        try:
            begin(folder)
        except OSError as error:
            is_file = isinstance(error, (FileExistsError, NotADirectoryError))
            reason = "it or its parent is not a directory" if is_file else error.strerror
            raise CacheError(
                f"{folder}: the cache cannot be created: {reason}; give another directory "
                "with --cache-dir, or pass --no-cache"
            ) from None
        self.is_empty = not is_there(folder)
        self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                self._tell(f"{self._file}: disabling the cache for this run: {error}")
                return None
            except sqlite3.DatabaseError as error:
                self._throw_away(error)
        return None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_BUSY, isolation_level=None)
        try:
            _expect_ours(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            (form,) = connection.execute("pragma user_version").fetchone()
            if form != _FORM:
                connection.execute("drop table if exists entries")
                connection.execute(f"pragma application_id = {_OURS}")
                connection.execute(f"pragma user_version = {_FORM}")
            connection.execute(_TABLES)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _throw_away(self, error: sqlite3.DatabaseError) -> None:
        self._tell(f"{self._file}: the cache is corrupt ({error}); starting a new one")
        for file in database(self.folder):
            with contextlib.suppress(OSError):
                file.unlink()

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[sqlite3.Connection | None]:
        """The connection; what goes wrong with it costs the entries asked for, no more."""
        try:
            yield self._connection
        except sqlite3.OperationalError as error:
            self._tell(f"{self._file}: disabling the cache for the rest of this run: {error}")
            self._connection = None
        except sqlite3.DatabaseError as error:
            if self._connection:
                self._connection.close()
            self._throw_away(error)
            self._connection = self._opened()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those `keys` that have one; a damaged one is as good as none."""
        wanted, found = list(keys), {}
        with self._in_use() as connection:
            for start in range(0, len(wanted) if connection else 0, _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                assert connection is not None  # the range is empty otherwise
                rows = connection.execute(
                    f"select key, value, used from entries where key in ({marks})", some
                ).fetchall()
                for key, value, _ in rows:
                    if value[:_CHECK] == _check(key, value[_CHECK:]):
                        found[key] = value[_CHECK:]
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
        rows = [
            (key, _check(key, value) + value, len(value), now) for key, value in entries.items()
        ]
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


def _check(key: bytes, value: bytes) -> bytes:
    """What stands before a value that is as it was written."""
    return hashlib.blake2b(key + value, digest_size=_CHECK).digest()


def _expect_ours(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.OperationalError for a database of another program: it is left alone."""
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    (owner,) = connection.execute("pragma application_id").fetchone()
    if tables and owner != _OURS:
        raise sqlite3.OperationalError("it is the database of another program")
