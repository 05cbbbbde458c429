"""Whether a file or a directory is there, without an error where permissions hide that.

The methods of Path raise PermissionError for what lies in a directory that must not be searched.
The listing of the tree reports such a directory; all else treats what is in it as missing.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_file(path: Path | str) -> bool:
    """Whether a path is a file."""
    return os.path.isfile(path)  # noqa: PTH113 - see above


def is_directory(path: Path | str) -> bool:
    """Whether a path is a directory."""
    return os.path.isdir(path)  # noqa: PTH112 - see above


def files_in(directory: str) -> frozenset[str]:
    """The names of the files in a directory; none where it cannot be listed."""
    try:
        with os.scandir(directory) as entries:
            return frozenset(
                entry.name
                for entry in entries
                if entry.is_file(follow_symlinks=False) or is_file(entry.path)
            )
    except OSError:
        return frozenset()


def is_missing(path: Path) -> bool:
    """Whether a path does not exist; False where that cannot be found out."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_searchable(directory: Path) -> bool:
    """Whether a directory can be listed, and what is in it be opened."""
    return os.access(directory, os.R_OK | os.X_OK)
