"""The headers whose wrappers may be called around barriers, and what is read of them in short.

Most edits of a header change no wrapper. So the partners of barriers depend on the digests of the
definitions in headers, which are cached, and only changed headers are read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.session import Session
from klplint.kernel.signatures import Signature, are_settled
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import directory_of
from klplint.partners.header_functions import (
    Definitions,
    HeaderFunctions,
    definitions_in,
    digest_of_definitions,
)
from klplint.source_text import bytes_or_nothing
from klplint.worker_process import Failure

# So many headers are read by one worker at a time.
_PART = 512

_Read = tuple[bytes, Definitions]


class _Digests(msgspec.Struct, frozen=True):
    """The digests of the definitions in headers, each with the signature of the header then."""

    headers: dict[str, tuple[Signature, bytes]]


class WrapperHeaders:
    """The headers of a tree in the state that it has now."""

    def __init__(self, directories: Collection[str], session: Session) -> None:
        """The headers in include/, and those in `directories`, which hold barriers."""
        self._session = session
        self._signatures: Mapping[str, Signature] = {
            file: signature
            for file, signature in sorted(session.index.files.items())
            if file.endswith(".h")
            and (file.startswith("include/") or directory_of(file) in directories)
        }
        self._definitions: dict[str, Definitions] = {}
        """What the headers define that were read."""

    def are_settled(self) -> bool:
        """Whether none of them changes right now."""
        return are_settled(self._signatures.values())

    @cached_property
    def state(self) -> list[tuple[str, bytes]]:
        """The headers with definitions, with digests of these."""
        session = self._session
        key = key_of("definitions in headers", str(session.sources.home))
        cached = session.recall([key], _Digests).get(key, _Digests({})).headers
        kept = {
            name: cached[name]
            for name, signature in self._signatures.items()
            if name in cached and cached[name][0] == signature
        }
        read = self._digests([name for name in self._signatures if name not in kept])
        new = {name: (self._signatures[name], digest) for name, digest in read.items()}
        lasting = {name: each for name, each in new.items() if are_settled(each[:1])}
        if lasting:
            session.remember({key: _Digests(kept | lasting)})
        digests = ((name, (kept.get(name) or new[name])[1]) for name in self._signatures)
        return [(name, digest) for name, digest in digests if digest]

    def functions(self, key: bytes, rules: AccessRules) -> HeaderFunctions:
        """The wrappers of the headers; `key` is what else they depend on."""

        def read() -> HeaderFunctions:
            headers = {name: self._definitions_of(name) for name in self._signatures}
            return HeaderFunctions(headers, self._read, rules)

        key = key_of("header functions", key, [*self._signatures.items()])
        return self._session.memo.latest(read, self._session, "header functions", key)

    def _digests(self, headers: list[str]) -> dict[str, bytes]:
        """The digests of the definitions in some headers; many are read in all processes."""
        session, root = self._session, self._session.sources.root
        parts = [headers[start : start + _PART] for start in range(0, len(headers), _PART)]
        read: dict[int, list[_Read] | Failure] = {}
        if len(parts) > 1:
            tasks, seconds = [(root, part) for part in parts], session.index.seconds_for(_PART)
            read.update(session.workers.run(_read_part, tasks, seconds))
        digests: dict[str, bytes] = {}
        for number, part in enumerate(parts):
            result = read.get(number)
            each = result if isinstance(result, list) else _read_part(root, part)
            for name, (digest, definitions) in zip(part, each, strict=True):
                digests[name] = digest
                self._definitions[name] = definitions
        return digests

    def _definitions_of(self, header: str) -> Definitions:
        if header not in self._definitions:
            self._definitions[header] = definitions_in(self._read(header))
        return self._definitions[header]

    def _read(self, header: str) -> bytes:
        return bytes_or_nothing(self._session.sources.root / header)


def _read_part(root: Path, headers: Iterable[str]) -> list[_Read]:
    """The digest and the places of the definitions in each of some headers; runs in a worker."""
    contents = (bytes_or_nothing(root / header) for header in headers)
    read = ((content, definitions_in(content)) for content in contents)
    return [(digest_of_definitions(*each), each[1]) for each in read]
