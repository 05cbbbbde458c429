"""A session for an editor: it outlives runs, and files change while it lasts.

A run for a text that somebody types has little time. So what was read from the cache stays in
memory, as do the index of the tree and its headers. Whoever keeps such a session
reports each change to it. If anything else changes in the tree, the session is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from klplint.engine.compile_targets import CompileTargets
from klplint.engine.dependencies import Dependencies
from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.kernel.signatures import Signature
from klplint.kernel.sources import Sources
from klplint.progress import Progress

T = TypeVar("T")


class EditingSession(Session):
    """The resources of many runs over sources of which single files change."""

    def __init__(self, sources: Sources, execution: Execution, progress: Progress) -> None:
        super().__init__(sources, execution, progress)
        self._decoded: dict[bytes, Any] = {}

    def begin(self, sources: Sources) -> None:
        """Begin a run over other files of the same tree."""
        self.sources = sources
        self.is_complete = True
        # What checks worked out is about the facts of one run.
        self.memo = self.memo.about(self)

    def end_run(self) -> None:
        """Give back memory: of the processes, one stays, with what it knows of the file."""
        self.workers.end_all_but_oldest()

    def change(self, files: Mapping[str, Signature]) -> None:
        """Take files as they are now, given by their signatures."""
        self.index.replace(dict(files))
        targets = self.memo.once(CompileTargets, self)
        for name in files:
            targets.forget(name)

    def is_current(self) -> bool:
        """Whether the files that facts depend on are as they were read."""
        return self.memo.once(Dependencies, self).files.are_as_read()

    def recall(self, keys: Iterable[bytes], kind: type[T]) -> dict[bytes, T]:
        """The cached values of some keys; those that were asked for before are in memory."""
        wanted = list(keys)
        missing = [key for key in wanted if key not in self._decoded]
        self._decoded.update(super().recall(missing, kind))
        return {key: cast("T", self._decoded[key]) for key in wanted if key in self._decoded}
