"""The result of a whole run, cached: if nothing changed, no file is read and no check runs.

A result depends on the plan, on the signatures of all files in which names are looked up, and on
what the facts depend on beyond these: Makefiles, configuration, headers that are not there. All of
it is compared before a result is used again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.header_directories import files_below
from klplint.engine.plan import Plan, is_compared
from klplint.engine.session import Session
from klplint.findings.finding import Result
from klplint.kernel.architecture import Chooser
from klplint.kernel.completeness import absent_directories
from klplint.kernel.signatures import Signature, are_settled, signature_of
from klplint.kernel.sources import listing_digest

if TYPE_CHECKING:  # loaded where files are read
    from klplint.engine.files_read import FilesRead


class _Saved(msgspec.Struct, frozen=True):
    """A result with what it depends on."""

    listing: bytes
    """What `listing_digest` says of the files in which names are looked up; b"" for nothing."""
    files: bytes
    """The digest of these files with their signatures."""
    beyond: list[tuple[str, Signature]]
    """The other files that were read or missing, with their signatures."""
    directories: list[tuple[str, bytes]]
    """The directories of headers, with the digests of what they hold."""
    asm: list[tuple[str, str, bool]]
    """Architectures and asm/ headers, with whether the one has the other."""
    result: Result


class SavedResult:
    """The place in the cache for the result of one plan."""

    def __init__(self, plan: Plan, session: Session) -> None:
        """To be made before the run reads anything: what changes later is not trusted."""
        self._session = session
        ahead = plan.sources.ahead
        self._began = ahead.began if ahead else time.time_ns()
        self._key = plan_key(plan) if session.cache and may_be_saved(plan) else b""

    def recall(self) -> Result | None:
        """The result, if nothing that it depends on has changed."""
        saved = self._session.recall([self._key], _Saved).get(self._key) if self._key else None
        if saved is None or not (self._lists_same(saved) and self._is_current(saved)):
            return None
        self._session.statistics.counts["results cached"] += 1
        return saved.result

    def _lists_same(self, saved: _Saved) -> bool:
        """Whether the tree has the files that it had, and still lacks nothing."""
        sources, index = self._session.sources, self._session.index
        if saved.listing and saved.listing == listing_digest(sources):
            return not absent_directories(sources.kernel.root)
        return saved.files == self._files and not index.tree_gaps

    @cached_property
    def _files(self) -> bytes:
        listed = self._session.index.files
        return key_of("\0".join(listed), [*chain.from_iterable(listed.values())])

    def _is_current(self, saved: _Saved) -> bool:
        """Whether all that a result depends on beyond the listed files is as it was."""
        chooser = Chooser(self._session.sources.kernel, self._session.execution.architecture)
        return (
            all(signature_of(file) == signature for file, signature in saved.beyond)
            and all(_state(Path(path)) == state for path, state in saved.directories)
            and all(chooser.has(name, header) == has for name, header, has in saved.asm)
        )

    def remember(
        self, result: Result, files: FilesRead, asm: Iterable[tuple[str, str, bool]]
    ) -> None:
        """Cache a result, unless something failed, or changed during the run or just before it.

        `files` are those that the run read, `asm` the asm/ headers that it looked for.
        """
        session = self._session
        is_whole = session.is_complete and not (result.unreadable or session.index.gaps)
        if not self._key or not is_whole or session.index.tree_gaps:
            return
        listed = session.index.files
        if are_settled(listed.values(), self._began) and files.were_settled(self._began):
            saved = _Saved(
                listing_digest(session.sources) or b"",
                self._files,
                files.beyond(listed),
                files.directories(),
                list(asm),
                result,
            )
            session.remember_if(files.are_as_read, {self._key: saved})


def _state(directory: Path) -> bytes:
    """What a header directory holds, as `FilesRead.directories` gives it."""
    return key_of(files_below(directory))


def may_be_saved(plan: Plan) -> bool:
    """Whether all that a plan's result depends on is compared."""
    return is_compared(plan.sources, plan.execution)


def plan_key(plan: Plan) -> bytes:
    """The key of a plan: what the user chose, and the kernel."""
    sources, execution, ignores = plan.sources, plan.execution, plan.file_ignores
    kernel = sources.kernel
    return key_of(
        "result",
        [str(kernel.root), kernel.version, kernel.architectures()],
        sources.files,
        [execution.architecture, execution.parse, execution.partners],
        [rule.key for rule in (*plan.rules, *plan.catalogue)],
        [rule.code for rule in plan.rules],
        ignores.settings if ignores else None,
    )
