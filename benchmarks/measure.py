"""One run of a command, measured: seconds on the wall, and the most memory of all its processes."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

_INTERVAL = 0.2  # seconds between two looks at the memory


class Run(NamedTuple):
    """What one run took: seconds, the peak of its memory in MiB, what it printed, its status."""

    seconds: float
    memory: float
    output: str
    status: int


def run(command: Sequence[str], with_memory: bool = False) -> Run:
    """Run a command to its end. Its own warnings go unseen.

    To watch its memory takes time of its own, so a run does one or the other.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
    ) as process:
        watcher = _Watcher(process.pid)
        if with_memory:
            watcher.start()
        output = process.communicate()[0]
        seconds = time.perf_counter() - start
        if with_memory:
            watcher.stop()
    return Run(seconds, watcher.peak / 1024, output, process.returncode)


def median(values: Iterable[float]) -> float:
    """The median of some measurements."""
    return statistics.median(values)


class _Watcher(threading.Thread):
    """Looks at the memory of a process and all that come from it; shared pages count once."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.peak = 0
        """In KiB."""

    def run(self) -> None:
        """Look until it is over."""
        while not self._over.wait(_INTERVAL):
            self.peak = max(self.peak, sum(map(_proportional, _family(self._process))))

    def stop(self) -> None:
        """It is over."""
        self._over.set()
        self.join()


def _family(process: int) -> list[int]:
    """A process and its descendants."""
    got, waiting = [], [process]
    while waiting:
        member = waiting.pop()
        got.append(member)
        with contextlib.suppress(OSError):  # it has ended
            for task in Path(f"/proc/{member}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return got


def _proportional(process: int) -> int:
    """The memory of a process in KiB, pages that it shares with others in part."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0  # it has ended
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
