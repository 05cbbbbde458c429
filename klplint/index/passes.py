"""Passes over the files of a tree: which of them hold what some queries ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import IndexQuery
from klplint.index.scan import Scanned, scan
from klplint.process_pool import Workers
from klplint.progress import Progress
from klplint.statistics import Statistics
from klplint.worker_process import Failure

# A pass over the tree is cut into this many parts for each process.
_PARTS = 6
# Up to this many files are searched in this process: to start others takes longer.
_FEW = 400
# A larger file is searched in another process, because this one has no time limit.
_LARGE = 1 << 20
# The time that a process may take for its part of a pass: that for one slow file, and so much for
# each other one, which is a hundred times what a usual one takes.
_SECONDS_FOR_OTHERS = 0.02


class Passes:
    """Searches files, in this process or in others, and remembers which cannot be read."""

    def __init__(
        self, root: Path, workers: Workers, seconds: float, statistics: Statistics
    ) -> None:
        """`seconds` is the longest time that the search in one file may take."""
        self._root = root
        self._workers = workers
        self._seconds = seconds
        self._statistics = statistics
        self.unreadable: dict[str, Unreadable] = {}
        """The files of the tree that could not be read."""

    def scan(self, queries: list[IndexQuery], files: list[str], progress: Progress) -> Scanned:
        """One pass over some files: in this process if they are few, else in all processes."""
        if not files or not queries:
            return Scanned([], [])
        self._statistics.counts["files searched"] += len(files)
        if self.is_quick(files, _FEW):
            return scan(self._root, files, queries)
        progress.begin("searching", len(files))
        scanned = Scanned([], [])
        size = -(-len(files) // (_PARTS * self._workers.jobs))
        chunks = [files[i : i + size] for i in range(0, len(files), size)]
        failed = self._scan_chunks(queries, chunks, scanned, progress)
        # The files of a part that failed are searched one by one: one of them is to blame.
        blamed = self._scan_chunks(queries, [[file] for file in failed], scanned, progress)
        self.give_up(blamed)
        scanned.unreadable.extend(self.unreadable[file] for file in blamed)
        return scanned

    def is_quick(self, files: Sequence[str], most: int) -> bool:
        """Whether files can be read in this process: at most so many, none of them large."""
        return len(files) <= most and not any(map(self._is_large, files))

    def _is_large(self, file: str) -> bool:
        try:
            return (self._root / file).stat().st_size > _LARGE
        except OSError:  # to read it fails at once, too
            return False

    def seconds_for(self, files: int) -> float:
        """The longest time that one process may take to search so many files."""
        return self._seconds + files * _SECONDS_FOR_OTHERS

    def give_up(self, files: Iterable[str]) -> None:
        """Take files for unreadable that took too long, or crashed the process that read them."""
        self.unreadable.update({f: Unreadable(f, "the search in it failed") for f in files})

    def _scan_chunks(
        self,
        queries: list[IndexQuery],
        chunks: list[list[str]],
        scanned: Scanned,
        progress: Progress,
    ) -> list[str]:
        """Add the hits in some chunks of files to `scanned`; the files of chunks that failed."""
        failed: list[str] = []
        tasks = [(self._root, chunk, queries) for chunk in chunks]
        seconds = self.seconds_for(max(map(len, chunks), default=0))
        for number, part in self._workers.run(scan, tasks, seconds):
            if isinstance(part, Failure):
                failed += chunks[number]
            else:
                progress.advance(len(chunks[number]))
                scanned.hits.extend(part.hits)
                scanned.unreadable.extend(part.unreadable)
        return sorted(failed)
