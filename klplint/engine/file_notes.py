"""Notes about files: what was worked out from the text of each, cached in one entry for all.

A note holds as long as its file has the same signature, so after a change only the changed files
are read. An entry for each file would cost more to look up than many a note to work out.
"""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias
from typing import Generic, TypeVar, cast

from klplint.cache.keys import key_of
from klplint.engine.session import Session
from klplint.kernel.signatures import Signature, are_settled, signature_of

T = TypeVar("T")

# From so many notes on, only those of the latest run are kept.
_MOST = 20_000


class FileNotes(Generic[T]):
    """The notes of one kind about the files of a tree."""

    def __init__(self, session: Session, kind: type[T], *about: object) -> None:
        """`kind` is the type of a note, and `about` is what all of these notes depend on."""
        self._session = session
        self._key = key_of("notes", str(session.sources.home), *about)
        stored = cast(
            "type[dict[str, tuple[Signature, T]]]",
            GenericAlias(dict, (str, GenericAlias(tuple, (Signature, kind)))),
        )
        self._notes = session.recall([self._key], stored).get(self._key, {})
        self._new: dict[str, tuple[Signature, T]] = {}

    def of(self, file: str, work: Callable[[], T]) -> T:
        """The note about a file: the cached one if the file did not change, else what `work` gives.

        `file` is the path from the root of the tree.
        """
        signature = signature_of(self._session.sources.root / file)
        before = self._notes.get(file)
        if before is not None and before[0] == signature:
            return before[1]
        self._new[file] = signature, work()
        return self._new[file][1]

    def save(self) -> None:
        """Cache the new notes, except those about files that have only just changed."""
        new = {file: note for file, note in self._new.items() if are_settled([note[0]])}
        if new:
            kept = self._notes if len(self._notes) < _MOST else {}
            self._session.remember({self._key: {**kept, **new}})
