"""Work in other processes: a crash or a time-out is one task's failure, never the run's end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, as_completed
from multiprocessing import forkserver
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import msgspec

from klplint.errors import CacheError

if TYPE_CHECKING:
    from pebble import ProcessPool

T = TypeVar("T")

_STDERR = 2
# Imported once by the server that forks the workers, so that a new worker starts at once.
_PRELOADED = ["klplint.engine.fact_collection"]


def begin_server() -> None:
    """Begin the server that forks the workers, which loads what they need meanwhile.

    Raises CacheError where its socket cannot be made, as in a directory with a very long path.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    try:
        with _without_stderr():
            forkserver.ensure_running()
    except OSError as error:
        raise CacheError(
            f"{tempfile.gettempdir()}: processes cannot communicate through this directory: "
            f"{error.strerror or error}; set TMPDIR to one with a shorter path"
        ) from None


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """What begins here has nowhere to complain: what fails in a worker is its task's failure, and
    told as that. libclang writes of its crashes, Python of workers that are not waited for.
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


class _Broken(Failure, frozen=True):
    """The pool was lost, by no fault of the task."""


class Workers:
    """A pool of `jobs` processes, begun when there is the first task for it."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPool | None = None
        self._peaks: dict[int, int] = {}

    def __enter__(self) -> Workers:
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
        `function` itself raises fails its task, as a crash does. A pool that breaks as a whole is
        replaced once, for what is not done.
        """
        lost: dict[int, tuple[object, ...]] = {}
        begun: dict[int, tuple[object, ...]] = {}

        def beginning() -> Iterator[tuple[int, tuple[object, ...]]]:
            for index, task in enumerate(tasks):
                begun[index] = task
                yield index, task

        for index, result in self._attempt(function, beginning(), seconds):
            if isinstance(result, _Broken):
                lost[index] = begun[index]
            else:
                yield index, result
        if lost:
            self._give_up_pool()
            yield from self._attempt(function, lost.items(), seconds)

    def _attempt(
        self,
        function: Callable[..., T],
        tasks: Iterable[tuple[int, tuple[object, ...]]],
        seconds: float,
    ) -> Iterator[tuple[int, T | Failure]]:
        """The results of tasks; a `_Broken` for those that the pool did not come to."""
        futures: dict[Future[tuple[T, int, int]], int] = {}
        for index, task in tasks:
            try:
                pool = self._started()
                futures[pool.schedule(_measured, args=(function, *task), timeout=seconds)] = index
            except (RuntimeError, BrokenExecutor) as error:
                yield index, _Broken(f"the process pool broke: {error}")
        if not futures:
            return
        from pebble import ProcessExpired  # slow to load, and many runs need no processes

        for future in as_completed(futures):
            try:
                result, process, peak = future.result()
                self._peaks[process] = peak
                yield futures[future], result
            except TimeoutError:
                yield futures[future], Failure(f"the analysis took more than {seconds:g} seconds")
            except ProcessExpired as error:
                yield futures[future], Failure(f"the analysis crashed (status {error.exitcode})")
            except (BrokenExecutor, CancelledError) as error:
                yield futures[future], _Broken(f"the process pool broke: {error}")
            except Exception as error:  # whatever it is, it is this task's trouble alone
                yield futures[future], Failure(f"internal error ({type(error).__name__}: {error})")

    def _give_up_pool(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _started(self) -> ProcessPool:
        from pebble import ProcessPool

        if self._pool is None:
            begin_server()
            context = multiprocessing.get_context("forkserver")
            self._pool = ProcessPool(max_workers=self._jobs, context=context)
        return self._pool


def _nothing() -> None:
    """The work of a process that has just come up."""


def _measured(function: Callable[..., T], *task: object) -> tuple[T, int, int]:
    """A result, the process that it was found in, and the most memory this has used, in bytes."""
    result = function(*task)
    return result, os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
