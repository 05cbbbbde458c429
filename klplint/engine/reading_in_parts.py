"""Many small files, read part by part in all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from klplint.engine.session import Session
from klplint.worker_process import Failure

T = TypeVar("T")

# So many files are read by one worker at a time.
_PART = 512


def read_in_parts(
    read: Callable[[Path, Sequence[str]], list[T]],
    directory: Path,
    names: Sequence[str],
    session: Session,
) -> Iterator[tuple[str, T]]:
    """The files of some names below a directory, each with what `read` gives for it.

    `read` gives a list for the files of one part. It runs in workers if there is more than one
    part. A part that failed there is read in this process.
    """
    parts = [names[start : start + _PART] for start in range(0, len(names), _PART)]
    results: dict[int, list[T] | Failure] = {}
    if len(parts) > 1:
        tasks = [(directory, part) for part in parts]
        results.update(session.workers.run(read, tasks, session.index.passes.seconds_for(_PART)))
    for number, part in enumerate(parts):
        result = results.get(number)
        files = result if isinstance(result, list) else read(directory, part)
        yield from zip(part, files, strict=True)
