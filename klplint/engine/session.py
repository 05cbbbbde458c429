"""One run's means: its processes, its cache, its index of the tree, and where it writes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from klplint.cache.directory import PREFIXES, STANDINS, held, make_room
from klplint.cache.entries import Cache
from klplint.engine.plan import Execution
from klplint.errors import CacheError
from klplint.index.tree_index import Index
from klplint.kernel.tree import Sources
from klplint.process_pool import Workers
from klplint.progress import Progress
from klplint.statistics import Statistics

T = TypeVar("T")

# Prefixes and stand-ins of so many architectures and states of trees are kept.
_MOST_PREFIXES = 16
_MOST_STANDINS = 64


class Session:
    """A run over `sources`, from the first look at a file to the last."""

    def __init__(
        self,
        sources: Sources,
        execution: Execution,
        progress: Progress,
        statistics: Statistics | None = None,
    ) -> None:
        self.sources = sources
        self.execution = execution
        self.progress = progress
        self.statistics = statistics or Statistics()
        self.workers = Workers(execution.jobs)
        self.cache = Cache(execution.cache, progress.tell) if execution.cache else None
        self.index = Index(
            sources,
            self.workers,
            execution.seconds_per_pass,
            self.cache,
            self.statistics,
        )
        self._folder: Path | None = None
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Session:
        self._closing.enter_context(self.workers)
        if self.cache:
            self._hold(self.cache.folder)
        if self.cache is None or self.cache.is_empty:
            self.workers.begin()  # there will be work for all of them
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.execution.keep:
            self.index.save()
        if self.cache:
            self.cache.close()
        self.statistics.note_peak(self.workers.peak_memory)
        self._closing.__exit__(kind, error, trace)

    def _hold(self, folder: Path) -> None:
        """Use the cache's folder with others: nobody takes away what lies there meanwhile."""
        with held(folder, alone=True) as is_alone:
            if is_alone and self.execution.keep:
                make_room(folder / STANDINS, _MOST_STANDINS)
                make_room(folder / PREFIXES, _MOST_PREFIXES)
        self._closing.enter_context(held(folder))

    @property
    def folder(self) -> Path:
        """Where stand-in and precompiled headers are written: kept in the cache, if there is one.

        Raises CacheError where nothing can be written.
        """
        if self._folder is None:
            cache = self.execution.cache
            is_kept = cache and self.execution.keep and os.access(cache, os.W_OK)
            self._folder = cache if cache and is_kept else self._temporary()
        return self._folder

    def give_up_folder(self, error: OSError) -> None:
        """Write to a temporary folder from now on, if it is not one already.

        Raises CacheError where that is no help.
        """
        if self._folder != self.execution.cache:
            raise _cannot_write(self.folder, error)
        self.progress.tell(f"{self._folder}: headers cannot be cached here: {error.strerror}")
        self._folder = self._temporary()

    def _temporary(self) -> Path:
        try:
            made = self._closing.enter_context(tempfile.TemporaryDirectory(prefix="klplint-"))
        except OSError as error:
            raise _cannot_write(Path(tempfile.gettempdir()), error) from None
        return Path(made)

    def recall(self, keys: Iterable[bytes], kind: type[T]) -> dict[bytes, T]:
        """What the cache knows under some keys."""
        found: dict[bytes, T] = {}
        for key, content in self.cache.get(keys).items() if self.cache else ():
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):  # as good as none
                found[key] = msgspec.msgpack.decode(content, type=kind)
        return found

    def remember(self, entries: Mapping[bytes, object]) -> None:
        """Keep values for later runs."""
        if self.cache and entries and self.execution.keep:
            encoded = {}
            for key, value in entries.items():
                with contextlib.suppress(UnicodeEncodeError):  # of a file whose name is no UTF-8
                    encoded[key] = msgspec.msgpack.encode(value)
            self.cache.put(encoded)


def _cannot_write(folder: Path, error: OSError) -> CacheError:
    return CacheError(
        f"{folder}: cannot write temporary files: {error.strerror}; set TMPDIR to another one"
    )
