"""The process pool: whatever one task does, it fails alone, and nothing waits for ever."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from pebble import ProcessPool
from pebble.pool.process import PoolManager

from klplint.process_pool import Failure, Workers
from tests.support import pool_tasks as task

Task = tuple[object, ...]
BEFORE: list[Task] = [(task.double, number) for number in range(4)]
AFTER: list[Task] = [(task.double, number) for number in range(4, 8)]
RESULTS = [2 * number for number in range(8)]


@pytest.fixture(autouse=True)
def ending() -> Iterator[None]:
    """A test that hangs is ended, as a failure."""

    def end(number: int, frame: object) -> None:
        raise AssertionError("a minute passed: this would hang for ever")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def results(workers: Workers, tasks: list[Task], seconds: float = 50) -> list[object]:
    """The results in the order of the tasks; there is one for each."""
    got = dict(workers.run(task.call, tasks, seconds))
    assert sorted(got) == list(range(len(tasks)))
    return [got[number] for number in range(len(tasks))]


def one_among_others(jobs: int, odd: Task, seconds: float = 50) -> str:
    """The reason for the failure of one task; the others keep their results."""
    with Workers(jobs) as workers:
        got = results(workers, [*BEFORE, odd, *AFTER], seconds)
    (failure,) = got[4:5]
    assert [*got[:4], *got[5:]] == RESULTS
    assert type(failure) is Failure
    return failure.reason


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_tasks_that_succeed(jobs: int) -> None:
    with Workers(jobs) as workers:
        workers.begin()
        assert workers.jobs == jobs
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS
        assert results(workers, []) == []
        assert results(workers, BEFORE) == RESULTS[:4]
        assert workers.peak_memory > 1 << 20


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_aborts(jobs: int) -> None:
    assert one_among_others(jobs, (task.abort,)) == "the analysis crashed (status -6)"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_whose_process_is_killed(jobs: int) -> None:
    assert one_among_others(jobs, (task.kill_this,)) == "the analysis crashed (status -9)"


def test_tasks_that_abort_one_after_the_other() -> None:
    with Workers(2) as workers:
        got = results(workers, [(os.abort,), (task.double, 1)] * 6)
    assert got[1::2] == [2] * 6
    assert {type(failure) for failure in got[::2]} == {Failure}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_takes_too_long(jobs: int) -> None:
    reason = one_among_others(jobs, (task.sleep, 600), seconds=1.5)
    assert reason == "the analysis took more than 1.5 seconds"


def test_a_task_that_leaves_its_process_without_a_word() -> None:
    """Nothing says such an end from a task that goes on: it is over when its time is."""
    reason = one_among_others(2, (os._exit, 0), seconds=1)
    assert reason == "the analysis took more than 1 seconds"


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ((task.fail, ValueError("no such thing")), "ValueError: no such thing"),
        ((task.fail, TimeoutError("of the task, not of the pool")), "TimeoutError: of the task, "),
        ((task.fail, KeyboardInterrupt()), "KeyboardInterrupt: "),
        ((task.leave, 3), "SystemExit: 3"),
        ((task.fail_oddly,), "Odd: one two"),
        ((threading.Lock,), "TypeError: "),
        ((task.call, lambda: None), ""),
        ((task.double,), "TypeError: double() missing 1 required positional argument"),
    ],
    ids=["error", "time-out", "interrupt", "exit", "odd error", "odd result", "odd task", "call"],
)
def test_a_task_that_raises(odd: Task, reason: str) -> None:
    assert one_among_others(2, odd).startswith(f"internal error ({reason}")


def test_a_result_on_whose_way_the_process_ends() -> None:
    assert one_among_others(2, (task.not_to_be_sent,)) == "the analysis crashed (status 1)"


def test_a_pool_whose_processes_are_killed_while_they_work(tmp_path: Path) -> None:
    """What they worked on has failed; what waited is done by others."""

    def kill() -> None:
        while len(busy := [int(path.name) for path in tmp_path.iterdir()]) < 2:
            time.sleep(0.01)
        for process in busy:
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    waiting: list[Task] = [(task.wait_to_be_killed, tmp_path, 600)] * 2
    with Workers(2) as workers:
        got = results(workers, [*waiting, *BEFORE, *AFTER])
    killer.join()
    assert got == [*[Failure("the analysis crashed (status -9)")] * 2, *RESULTS]


@pytest.mark.parametrize("pause", [0, 0.5])
def test_a_pool_whose_processes_are_killed_while_they_wait(pause: float) -> None:
    """By the kernel, say, where memory ran out: no task is to blame, so none fails."""
    with Workers(2) as workers:
        assert results(workers, BEFORE) == RESULTS[:4]
        for process in multiprocessing.active_children():
            process.kill()
        time.sleep(pause)  # the pool looks after its processes now and then
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS
        assert results(workers, BEFORE) == RESULTS[:4]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_breaks_the_pool_fails_alone(
    jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a process ends before the pool has heard that it began its task."""

    def find_expired_task(manager: PoolManager, worker: int) -> None:
        raise BrokenProcessPool("nobody knows what it did")

    monkeypatch.setattr(PoolManager, "find_expired_task", find_expired_task)
    reason = one_among_others(jobs, (os.abort,))
    assert reason == "the process pool broke: nobody knows what it did"


def test_a_pool_that_breaks_again_and_again_is_reported_for_each_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def schedule(*arguments: object, **options: object) -> None:
        raise RuntimeError("no more processes")

    monkeypatch.setattr(ProcessPool, "schedule", schedule)
    with Workers(2) as workers:
        got = results(workers, BEFORE)
    reasons = {failure.reason for failure in got if isinstance(failure, Failure)}
    assert (len(got), reasons) == (4, {"the process pool broke: no more processes"})


def test_tasks_are_begun_as_they_are_given(tmp_path: Path) -> None:
    """The second is given only when the first is under way."""

    def given() -> Iterator[Task]:
        yield task.wait_to_be_killed, tmp_path, 0
        while not any(tmp_path.iterdir()):
            time.sleep(0.01)
        yield task.double, 1

    with Workers(2) as workers:
        assert dict(workers.run(task.call, given(), 50)) == {0: None, 1: 2}


def test_an_exception_of_the_run_ends_the_tasks_that_are_left() -> None:
    with pytest.raises(KeyError), Workers(2) as workers:
        for _ in workers.run(task.call, [(task.double, 1), (task.sleep, 600)], 600):
            raise KeyError
