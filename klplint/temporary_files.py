"""Temporary directories that do not stay behind, even if the run is killed.

A run locks its directories, and the lock ends with the run. So the next run sees which directories
nobody uses any more, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "klplint-temporary-"
_NAME = re.compile(rf"{_PREFIX}\w{{8}}")
# A file that only directories of klplint have: others may begin their names alike.
_MARK = ".klplint-temporary"


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """A new directory, which is removed in the end. Raises OSError if it cannot be made."""
    directory, lock = _locked_directory()
    try:
        (directory / _MARK).touch()
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked_directory() -> tuple[Path, int | None]:
    """A new directory, and the lock on it; None where the file system has no locks."""
    while True:
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.suppress(FileNotFoundError):
            lock = _lock(directory)
            if directory.exists():
                return directory, lock
            if lock is not None:  # another run removed the directory before it was locked
                os.close(lock)


def remove_abandoned() -> None:
    """Remove the directories of runs that were killed."""
    with contextlib.suppress(OSError):
        for entry in Path(tempfile.gettempdir()).iterdir():
            if _NAME.fullmatch(entry.name):
                with contextlib.suppress(OSError):  # another run removes it, or it is not ours
                    _remove_abandoned(entry)


def _remove_abandoned(directory: Path) -> None:
    """Remove a directory of klplint and of this user, unless a run has locked it.

    An empty one is of a run that was killed before it could mark the directory as klplint's.
    """
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    lock = _lock(directory)
    if lock is None:
        return
    try:
        if (directory / _MARK).exists():
            shutil.rmtree(directory)
        else:
            directory.rmdir()
    finally:
        os.close(lock)


def _lock(directory: Path) -> int | None:
    """An open handle that locks a directory; None if it is locked, or cannot be.

    Raises OSError if the directory is not there.
    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
