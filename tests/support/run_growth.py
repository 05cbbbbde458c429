"""How the work of a run grows with a file, counted: `python -m tests.support.run_growth [KIND...]`.

Prints a table: the work for each kind of file, doubled three times, and the largest growth of what
a doubling adds. The status is 1 where something grows by more than `most_of` its kind a doubling.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple, Self
from unittest import mock

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.sources import find_sources
from klplint.process_pool import Workers
from tests.support.growing_files import GROWING, growing_file
from tests.support.paths import MINIKERNEL
from tests.support.recorder import Recorder
from tests.support.work import Meter

MOST = 2.3
"""How much the work may grow that a doubling of the file adds; 2 where it is as the size."""
_MOST_OF = {"chained outcomes": 2.7}
"""Likewise for a kind whose work grows faster at first: here 2.6, then less with each doubling.

Each function of such a chain is looked into from several above it, up to a depth.
"""
_RULES = load_catalogue()
_SIZES = (1, 2, 4, 8)
_KEPT = "kernel/livepatch/transition.c"
"""The only code of the kernel that files grow in: what it holds is work for every run on them."""


class Kernel(NamedTuple):
    """The kernel that files grow in, and a cache that has its facts."""

    tree: Path
    cache: Path

    @classmethod
    def made_in(cls, directory: Path) -> Self:
        """A copy of the minikernel, linted once: the run has imported what runs need."""
        kernel = cls(directory / "linux", directory / "cache")
        shutil.copytree(MINIKERNEL, kernel.tree)
        for path in kernel.tree.rglob("*.c"):  # without any, it would be a part of a kernel
            if path != kernel.tree / _KEPT:
                path.write_text("")
        works("calls", [1], directory, kernel)
        return kernel


def works(kind: str, sizes: Iterable[int], directory: Path, kernel: Kernel) -> list[int]:
    """The work of runs on files of a kind, each of a size."""
    work = []
    with (
        mock.patch.object(Workers, "run", _in_this_process),
        # Of more patterns than `re` keeps, each is compiled at every use: a step, and no growth.
        mock.patch.object(re, "_MAXCACHE", 1 << 20, create=True),
    ):
        for number, size in enumerate(sizes):
            # Its own directory: in one that was linted before, the index is asked differently.
            place = directory / str(number)
            place.mkdir(exist_ok=True)
            (place / "x.c").write_text(growing_file(kind, size))
            re.purge()
            with Meter() as meter:
                _lint(place, kernel)
            work.append(meter.work)
    return work


def most_of(kind: str) -> float:
    """How much the work may grow that a doubling of a file of a kind adds."""
    return _MOST_OF.get(kind, MOST)


def growth_of(work: list[int]) -> float:
    """The largest growth of what a doubling adds to the work of runs on files that double in size.

    What is done once for any file does not count. Less work, as for a file that is too deep to be
    parsed, is not a place to grow from.
    """
    most = accumulate(work, max)
    more = [after - before for before, after in pairwise(most)]
    least = max(1, work[0] // 20)  # of a file that is not parsed, the rest is hardly any work
    return max(second / max(first, least) for first, second in pairwise(more))


def _lint(directory: Path, kernel: Kernel) -> None:
    execution = Execution(jobs=1, cache=kernel.cache)
    lint(Plan(find_sources([directory], kernel.tree, ()), _RULES, execution), Recorder())


def _in_this_process(
    workers: Workers,
    function: Callable[..., object],
    tasks: Iterable[tuple[object, ...]],
    seconds: float,
) -> Iterator[tuple[int, object]]:
    """What the workers would do, where it can be counted."""
    for index, task in enumerate(tasks):
        yield index, function(*task)


def main(kinds: list[str]) -> int:
    """Print the table."""
    status = 0
    print("| file | work | doubled | twice | three times | growth |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        kernel = Kernel.made_in(Path(scratch))
        for kind in kinds or GROWING:
            directory = Path(scratch) / kind.replace(" ", "-")
            directory.mkdir()
            # The first run fills caches, and is not counted.
            _, *work = works(kind, (1, *_SIZES), directory, kernel)
            growth = growth_of(work)
            status |= growth > most_of(kind)
            shown = " | ".join(f"{each:,}" for each in work)
            print(f"| {kind} | {shown} | {growth:.2f} |", flush=True)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
