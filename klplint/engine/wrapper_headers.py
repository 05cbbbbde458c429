"""The headers whose wrappers may be called around barriers, and what is read of them in short.

Most edits of a header change no wrapper. So the partners of barriers depend on the digests of the
definitions in headers, which are cached, and only changed headers are read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path

from klplint.cache.keys import key_of
from klplint.engine.file_notes import FileNotes
from klplint.engine.reading_in_parts import read_in_parts
from klplint.engine.session import Session
from klplint.kernel.signatures import are_settled
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import directory_of
from klplint.partners.header_functions import (
    Definitions,
    HeaderFunctions,
    definitions_in,
    digest_of_definitions,
)
from klplint.source_text import bytes_or_nothing


class WrapperHeaders:
    """The headers of a tree in the state that it has now."""

    def __init__(self, directories: Collection[str], session: Session) -> None:
        """The headers in include/, and those in `directories`, which hold barriers."""
        self._session = session
        files = session.index.files
        headers = (
            file
            for file in files
            if file.endswith(".h")
            and (file.startswith("include/") or directory_of(file) in directories)
        )
        self._signatures = {file: files[file] for file in sorted(headers)}
        self._definitions: dict[str, Definitions] = {}
        """What the headers define that were read."""

    def are_settled(self) -> bool:
        """Whether none of them changes right now."""
        return are_settled(self._signatures.values())

    @cached_property
    def state(self) -> list[tuple[str, bytes]]:
        """The headers with definitions, with digests of these."""
        notes = FileNotes(self._session, bytes, "definitions in headers")
        digests = notes.about(self._signatures)
        changed = [name for name in self._signatures if name not in digests]
        root, new = self._session.sources.root, dict[str, bytes]()
        for name, read in read_in_parts(_read_part, root, changed, self._session):
            new[name], self._definitions[name] = read
        notes.remember(self._signatures, new)
        digests |= new
        return [(name, digests[name]) for name in self._signatures if digests[name]]

    def functions(self, key: bytes, rules: AccessRules) -> HeaderFunctions:
        """The wrappers of the headers; `key` is what else they depend on."""

        def read() -> HeaderFunctions:
            headers = {name: self._definitions_of(name) for name in self._signatures}
            return HeaderFunctions(headers, self._read, rules)

        key = key_of("header functions", key, [*self._signatures.items()])
        return self._session.memo.latest(read, self._session, "header functions", key)

    def _definitions_of(self, header: str) -> Definitions:
        if header not in self._definitions:
            self._definitions[header] = definitions_in(self._read(header))
        return self._definitions[header]

    def _read(self, header: str) -> bytes:
        return bytes_or_nothing(self._session.sources.root / header)


def _read_part(root: Path, headers: Iterable[str]) -> list[tuple[bytes, Definitions]]:
    """The digest and the places of the definitions in each of some headers; runs in a worker."""
    contents = (bytes_or_nothing(root / header) for header in headers)
    read = ((content, definitions_in(content)) for content in contents)
    return [(digest_of_definitions(*each), each[1]) for each in read]
