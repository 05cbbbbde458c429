"""What a run did and how long it took, for --statistics."""

from __future__ import annotations

import contextlib
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping


class Statistics:
    """Counts and times of a run, collected while it goes on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """How many there were of each thing that is counted."""
        self.phases: defaultdict[str, float] = defaultdict(float)
        """Seconds by phase."""
        self.rules: defaultdict[str, float] = defaultdict(float)
        """Seconds by rule."""
        self.peak_memory = 0
        """The sum of the peaks of all processes, in bytes."""

    def lines(self) -> Iterator[str]:
        """All of it as tables for people."""
        yield "Time by phase:"
        yield from _table(self.phases, "{:.2f} s")
        yield "Time by rule:"
        yield from _table(self.rules, "{:.2f} s")
        yield "Counts:"
        yield from _table(self.counts, "{:,}")
        yield f"Peak memory of all processes: {self.peak_memory / (1 << 20):,.0f} MiB"

    def note_peak(self, workers: int) -> None:
        """Add this process's peak to that of the workers; the highest sum noted counts."""
        here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        self.peak_memory = max(self.peak_memory, here + workers)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent in a `with` statement to a phase."""
        with self._timed(self.phases, name):
            yield

    @contextlib.contextmanager
    def rule(self, code: str) -> Iterator[None]:
        """Add the time spent in a `with` statement to a rule."""
        with self._timed(self.rules, code):
            yield

    @contextlib.contextmanager
    def _timed(self, times: defaultdict[str, float], name: str) -> Iterator[None]:
        """Add the time spent in a `with` statement to times[name]."""
        start = time.perf_counter()
        try:
            yield
        finally:
            times[name] += time.perf_counter() - start


def _table(values: Mapping[str, float], form: str) -> Iterator[str]:
    """Lines with names and values; `form` is a format for str.format()."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        yield f"  {name:<{width}}  {form.format(value):>10}"
