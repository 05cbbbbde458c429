"""The work of a whole run grows with a file's size, whatever somebody repeats in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.sources import find_sources
from klplint.process_pool import Workers
from tests.support.growing_files import GROWING, growing_file
from tests.support.paths import MINIKERNEL
from tests.support.recorder import Recorder
from tests.support.work import Meter

_RULES = load_catalogue()


def in_this_process(
    workers: Workers,
    function: Callable[..., object],
    tasks: Iterable[tuple[object, ...]],
    seconds: float,
) -> Iterator[tuple[int, object]]:
    """What the workers would do, where it can be counted."""
    for index, task in enumerate(tasks):
        yield index, function(*task)


def linted(directory: Path, cache: Path) -> Result:
    execution = Execution(jobs=1, cache=cache)
    return lint(Plan(find_sources([directory], MINIKERNEL, ()), _RULES, execution), Recorder())


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the facts of the kernel, filled by a run that imported what runs need."""
    directory = tmp_path_factory.mktemp("first")
    (directory / "x.c").write_text(growing_file("calls", 1))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Workers, "run", in_this_process)
        linted(directory, directory / "cache")
    return directory / "cache"


@pytest.mark.parametrize("kind", GROWING)
def test_the_work_of_a_run_grows_with_the_file(
    kind: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workers, "run", in_this_process)
    # Of more patterns than `re` keeps, each is compiled at every use: a step, and no growth.
    monkeypatch.setattr(re, "_MAXCACHE", 1 << 20, raising=False)
    work = []
    for size in (1, 1, 2, 4):  # the first run fills caches, and is not counted
        directory = tmp_path / str(size)
        directory.mkdir(exist_ok=True)
        (directory / "x.c").write_text(growing_file(kind, size))
        re.purge()
        with Meter() as meter:
            linted(directory, cache)
        work.append(meter.work)
    # What is done once for any file does not count; 2 is the growth of what doubles.
    more = [after - before for before, after in pairwise(work[1:])]
    least = work[1] // 20  # of a file that is not parsed, the rest is hardly any work
    assert all(second <= 2.3 * max(first, least) for first, second in pairwise(more)), work
