"""One run's means: its processes, its cache, its index of the tree, and where it writes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from klplint.cache import PREFIXES, STANDINS, Cache, make_room
from klplint.frontend.compile_commands import CompileCommands
from klplint.index import Index
from klplint.progress import Progress
from klplint.statistics import Statistics
from klplint.tree import Sources
from klplint.workers import Workers

T = TypeVar("T")

# Prefixes and stand-ins of so many architectures and states of trees are kept.
_MOST_PREFIXES = 16
_MOST_STANDINS = 64


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
        self.cache = Cache(setup.cache, progress.tell) if setup.cache else None
        self.index = Index(
            sources,
            self.workers,
            setup.seconds_per_pass,
            self.cache,
            self.statistics,
        )
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Session:
        self._closing.enter_context(self.workers)
        if self.cache and self.setup.keep:
            # Before anything is used: what this run makes stays to its end, however much it is.
            make_room(self.cache.folder / STANDINS, _MOST_STANDINS)
            make_room(self.cache.folder / PREFIXES, _MOST_PREFIXES)
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

    @cached_property
    def folder(self) -> Path:
        """Where stand-in and precompiled headers are written: kept in the cache, if there is one.

        Raises OSError where nothing can be written.
        """
        cache = self.setup.cache
        if cache is not None and self.setup.keep and os.access(cache, os.W_OK):
            return cache
        return Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="klplint-")))

    def recall(self, keys: Iterable[bytes], kind: type[T]) -> dict[bytes, T]:
        """What the cache knows under some keys."""
        found: dict[bytes, T] = {}
        for key, content in self.cache.get(keys).items() if self.cache else ():
            with contextlib.suppress(msgspec.DecodeError):  # damaged: as good as none
                found[key] = msgspec.msgpack.decode(content, type=kind)
        return found

    def remember(self, entries: Mapping[bytes, object]) -> None:
        """Keep values for later runs."""
        if self.cache and entries and self.setup.keep:
            encode = msgspec.msgpack.encode
            self.cache.put({key: encode(value) for key, value in entries.items()})
