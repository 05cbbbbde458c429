"""The resources of a run: its processes, its cache, its index, its temporary files."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from klplint.cache.directory import PRECOMPILED, STUB_HEADERS, held, make_room, remove_unfinished
from klplint.cache.entries import Cache
from klplint.engine.plan import Execution
from klplint.errors import CacheError
from klplint.facts.memo import Memo
from klplint.index.tree_index import Index
from klplint.kernel.sources import Sources
from klplint.process_pool import Workers
from klplint.progress import Progress
from klplint.statistics import Statistics
from klplint.temporary_files import remove_abandoned, temporary_directory

T = TypeVar("T")

# How many sets of precompiled and stub headers the cache keeps.
_MOST_PRECOMPILED = 16
_MOST_STUB_HEADERS = 64
# What takes more bytes is not cached. The result of all of Linux takes a small part of this, but
# thousands of findings on one line each hold this line.
_LARGEST = 16 << 20


class Session:
    """The resources of one run over `sources`; as a context manager it releases them."""

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
        self.cache = Cache(execution.cache, progress.note) if execution.cache else None
        self.index = Index(
            sources,
            self.workers,
            execution.seconds_per_file,
            self.cache,
            self.statistics,
        )
        self.memo = Memo()
        self.is_complete = True
        """Whether each file was analysed, and it is clear what its facts depend on.

        If not, another run may have another result."""
        self._pending: dict[Callable[[], bool], dict[bytes, object]] = {}
        """What is cached at the end, if something holds."""
        self._directory: Path | None = None
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        remove_abandoned()
        self._closing.enter_context(self.workers)
        if self.cache:
            self._hold(self.cache.directory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.execution.keep:
            for holds, entries in self._pending.items():
                if holds():
                    self.remember(entries)
            self.index.save()
        if self.cache:
            self.cache.close()
        self.statistics.note_peak(self.workers.peak_memory)
        self._closing.__exit__(kind, error, trace)

    def _hold(self, directory: Path) -> None:
        """Share the lock on the cache, so that no other run deletes what this one uses."""
        with held(directory, alone=True) as is_alone:
            if is_alone and self.execution.keep:
                remove_unfinished(directory)
                make_room(directory / STUB_HEADERS, _MOST_STUB_HEADERS)
                make_room(directory / PRECOMPILED, _MOST_PRECOMPILED)
        self._closing.enter_context(held(directory))

    @property
    def directory(self) -> Path:
        """Where stub and precompiled headers are written: in the cache, if there is one.

        Raises CacheError where nothing can be written.
        """
        if self._directory is None:
            cache = self.execution.cache
            is_kept = cache and self.execution.keep and os.access(cache, os.W_OK)
            self._directory = cache if cache and is_kept else self._temporary()
        return self._directory

    def give_up_directory(self, error: OSError) -> None:
        """Write to a temporary directory from now on.

        Raises CacheError where that is what failed.
        """
        if self._directory != self.execution.cache:
            raise _cannot_write(self.directory, error)
        self.progress.note(f"{self._directory}: headers cannot be cached here: {error.strerror}")
        self._directory = self._temporary()

    def _temporary(self) -> Path:
        try:
            return self._closing.enter_context(temporary_directory())
        except OSError as error:
            raise _cannot_write(Path(tempfile.gettempdir()), error) from None

    def recall(self, keys: Iterable[bytes], kind: type[T]) -> dict[bytes, T]:
        """The cached values of some keys; damaged ones are treated as missing."""
        values: dict[bytes, T] = {}
        for key, content in self.cache.get(keys).items() if self.cache else ():
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                values[key] = msgspec.msgpack.decode(content, type=kind)
        return values

    def remember(self, entries: Mapping[bytes, object]) -> None:
        """Cache values for later runs, but for very large ones."""
        if self.cache and entries and self.execution.keep:
            encoded = {}
            for key, value in entries.items():
                with contextlib.suppress(UnicodeEncodeError):  # a file name that is not UTF-8
                    content = msgspec.msgpack.encode(value)
                    if len(content) <= _LARGEST:
                        encoded[key] = content
            self.cache.put(encoded)

    def remember_if(self, holds: Callable[[], bool], entries: Mapping[bytes, object]) -> None:
        """Cache values at the end of the run if something holds then, which may take a while.

        It is asked once for all values that depend on it.
        """
        if self.cache and entries and self.execution.keep:
            self._pending.setdefault(holds, {}).update(entries)


def _cannot_write(directory: Path, error: OSError) -> CacheError:
    return CacheError(
        f"{directory}: cannot write temporary files: {error.strerror}; set TMPDIR to another one"
    )
