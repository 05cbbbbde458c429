"""Work in other processes: a crash or a time-out is one task's failure, never the run's end."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from types import TracebackType
from typing import TypeVar

import msgspec
from pebble import ProcessExpired, ProcessPool

T = TypeVar("T")

# Imported once by the server that forks the workers, so that a new worker starts at once.
_PRELOADED = ["klplint.survey"]


class Failure(msgspec.Struct, frozen=True):
    """A task that failed, that its process did not survive, or that took too long."""

    reason: str


class Workers:
    """A pool of `jobs` processes; a task may take `seconds` at most."""

    def __init__(self, jobs: int, seconds: float) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._pool = ProcessPool(max_workers=jobs, context=context)
        self._seconds = seconds

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    def run(
        self, function: Callable[..., T], tasks: Sequence[tuple[object, ...]]
    ) -> Iterator[tuple[int, T | Failure]]:
        """`function(*task)` for each task: its index and its result, as they come.

        What `function` itself raises fails its task, as a crash does.
        """
        futures: dict[Future[T], int] = {
            self._pool.schedule(function, args=task, timeout=self._seconds): index
            for index, task in enumerate(tasks)
        }
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except TimeoutError:
                yield futures[future], Failure(f"libclang took more than {self._seconds:g} seconds")
            except ProcessExpired as error:
                yield futures[future], Failure(f"libclang crashed (status {error.exitcode})")
            except Exception as error:  # whatever it is, it is this task's trouble alone
                yield futures[future], Failure(f"klplint failed ({type(error).__name__}: {error})")
