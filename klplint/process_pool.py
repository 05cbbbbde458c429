"""Work in other processes: a crash or a time-out is one task's failure, never the run's end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Generic, NamedTuple, Self, TypeVar, cast

from klplint.worker_process import Failure, Lost, WorkerProcess, packed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")


class _Task(NamedTuple):
    number: int
    arguments: tuple[object, ...]
    reason: str = ""
    """How its process ended, where it did."""


class Workers:
    """A pool of at most `jobs` processes, which are started when there are tasks for them."""

    def __init__(self, jobs: int, inherited: Callable[..., object] | None = None) -> None:
        """`inherited` is a function that the processes have from the start (`run_inherited`)."""
        self._jobs = jobs
        self._inherited = inherited
        self._idle: list[WorkerProcess] = []
        self._peaks: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_idle()

    @property
    def jobs(self) -> int:
        """How many processes there are at most."""
        return self._jobs

    @property
    def peak_memory(self) -> int:
        """The most memory that each process has used so far, added up, in bytes."""
        return sum(self._peaks.values())

    def run(
        self,
        function: Callable[..., T],
        tasks: Iterable[tuple[object, ...] | None],
        seconds: float,
    ) -> Iterator[tuple[int, T | Failure]]:
        """`function(*task)` for each task: its index and its result, as they come.

        A task is begun as soon as `tasks` gives it, and may take `seconds` at most. What
        `function` itself raises fails its task. Where `tasks` gives None, it is asked for more
        only when there is another result, or none to wait for.

        A process may also end, because libclang crashes, or because the kernel kills it where
        memory runs out. Then its task is tried once more in the end, while nothing else runs.

        Raises OSError where no process can be started.
        """
        first = _Batch(self, function, seconds)
        yield from first.results(_numbered(tasks), self._jobs)
        if not first.lost:
            return
        self._end_idle()  # the memory that they hold may be what the tasks lacked
        second = _Batch(self, function, seconds)
        yield from second.results(first.lost, 1)
        for task in second.lost:
            yield task.number, Failure(f"the analysis crashed twice ({task.reason})")

    def run_inherited(
        self, function: Callable[..., T], tasks: Iterable[tuple[object, ...]], seconds: float
    ) -> Iterator[tuple[int, T | Failure]]:
        """As `run`, in new processes, for a function that refers to much: it is never sent."""
        self.renew()
        with Workers(self._jobs, function) as workers:
            yield from workers.run(function, tasks, seconds)
            self._peaks.update(workers._peaks)

    def packed(
        self, function: Callable[..., object], arguments: tuple[object, ...]
    ) -> bytes | Failure:
        """A task for a process of the pool in the form in which it is sent."""
        return packed(None if function is self._inherited else function, arguments)

    def take(self) -> WorkerProcess:
        """A process that has nothing to do. Raises OSError where none can be started."""
        if not self._idle:
            return WorkerProcess(self._inherited)
        oldest = min(self._idle, key=lambda process: process.started)
        self._idle.remove(oldest)
        return oldest

    def prepare(self) -> None:
        """Start a process now, while this one uses little memory, which the other one keeps."""
        if not self._idle:
            self._idle.append(WorkerProcess(self._inherited))

    def give_back(self, process: WorkerProcess, peak: int) -> None:
        """Take back a process that has done its task, and how much memory it has used so far."""
        self._idle.append(process)
        self._peaks[process.pid] = peak

    def renew(self) -> None:
        """Use new processes from now on: those that did other tasks keep the memory for them."""
        self._end_idle()

    def end_all_but_oldest(self) -> None:
        """End the processes that have nothing to do, except for the one that was started first."""
        self._idle.sort(key=lambda process: process.started)
        self._end_idle(kept=1)

    def _end_idle(self, kept: int = 0) -> None:
        """End the processes; the operating system adds their time to that of this one."""
        self._idle, ending = self._idle[:kept], self._idle[kept:]
        for process in ending:
            process.ask_to_end()
        for process in ending:
            process.end()


def _numbered(tasks: Iterable[tuple[object, ...] | None]) -> Iterator[_Task | None]:
    """The tasks with their numbers; None stays where it is."""
    numbers = count()
    for task in tasks:
        yield None if task is None else _Task(next(numbers), task)


class _Batch(Generic[T]):
    """The tasks that one call of `Workers.run` gives to processes."""

    def __init__(self, workers: Workers, function: Callable[..., T], seconds: float) -> None:
        self.lost: list[_Task] = []
        """The tasks whose processes ended."""
        self._workers = workers
        self._function = function
        self._seconds = seconds
        self._waiting: deque[_Task] = deque()
        self._busy: dict[WorkerProcess, _Task] = {}

    def results(
        self, tasks: Iterable[_Task | None], jobs: int
    ) -> Iterator[tuple[int, T | Failure]]:
        """The number and the result of each task that is not lost, as they come.

        While `tasks` is still being worked out, nothing is waited for, unless it gives None.
        """
        try:
            for task in tasks:
                if task is None:
                    yield from self._progress(jobs, self._seconds)
                    continue
                self._waiting.append(task)
                yield from self._progress(jobs, 0.0)
            while self._waiting or self._busy:
                yield from self._progress(jobs, self._seconds)
        finally:
            for process in self._busy:  # the caller wants no more results
                process.kill()

    def _progress(self, jobs: int, patience: float) -> Iterator[tuple[int, T | Failure]]:
        """Begin what can be begun; the results that come within `patience` seconds.

        A process that is done gets another task before its result is given, which the caller may
        take long to use.
        """
        from multiprocessing.connection import wait  # loaded with the first process

        yield from self._begun(jobs)
        if not self._busy:
            return
        left = min(process.deadline for process in self._busy) - time.monotonic()
        sockets = {process.connection: process for process in self._busy}
        ready = wait([*sockets], max(0.0, min(patience, left)))
        results = [
            result for each in ready for result in self._received(sockets[cast("Connection", each)])
        ]
        results += self._timed_out()
        yield from [*results, *self._begun(jobs)]

    def _begun(self, jobs: int) -> Iterator[tuple[int, T | Failure]]:
        """Begin what can be begun; the failures of tasks that cannot be sent."""
        while self._waiting and len(self._busy) < jobs:
            task = self._waiting.popleft()
            message = self._workers.packed(self._function, task.arguments)
            if isinstance(message, Failure):
                yield task.number, message
            elif not self._begin(task, message):
                self._waiting.appendleft(task)
                break

    def _timed_out(self) -> Iterator[tuple[int, T | Failure]]:
        """The failures of tasks that take too long; their processes are ended."""
        for process in [each for each in self._busy if each.deadline < time.monotonic()]:
            if not process.connection.poll():
                process.kill()
                reason = f"the analysis took more than {self._seconds:g} seconds"
                yield self._busy.pop(process).number, Failure(reason)

    def _begin(self, task: _Task, message: bytes) -> bool:
        """Begin a task; False if another process would be needed, and cannot be started.

        Raises OSError if there is not a single process.
        """
        try:
            process = self._workers.take()
        except OSError:
            if self._busy:
                return False
            raise
        try:
            process.begin(message, self._seconds)
        except Lost as error:
            self.lost.append(task._replace(reason=str(error)))
        else:
            self._busy[process] = task
        return True

    def _received(self, process: WorkerProcess) -> Iterator[tuple[int, T | Failure]]:
        """The result of the task of a process that has sent something, or has ended."""
        task = self._busy.pop(process)
        try:
            outcome = process.outcome()
        except Lost as error:
            self.lost.append(task._replace(reason=str(error)))
            return
        self._workers.give_back(process, outcome.peak)
        yield task.number, cast("T | Failure", outcome.result)
