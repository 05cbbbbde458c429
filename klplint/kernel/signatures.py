"""File signatures: whether a file has changed, without reading it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

# A tuple and not a class: a run makes one for each file of a kernel.
Signature = tuple[int, int, int, int]
"""A file's size in bytes, the times (in nanoseconds) when its content and its inode last changed,
and the number of its inode."""

GONE: Signature = (0, 0, 0, 0)
"""The signature of a file that does not exist."""

SETTLED = 3_000_000_000
"""A file that changed less than this many nanoseconds ago may change again within the same tick of
the file system's clock, and keep its signature."""


def signature_of(file: Path | str | os.DirEntry[str]) -> Signature:
    """A file's signature; `GONE` if it does not exist or cannot be looked at."""
    try:
        # Making a Path would take longer than os.stat() itself.
        status = file.stat() if isinstance(file, os.DirEntry) else os.stat(file)  # noqa: PTH116
        return signature_from(status)
    except OSError:
        return GONE


def signature_from(status: os.stat_result) -> Signature:
    """The signature of a file with this status."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def last_change(signature: Signature) -> int:
    """When a file's content or inode last changed, in nanoseconds."""
    return max(signature[1:3])


def are_settled(signatures: Iterable[Signature], then: int | None = None) -> bool:
    """Whether every file changed long enough ago that its signature identifies its content.

    With `then`, long enough before that time, in nanoseconds.
    """
    newest = (time.time_ns() if then is None else then) - SETTLED
    return all(last_change(signature) <= newest for signature in signatures)
