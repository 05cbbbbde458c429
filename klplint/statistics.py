"""What a run did and how long it took, for those who ask with --statistics."""

from __future__ import annotations

import contextlib
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator


class Statistics:
    """Counts, and seconds by phase and by rule, filled as a run goes on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.phases: defaultdict[str, float] = defaultdict(float)
        self.rules: defaultdict[str, float] = defaultdict(float)
        self.peak_memory = 0
        """The most memory of all processes together, in bytes: the sum of the peak of each."""

    def note_peak(self, of_workers: int) -> None:
        """Take in how much memory the other processes used at most; this one's is known."""
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        self.peak_memory = max(self.peak_memory, own + of_workers)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time spent within counts for a phase."""
        with self._timed(self.phases, name):
            yield

    @contextlib.contextmanager
    def rule(self, code: str) -> Iterator[None]:
        """Time spent within counts for a rule."""
        with self._timed(self.rules, code):
            yield

    @contextlib.contextmanager
    def _timed(self, times: defaultdict[str, float], name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            times[name] += time.perf_counter() - start
