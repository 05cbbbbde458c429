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

from klplint.cache.directory import PRECOMPILED, STUB_HEADERS, held, make_room
from klplint.cache.entries import Cache
from klplint.errors import UsageError
from klplint.index.tree_index import Index
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.sources import Sources
from klplint.process_pool import Workers
from klplint.progress import Progress
from klplint.statistics import Statistics

T = TypeVar("T")

# Precompiled and stub headers of so many architectures and states of trees are kept.
_MOST_PRECOMPILED = 16
_MOST_STUB_HEADERS = 64


class Setup(msgspec.Struct, frozen=True):
    """How a run works: in how many processes, how many seconds at most on one file (and on one
    pass through some thousand), for which architecture before x86, and with which compilation
    database. Without `parse`, libclang is not asked: what only comments tell needs no compiler.
    Without `cache`, a folder, nothing is kept and nothing known from earlier runs; without `keep`
    what is known is used, and nothing added.
    """

    jobs: int
    seconds_per_file: float = 60.0
    seconds_per_pass: float = 600.0
    parse: bool = True
    architecture: str | None = None
    commands: CompileCommands | None = None
    cache: Path | None = None
    keep: bool = True


class Session:
    """A run over `sources`, from the first look at a file to the last."""

    def __init__(
        self,
        sources: Sources,
        setup: Setup,
        progress: Progress,
        statistics: Statistics | None = None,
    ) -> None:
        self.sources = sources
        self.setup = setup
        self.progress = progress
        self.statistics = statistics or Statistics()
        self.workers = Workers(setup.jobs)
        self.cache = Cache(setup.cache, progress.note) if setup.cache else None
        self.index = Index(
            sources,
            self.workers,
            setup.seconds_per_pass,
            self.cache,
            self.statistics,
        )
        self._folder: Path | None = None
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Session:
        self._closing.enter_context(self.workers)
        if self.cache:
            self._hold(self.cache.directory)
        if self.cache is None or self.cache.is_empty:
            self.workers.begin()  # there will be work for all of them
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.setup.keep:
            self.index.save()
        if self.cache:
            self.cache.close()
        self.statistics.note_peak(self.workers.peak_memory)
        self._closing.__exit__(kind, error, trace)

    def _hold(self, folder: Path) -> None:
        """Use the cache's folder with others: nobody takes away what lies there meanwhile."""
        with held(folder, alone=True) as is_alone:
            if is_alone and self.setup.keep:
                make_room(folder / STUB_HEADERS, _MOST_STUB_HEADERS)
                make_room(folder / PRECOMPILED, _MOST_PRECOMPILED)
        self._closing.enter_context(held(folder))

    @property
    def folder(self) -> Path:
        """Where stand-in and precompiled headers are written: kept in the cache, if there is one.

        Raises UsageError where nothing can be written.
        """
        if self._folder is None:
            cache = self.setup.cache
            is_kept = cache and self.setup.keep and os.access(cache, os.W_OK)
            self._folder = cache if cache and is_kept else self._temporary()
        return self._folder

    def give_up_folder(self, error: OSError) -> None:
        """Write to a temporary folder from now on, if it is not one already.

        Raises UsageError where that is no help.
        """
        if self._folder != self.setup.cache:
            raise _cannot_write(self.folder, error)
        self.progress.note(f"{self._folder}: headers cannot be kept here: {error.strerror}")
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
        if self.cache and entries and self.setup.keep:
            encoded = {}
            for key, value in entries.items():
                with contextlib.suppress(UnicodeEncodeError):  # of a file whose name is no UTF-8
                    encoded[key] = msgspec.msgpack.encode(value)
            self.cache.put(encoded)


def _cannot_write(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder}: temporary files cannot be written: {error.strerror}")
