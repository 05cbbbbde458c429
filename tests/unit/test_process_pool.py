"""The process pool: whatever one task does, it fails alone, and nothing waits for ever."""

from __future__ import annotations

import errno
import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klplint.process_pool import Workers
from klplint.worker_process import Failure
from tests.support import pool_tasks as task

Task = tuple[object, ...]
BEFORE: list[Task] = [(task.double, number) for number in range(4)]
AFTER: list[Task] = [(task.double, number) for number in range(4, 8)]
CRASHED = "the analysis crashed twice ({})"
ABORTED = CRASHED.format("its process was ended by SIGABRT")
KILLED = CRASHED.format("its process was ended by SIGKILL")
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
        assert workers.jobs == jobs
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS
        assert results(workers, []) == []
        assert results(workers, BEFORE) == RESULTS[:4]
        assert workers.peak_memory > 1 << 20


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_has_its_next_task_while_a_result_is_used(jobs: int, tmp_path: Path) -> None:
    tasks: list[Task] = [(task.sleep, 0.3)] * jobs
    with Workers(jobs) as workers:
        running = workers.run(task.call, [*tasks, (task.mark, tmp_path / "mark")], 50)
        next(running)
        while not (tmp_path / "mark").exists():  # else the test takes too long
            time.sleep(0.01)
        assert len([*running]) == jobs


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_that_aborts(jobs: int) -> None:
    assert one_among_others(jobs, (task.abort,)) == CRASHED.format(
        "its process was ended by SIGABRT"
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_whose_process_is_killed(jobs: int) -> None:
    assert one_among_others(jobs, (task.kill_this,)) == CRASHED.format(
        "its process was ended by SIGKILL"
    )


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
    reason = one_among_others(2, (os._exit, 0))
    assert reason == CRASHED.format("its process ended (status 0)")


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


def test_a_result_that_cannot_be_sent() -> None:
    reason = one_among_others(2, (task.not_to_be_sent,))
    assert reason.startswith("internal error (")
    assert "pickle" in reason


def test_a_task_whose_process_is_killed_once(tmp_path: Path) -> None:
    """By the kernel, say, where memory ran out: the second time, alone, it succeeds."""
    once = (task.kill_this_once, tmp_path / "was here", 42)
    with Workers(2) as workers:
        assert results(workers, [*BEFORE, once, *AFTER]) == [*RESULTS[:4], 42, *RESULTS[4:]]


def test_a_lost_task_is_tried_again_while_nothing_else_runs(tmp_path: Path) -> None:
    others: list[Task] = [(task.alone_in, tmp_path, 0.05)] * 4
    with Workers(2) as workers:
        got = results(workers, [(task.alone_once_killed, tmp_path, tmp_path / "x"), *others])
    assert got[0] is True


def killed_when(directory: Path, count: int) -> threading.Thread:
    """A thread that kills the processes which touched files, when there are `count`."""

    def kill() -> None:
        while len(busy := [int(path.name) for path in directory.iterdir()]) < count:
            time.sleep(0.01)
        for process in busy:
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    return killer


def test_a_pool_whose_processes_are_all_killed_while_they_work(tmp_path: Path) -> None:
    """What they worked on is done again."""
    killer = killed_when(tmp_path, 2)
    waiting: list[Task] = [(task.wait_to_be_killed, tmp_path, 600, 2)] * 2
    with Workers(2) as workers:
        got = results(workers, [*waiting, *BEFORE, *AFTER])
    killer.join()
    assert got == [None, None, *RESULTS]


@pytest.mark.parametrize("pause", [0, 0.1])
def test_a_pool_whose_processes_are_killed_while_they_wait(pause: float) -> None:
    """No task is to blame, so none fails."""
    with Workers(2) as workers:
        assert results(workers, BEFORE) == RESULTS[:4]
        for process in multiprocessing.active_children():
            process.kill()
        time.sleep(pause)
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS
        assert results(workers, BEFORE) == RESULTS[:4]


LARGE = "x" * (8 << 20)
"""Larger than any buffer of the system: to send it takes a process that receives it."""


def test_a_process_that_is_killed_while_it_receives_a_large_task() -> None:
    """It never comes to read the task. This hung in pebble, which sent tasks from a thread."""
    with Workers(1) as workers:
        assert results(workers, BEFORE) == RESULTS[:4]
        (process,) = multiprocessing.active_children()
        assert process.pid
        os.kill(process.pid, signal.SIGSTOP)
        killer = threading.Timer(0.2, process.kill)
        killer.start()
        assert results(workers, [(len, LARGE)]) == [len(LARGE)]
        killer.join()


def test_a_process_that_is_stopped_while_it_receives_a_large_task() -> None:
    with Workers(1) as workers:
        assert results(workers, BEFORE) == RESULTS[:4]
        (process,) = multiprocessing.active_children()
        assert process.pid
        os.kill(process.pid, signal.SIGSTOP)
        assert results(workers, [(len, LARGE)], seconds=0.5) == [len(LARGE)]


def test_a_process_that_is_killed_while_it_sends_a_large_result(tmp_path: Path) -> None:
    with Workers(1) as workers:
        got = results(workers, [(task.repeat_and_die_once, tmp_path / "was here", len(LARGE))])
    assert got == [LARGE]


def test_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", fork)
    with Workers(2) as workers, pytest.raises(BlockingIOError):
        results(workers, BEFORE)


def test_fewer_processes_than_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, fork = itertools.count(), os.fork

    def fork_once() -> int:
        if next(begun):
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(os, "fork", fork_once)
    with Workers(3) as workers:
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """Even if it is killed while they work."""
    parent = multiprocessing.get_context("fork").Process(
        target=task.run_in_pool, args=(task.wait_to_be_killed, tmp_path, 600)
    )
    parent.start()
    while not (begun := [int(path.name) for path in tmp_path.iterdir()]):
        time.sleep(0.01)
    parent.kill()
    parent.join()
    while (
        Path(f"/proc/{begun[0]}/cmdline").exists()
        and Path(f"/proc/{begun[0]}/cmdline").read_bytes()
    ):  # a zombie has none
        time.sleep(0.01)


def test_all_processes_have_ended_after_the_pool() -> None:
    with Workers(2) as workers:
        assert results(workers, [*BEFORE, *AFTER]) == RESULTS
    assert multiprocessing.active_children() == []


def test_a_run_within_a_run() -> None:
    """Results are not mixed up, and neither waits for the other."""
    with Workers(1) as workers:
        outer = workers.run(task.call, BEFORE, 50)
        first = next(outer)
        assert results(workers, AFTER) == RESULTS[4:]
        assert dict([first, *outer]) == dict(enumerate(RESULTS[:4]))


def test_results_that_nobody_waits_for_do_not_turn_up_later() -> None:
    with Workers(2) as workers:
        for _ in workers.run(task.call, [(task.double, 1), (task.sleep, 600)], 600):
            break
        assert results(workers, BEFORE) == RESULTS[:4]


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


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_function_that_cannot_be_sent_is_inherited(jobs: int) -> None:
    factor = 3

    def inherited(number: int) -> int:  # a local function cannot be sent
        return number * factor

    with Workers(jobs) as workers:
        assert results(workers, BEFORE) == RESULTS[:4]
        tasks = [(number,) for number in range(5)]
        assert dict(workers.run_inherited(inherited, tasks, 50)) == dict(enumerate(range(0, 15, 3)))
        assert results(workers, AFTER) == RESULTS[4:]


def test_a_task_of_an_inherited_function_fails_alone() -> None:
    def inherited(number: int) -> int:
        if number == 1:
            task.abort()
        return number

    with Workers(2) as workers:
        tasks = [(number,) for number in range(3)]
        got = dict(workers.run_inherited(inherited, tasks, 50))
    assert got == {0: 0, 1: Failure(ABORTED), 2: 2}


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_that_wait_for_the_results_of_others(jobs: int) -> None:
    """None stands for tasks that are not known yet; it is never waited for without need."""
    got: list[object] = []

    def tasks() -> Iterator[Task | None]:
        yield None  # nothing runs
        yield task.double, 1
        while not got:
            yield None
        yield task.double, got[0]
        yield None

    with Workers(jobs) as workers:
        for _, result in workers.run(task.call, tasks(), 50):
            got.append(result)
    assert got == [2, 4]


def test_none_after_a_task_whose_process_ended() -> None:
    """The task is tried again in the end, so its result must not be waited for for ever."""

    def tasks() -> Iterator[Task | None]:
        yield (task.abort,)
        yield from (None, None, None)
        yield task.double, 1

    with Workers(1) as workers:
        assert dict(workers.run(task.call, tasks(), 50)) == {0: Failure(ABORTED), 1: 2}
