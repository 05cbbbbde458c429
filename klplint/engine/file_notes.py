"""Notes about files: what was worked out from the text of each, cached in one entry for all.

A note holds as long as its file has the same signature, so after a change only the changed files
are read. An entry for each file would cost more to look up than many a note to work out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import Generic, TypeVar, cast

from klplint.cache.keys import key_of
from klplint.engine.session import Session
from klplint.kernel.signatures import Signature, are_settled

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

    def about(self, files: Mapping[str, Signature]) -> dict[str, T]:
        """The notes about files that did not change, given the signatures that they have now."""
        notes = ((file, self._notes.get(file), now) for file, now in files.items())
        return {file: note[1] for file, note, now in notes if note is not None and note[0] == now}

    def remember(self, files: Mapping[str, Signature], notes: Mapping[str, T]) -> None:
        """Cache new notes, except those about files that have only just changed.

        `files` has the signatures from before the files were read.
        """
        new = {f: (files[f], note) for f, note in notes.items() if are_settled([files[f]])}
        if new:
            kept = self._notes if len(self._notes) < _MOST else {}
            self._session.remember({self._key: {**kept, **new}})
