"""Facts where the front end fails on a file: it is reported, and costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.sources import find_sources
from klplint.process_pool import Workers
from klplint.progress import Silence
from klplint.worker_process import Failure
from tests.support import pool_tasks
from tests.support.paths import MINIKERNEL

CALL = (
    "#include <linux/livepatch.h>\n/* t is inactive. */ void f(struct task_struct *t)\n"
    "{\n\tklp_patch_task(t);\n}\n"
)
FILES = [f"file{number:02}.c" for number in range(20)]
ODD = "file07.c"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Files with the same finding each."""
    for name in FILES:
        (tmp_path / name).write_text(CALL)
    return tmp_path


def fail_on(name: str, how: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each task about one file do something else."""
    run = Workers.run

    def changed(
        workers: Workers,
        function: Callable[..., object],
        tasks: Iterable[tuple[object, ...]],
        seconds: float,
    ) -> Iterator[tuple[int, Any | Failure]]:
        return run(workers, how, ((name, function, *task) for task in tasks if task), seconds)

    monkeypatch.setattr(Workers, "run", changed)


def linted(directory: Path, jobs: int, seconds: float = 60) -> Result:
    sources = find_sources([directory], MINIKERNEL, ())
    execution = Execution(jobs=jobs, seconds_per_file=seconds)
    return lint(Plan(sources, load_catalogue(), execution), Silence())


def places(result: Result) -> set[tuple[str, int, str]]:
    return {(f.place.file, f.place.region.line, f.code) for f in result.findings}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (pool_tasks.abort_on, "the analysis crashed twice (its process was ended by SIGABRT)"),
        (pool_tasks.sleep_on, "the analysis took more than 1.5 seconds"),
        (pool_tasks.fail_on, "internal error (ValueError: file07.c)"),
    ],
    ids=["crash", "time-out", "error"],
)
def test_a_file_on_which_the_front_end_fails_costs_only_itself(
    directory: Path,
    jobs: int,
    how: Callable[..., object],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = linted(directory, jobs)
    assert whole.not_analysed == ()
    assert {file for file, _, _ in places(whole)} == set(FILES)
    fail_on(ODD, how, monkeypatch)
    result = linted(directory, jobs, seconds=1.5 if how is pool_tasks.sleep_on else 60)
    (missed,) = result.not_analysed
    assert (missed.file, missed.line) == (ODD, 0)
    assert missed.reason == f"{reason}; classified from tokens only"
    assert result.unreadable == ()
    assert (result.files, result.occurrences) == (whole.files, whole.occurrences)
    others = [f for f in whole.findings if f.place.file != ODD]
    assert [f for f in result.findings if f.place.file != ODD] == others
    assert places(result) == places(whole)


def test_a_file_of_which_not_even_the_tokens_can_be_had(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_on(ODD, pool_tasks.abort_always_on, monkeypatch)
    result = linted(directory, 2)
    assert result.unreadable == (ODD,)
    (missed,) = result.not_analysed
    assert missed.reason == (
        "cannot be read: the analysis crashed twice (its process was ended by SIGABRT); "
        "the token-based fallback failed, too "
        "(the analysis crashed twice (its process was ended by SIGABRT))"
    )
    assert {file for file, _, _ in places(result)} == {*FILES} - {ODD}
