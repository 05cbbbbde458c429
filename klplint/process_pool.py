"""Work in other processes: a crash or a time-out is one task's failure, never the run's end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, as_completed
from multiprocessing import forkserver
from types import TracebackType
from typing import TYPE_CHECKING, Generic, NamedTuple, Self, TypeVar

import msgspec

from klplint.errors import CacheError

if TYPE_CHECKING:
    from pebble import ProcessPool

T = TypeVar("T")

_STDERR = 2
_LONGEST_SOCKET_PATH = 108
_NAME_OF_SOCKET = len("/pymp-xxxxxxxx/listener-xxxxxxxx")
# Imported once by the server that forks the workers, so that a new worker starts at once.
_PRELOADED = ["klplint.engine.fact_collection"]


def begin_server() -> None:
    """Begin the server that forks the workers; it loads what they need meanwhile.

    Raises CacheError where its socket cannot be made.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    try:
        with _without_stderr(), _short_temporary_directory():
            forkserver.ensure_running()
    except OSError as error:
        raise CacheError(
            f"{tempfile.gettempdir()}: processes cannot communicate through this directory: "
            f"{error.strerror or error}; set TMPDIR to one that can be written"
        ) from None


@contextlib.contextmanager
def _short_temporary_directory() -> Iterator[None]:
    """Use /tmp for the server's socket where the path of one in $TMPDIR would be too long.

    unix(7) allows 108 bytes. Since Python 3.14, multiprocessing does the same itself.
    """
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) + _NAME_OF_SOCKET < _LONGEST_SOCKET_PATH:
        yield
        return
    tempfile.tempdir = "/tmp"  # noqa: S108 - multiprocessing makes a private directory there
    try:
        yield
    finally:
        tempfile.tempdir = usual


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """Close standard error to what starts here.

    What fails in a worker is reported as the failure of its task. libclang would print its crashes,
    and Python the workers that nobody waits for.
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:  # it is closed as it is
        yield
        return
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, _STDERR)
    try:
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nothing)


class Failure(msgspec.Struct, frozen=True):
    """A task that failed, that its process did not survive, or that took too long."""

    reason: str


class _Lost(NamedTuple):
    """A task that was not done, for the pool broke."""

    number: int
    task: tuple[object, ...]
    error: Exception


class Workers:
    """A pool of `jobs` processes, begun when there is the first task for it."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPool | None = None
        self._peaks: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is None:
            return
        if kind is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    def begin(self) -> None:
        """Begin the processes before there is work, for they take a moment to come up."""
        if self._jobs > 1 and self._pool is None:
            self._started().schedule(_nothing)

    @property
    def jobs(self) -> int:
        """How many processes there are at most."""
        return self._jobs

    @property
    def peak_memory(self) -> int:
        """The most memory that each process has used so far, added up, in bytes."""
        return sum(self._peaks.values())

    def run(
        self, function: Callable[..., T], tasks: Iterable[tuple[object, ...]], seconds: float
    ) -> Iterator[tuple[int, T | Failure]]:
        """`function(*task)` for each task: its index and its result, as they come.

        A task is begun as soon as `tasks` gives it, and may take `seconds` at most. What
        `function` itself raises fails its task, as a crash does.

        A pool can break as a whole: where somebody kills processes that wait for work, or where a
        task crashes before it is known to have begun. What was not done is done by a new pool;
        and if that breaks too, one task at a time, so that the one that breaks it fails alone.
        """
        lost = yield from self._at_once(function, enumerate(tasks), seconds)
        again = [(each.number, each.task) for each in lost]
        for left in (yield from self._at_once(function, again, seconds)):
            alone = [(left.number, left.task)]
            for culprit in (yield from self._at_once(function, alone, seconds)):
                yield culprit.number, Failure(f"the process pool broke: {culprit.error}")

    def _at_once(
        self,
        function: Callable[..., T],
        tasks: Iterable[tuple[int, tuple[object, ...]]],
        seconds: float,
    ) -> Generator[tuple[int, T | Failure], None, list[_Lost]]:
        """The results of tasks, as they come; in the end, the tasks that were lost with the pool.

        A pool that broke is given up: the next task begins another.
        """
        lost: list[_Lost] = []
        begun: dict[Future[_Outcome[T]], tuple[int, tuple[object, ...]]] = {}
        for index, task in tasks:
            try:
                future = self._started().schedule(_measured, (function, *task), timeout=seconds)
            except RuntimeError as error:  # the pool broke while there was nothing to do
                lost.append(_Lost(index, task, error))
            else:
                begun[future] = index, task
        for done in as_completed(begun):
            index, task = begun[done]
            try:
                result = self._result(done, seconds)
            except (BrokenExecutor, CancelledError) as error:
                lost.append(_Lost(index, task, error))
            else:
                yield index, result
        if lost and self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
        return lost

    def _result(self, future: Future[_Outcome[T]], seconds: float) -> T | Failure:
        """The result of a task whose process is done with it, or gone.

        Raises BrokenExecutor or CancelledError where the pool broke.
        """
        from pebble import ProcessExpired  # slow to load, and many runs need no processes

        try:
            outcome = future.result()
        except TimeoutError:
            return Failure(f"the analysis took more than {seconds:g} seconds")
        except ProcessExpired as error:
            return Failure(f"the analysis crashed (status {error.exitcode})")
        except (BrokenExecutor, CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - a task or result that cannot be sent, say
            return _failed(error)
        self._peaks[outcome.process] = outcome.peak
        return outcome.result

    def _started(self) -> ProcessPool:
        from pebble import ProcessPool

        if self._pool is None:
            begin_server()
            context = multiprocessing.get_context("forkserver")
            self._pool = ProcessPool(max_workers=self._jobs, context=context)
        return self._pool


def _nothing() -> None:
    """The work of a process that has just come up."""


class _Outcome(NamedTuple, Generic[T]):
    """What a worker gives back: a result, its process, and the most memory this has used."""

    result: T | Failure
    process: int
    peak: int
    """In bytes."""


def _measured(function: Callable[..., T], *task: object) -> _Outcome[T]:
    """The outcome of a task; runs in a worker.

    What the task raises ends here. Some exceptions cannot be sent to another process, and would
    break the pool; others would be taken for the pool's own, or end the run.
    """
    result: T | Failure
    try:
        result = function(*task)
    except BaseException as error:  # noqa: BLE001 - even SystemExit is the task's failure
        result = _failed(error)
    return _Outcome(result, os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _failed(error: BaseException) -> Failure:
    return Failure(f"internal error ({type(error).__name__}: {error})")
