"""What the facts of files depend on, kept between runs: after a change, most of it is as it was.

The digest of a file is used again if all files that were read for the digests are as they were,
looked for in vain or not. A file that has changed, but that no other file may include, has no part
in the digests of others: then only its own one is worked out again.
"""

from __future__ import annotations

import time

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.files_read import FilesRead
from klplint.engine.plan import is_compared
from klplint.engine.session import Session
from klplint.kernel.architecture import Chooser
from klplint.kernel.signatures import Signature, signature_of

# Up to so many digests are rather worked out again in the next run, too, than all are written.
_FEW = 20


class _Kept(msgspec.Struct, frozen=True):
    """Digests with what they depend on."""

    digests: dict[str, bytes]
    alone: frozenset[str]
    """Those of the files with a digest that no other file may include."""
    files: dict[str, Signature]
    """The files that were read one by one or are missing, by path, with their signatures."""
    directories: list[tuple[str, bytes]]
    """The directories of headers, with the digests of what they hold."""
    asm: list[tuple[str, str, bool]]
    """Architectures and asm/ headers, with whether the one has the other."""


_NONE = _Kept({}, frozenset(), {}, [], [])


class KeptDigests:
    """The digests of a run's files, as far as an earlier run worked them out."""

    def __init__(self, session: Session, files: FilesRead, chooser: Chooser) -> None:
        """`files` and `chooser` are what the digests of this run are made with."""
        self._began = time.time_ns()
        self._session = session
        self._files = files
        self._chooser = chooser
        self._root = f"{session.sources.root}/"
        self._new: dict[str, bytes] = {}
        is_used = session.cache is not None and is_compared(session.sources, session.execution)
        self._key = self._key_of_run() if is_used else b""
        self._kept = self._recalled() if is_used else _NONE
        self._digests = dict(self._kept.digests)

    def _key_of_run(self) -> bytes:
        sources, execution = self._session.sources, self._session.execution
        kernel = sources.kernel
        place = str(sources.home), kernel.version, kernel.architectures()
        return key_of("what facts depend on", place, execution.architecture, sources.files)

    def _recalled(self) -> _Kept:
        """The digests that hold."""
        for kept in self._session.recall([self._key], _Kept).values():
            changed = [path for path, then in kept.files.items() if not self._is_same(path, then)]
            names = {path.removeprefix(self._root) for path in changed}
            if names <= kept.alone and self._are_same(kept):
                same = {path: kept.files[path] for path in kept.files.keys() - {*changed}}
                self._files.take(same)
                digests = {name: kept.digests[name] for name in kept.digests.keys() - names}
                return msgspec.structs.replace(kept, digests=digests)
        return _NONE

    def _is_same(self, path: str, then: Signature) -> bool:
        listed = self._session.index.files.get(path.removeprefix(self._root))
        return listed == then or signature_of(path) == then

    def _are_same(self, kept: _Kept) -> bool:
        """Whether headers are as they were."""
        return all(
            self._files.has_state(directory, state) for directory, state in kept.directories
        ) and all(self._chooser.has(name, header) == has for name, header, has in kept.asm)

    def get(self, name: str) -> bytes | None:
        """The digest of a file, if it holds."""
        return self._digests.get(name)

    def add(self, name: str, digest: bytes) -> None:
        """Take the digest of a file that this run worked out."""
        self._digests[name] = self._new[name] = digest

    def forget(self, name: str) -> None:
        """Drop the digest of a file that has changed."""
        self._digests.pop(name, None)

    def remember(self) -> None:
        """Cache the digests, unless something has only just changed."""
        if not (self._key and self._new) or (self._kept.digests and len(self._new) <= _FEW):
            return
        if self._files.were_settled(self._began):
            self._new = {}
            entry = _Kept(
                self._digests,
                frozenset(name for name in self._digests if self._is_alone(name)),
                self._files.signatures(),
                self._files.directories(),
                self._chooser.asked(),
            )
            self._session.remember({self._key: entry})

    def _is_alone(self, name: str) -> bool:
        """Whether no other file may include a file, as this run and earlier ones know it."""
        path, kept = self._root + name, self._kept
        was_alone = name in kept.alone or path not in kept.files
        return was_alone and not self._files.may_be_included(path)
