"""Results of earlier runs, kept in one SQLite file: an entry may be missing, but is never wrong.

An entry's key is a digest of all that its value depends on, klplint's code included, so an entry is
never out of date. One that nobody asks for any more is dropped when the cache is full. SQLite
isolates runs at the same time from each other, and keeps entries whole if a run is killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from klplint.cache.directory import NAME, begin, database
from klplint.errors import CacheError
from klplint.kernel.existence import is_file

LARGEST = 512 << 20
"""The most bytes that all values together may have."""
_LEAVE = 0.75  # of these, if entries have to be dropped
_SCHEMA = 2  # the version of the table
_APPLICATION = 0x6B6C706C  # "klpl": marks a database as klplint's
_TIMEOUT = 10.0  # seconds to wait for another run
_DAY = 24 * 60 * 60
_AT_ONCE = 500  # keys in one query
_CHECKSUM_SIZE = 8  # bytes before each value
# SQLite quotes what it cannot read: bytes of a damaged file that need not be text.
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
_TABLES = """
create table if not exists entries (
    key blob primary key, value blob not null, size integer not null, used integer not null
)
"""
# The table has the sizes behind the values: to add them up without an index reads all values.
_SIZES = "create index if not exists entry_sizes on entries (size)"


class Cache:
    """Entries by key; all are missing, and the user is warned, if the file cannot be used."""

    def __init__(
        self, directory: Path, warn: Callable[[str], None], largest: int = LARGEST
    ) -> None:
        """Open the cache in a directory, or begin one. `warn` gets sentences for the user.

        Raises CacheError if the directory cannot be made.
        """
        self.directory = directory
        self._file = directory / NAME
        self._warn = warn
        self._largest = largest
        try:
            begin(directory)
        except OSError as error:
            is_file = isinstance(error, (FileExistsError, NotADirectoryError))
            reason = "it or its parent is not a directory" if is_file else error.strerror
            raise CacheError(
                f"{directory}: the cache cannot be created: {reason}; give another directory "
                "with --cache-dir, or pass --no-cache"
            ) from None
        self._connection = self._open()
        self.was_empty = self._is_empty()
        """Whether nothing was in it when it was opened."""

    def _is_empty(self) -> bool:
        with self._in_use() as connection:
            query = "select 1 from entries limit 1"
            return connection is None or connection.execute(query).fetchone() is None
        return True

    def _open(self) -> sqlite3.Connection | None:
        """A connection to the database; None if it cannot be used, of which the user is warned."""
        for _ in range(2):  # a damaged one is removed the first time
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                self._warn(f"{self._file}: disabling the cache for this run: {error}")
                return None
            except _DAMAGE as error:
                self._remove_damaged(error)
        return None

    def _connect(self) -> sqlite3.Connection:
        """A connection to the database, with its table. Raises sqlite3.DatabaseError."""
        connection = sqlite3.connect(self._file, timeout=_TIMEOUT, isolation_level=None)
        try:
            _expect_klplints(connection)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            (schema,) = connection.execute("pragma user_version").fetchone()
            if schema != _SCHEMA:
                connection.execute("drop table if exists entries")
                connection.execute(f"pragma application_id = {_APPLICATION}")
                connection.execute(f"pragma user_version = {_SCHEMA}")
            connection.execute(_TABLES)
            connection.execute(_SIZES)
        except (sqlite3.Error, UnicodeDecodeError):
            connection.close()
            raise
        return connection

    def _remove_damaged(self, error: Exception) -> None:
        self._warn(f"{self._file}: the cache is corrupt ({error}); starting a new one")
        for file in database(self.directory):
            with contextlib.suppress(OSError):
                file.unlink()

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, for statements that may fail: then nothing is found or kept."""
        try:
            yield self._connection
        except sqlite3.OperationalError as error:
            self._warn(f"{self._file}: disabling the cache for the rest of this run: {error}")
            self._connection = None
        except _DAMAGE as error:
            if self._connection:
                self._connection.close()
            self._remove_damaged(error)
            self._connection = self._open()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those `keys` that have one; a damaged value is treated as missing."""
        wanted, values = list(keys), dict[bytes, bytes]()
        with self._in_use() as connection:
            if connection is None:
                return {}
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"select key, value, used from entries where key in ({marks})"  # noqa: S608
                rows = connection.execute(query, some).fetchall()
                for key, stored, _ in rows:
                    value = _sound_value(key, stored)
                    if value is not None:
                        values[key] = value
                _touch(connection, [key for key, _, used in rows if used < time.time() - _DAY])
        return values

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep some entries; those that were used longest ago are dropped if there are too many."""
        now = int(time.time())
        rows = [
            (key, _checksum(key, value) + value, len(value), now) for key, value in entries.items()
        ]
        with self._in_use() as connection:
            if connection and rows:
                connection.execute("begin immediate")
                connection.executemany("insert or replace into entries values (?, ?, ?, ?)", rows)
                self._drop_oldest(connection)
                connection.execute("commit")

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        """Drop the entries that were used longest ago, if all together are too large."""
        (size,) = connection.execute("select coalesce(sum(size), 0) from entries").fetchone()
        if size <= self._largest:
            return
        oldest = connection.execute("select key, size from entries order by used, rowid")
        dropped = []
        for key, freed in oldest.fetchall():
            if size <= self._largest * _LEAVE:
                break
            dropped.append((key,))
            size -= freed
        connection.executemany("delete from entries where key = ?", dropped)

    def close(self) -> None:
        """Close the database."""
        if self._connection:
            self._connection.close()
            self._connection = None


def peek(directory: Path, key: bytes) -> bytes | None:
    """The value of a key in a directory's cache; None where it is missing or cannot be read.

    Nothing is made, mended or reported: that is left to the run that opens the cache.
    """
    file = directory / NAME
    if not is_file(file):
        return None
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, timeout=0, uri=True)) as connection:
            _expect_klplints(connection)
            query = "select value from entries where key = ?"
            row = connection.execute(query, (key,)).fetchone()
    except _DAMAGE:
        return None
    return _sound_value(key, row[0]) if row else None


def _sound_value(key: bytes, stored: bytes) -> bytes | None:
    """The value in a row; None if it was damaged."""
    value = stored[_CHECKSUM_SIZE:]
    return value if stored[:_CHECKSUM_SIZE] == _checksum(key, value) else None


def _touch(connection: sqlite3.Connection, keys: list[bytes]) -> None:
    """Note that some entries are used now."""
    if keys:
        now = int(time.time())
        connection.executemany(
            "update entries set used = ? where key = ?", [(now, key) for key in keys]
        )


def _checksum(key: bytes, value: bytes) -> bytes:
    """A checksum of an entry: one that was damaged has another."""
    return hashlib.blake2b(key + value, digest_size=_CHECKSUM_SIZE).digest()


def _expect_klplints(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.OperationalError for a database of another program: it is left alone."""
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    (application,) = connection.execute("pragma application_id").fetchone()
    if tables and application != _APPLICATION:
        raise sqlite3.OperationalError("it is the database of another program")
