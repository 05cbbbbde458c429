"""What a run did and how long it took, for those who ask with --statistics."""

from __future__ import annotations

import contextlib
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping


class Statistics:
    """Counts, and seconds by phase and by rule, filled as a run goes on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.phases: defaultdict[str, float] = defaultdict(float)
        self.rules: defaultdict[str, float] = defaultdict(float)
        self.peak_memory = 0
        """The most memory of all processes together, in bytes: the sum of the peak of each."""

    def lines(self) -> Iterator[str]:
        """All of it as a table, for a person."""
        yield "Time by phase:"
        yield from _table(self.phases, "{:.2f} s")
        yield "Time by rule:"
        yield from _table(self.rules, "{:.2f} s")
        yield "Counts:"
        yield from _table(self.counts, "{:,}")
        yield f"Peak memory of all processes: {self.peak_memory / (1 << 20):,.0f} MiB"

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


def _table(values: Mapping[str, float], form: str) -> Iterator[str]:
    width = max(map(len, values), default=0)
    for name, value in values.items():
        yield f"  {name:<{width}}  {form.format(value):>10}"
