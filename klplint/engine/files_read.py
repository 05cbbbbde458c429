"""The files that facts depend on, as a run reads them: digests, includes and signatures.

Header directories of the tree are listed, and what was read of each header is cached. Other files
are read one by one. The signatures of all of them show later whether something changed.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain, islice, takewhile
from pathlib import Path

from klplint.cache.keys import key_of
from klplint.engine.header_directories import files_below
from klplint.engine.read_file import (
    MISSING,
    CachedFile,
    CachedFiles,
    CachedForm,
    ReadFile,
    is_lasting,
    read_file,
)
from klplint.engine.reading_in_parts import read_in_parts
from klplint.engine.session import Session
from klplint.kernel.on_disk import Listing
from klplint.kernel.signatures import GONE, Signature, are_settled, signature_of

# So many files that are read one by one are cached, at least.
_MOST_FILES = 50_000


class FilesRead:
    """The files that a run read, or looked for in vain; each is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: dict[Path, list[tuple[str, Signature]]] = {}
        self._listed_at: dict[Path, int] = {}
        self._added: set[Path] = set()
        self._states: dict[Path, tuple[bytes, bool]] = {}
        self._wholes: dict[Path, tuple[bytes, list[str]]] = {}
        self._headers: dict[str, CachedFile] = {}
        self._form = CachedForm()
        self._new: dict[str, CachedFile] = {}
        self._began = time.time_ns()
        self._files: dict[str, ReadFile] = {}
        self._signatures: dict[str, Signature] = {}
        self._included: set[str] = set()
        self._existing: set[str] = set()
        sources = session.sources
        project = (f"{sources.root}/", f"{sources.home}/")
        self._roots = [
            (f"{sources.kernel.root}/", ""),
            *((root, "//" if sources.out_of_tree else "") for root in project),
        ]

    def name(self, path: str) -> str:
        """A path for keys: from the root, so that it is the same in a copy or a shadow."""
        for root, mark in self._roots:
            if path.startswith(root):
                return mark + path[len(root) :]
        return path

    def add_headers(self, directory: Path) -> None:
        """Take the files below a header directory as they are now."""
        if directory not in self._added:
            self._added.add(directory)
            self._list(directory)
            headers = self._brought_up_to_date(directory, self._listed_at[directory])
            self._headers.update((f"{directory}/{name}", each) for name, each in headers.items())

    def _list(self, directory: Path) -> None:
        """List a header directory, unless that is done."""
        if directory not in self._listed:
            index = self._session.index
            place = f"{directory}/".removeprefix(f"{self._session.sources.root}/")
            self._listed[directory] = listed = files_below(directory, index.files, place)
            self._listed_at[directory] = began = index.listed_at
            is_settled = are_settled((signature for _, signature in listed), began)
            self._states[directory] = key_of(listed), is_settled

    def has_state(self, directory: str, state: bytes) -> bool:
        """Whether a header directory is as an earlier run read it."""
        self._list(Path(directory))
        return self._states[Path(directory)][0] == state

    def take(self, signatures: Mapping[str, Signature]) -> None:
        """Take signatures of files that an earlier run read, which are still the same."""
        self._signatures.update(signatures)

    def signatures(self) -> dict[str, Signature]:
        """The files that were read one by one or are missing, by path, with their signatures."""
        return dict(self._signatures)

    def note_included(self, paths: Iterable[str]) -> None:
        """Note files that are included by a flag, and not by their names."""
        self._included.update(map(os.path.normpath, paths))

    def may_be_included(self, path: str) -> bool:
        """Whether another file may include this one, as far as this run knows."""
        return path in self._headers or path in self._included

    def state(self, directory: Path) -> bytes | None:
        """A digest of the signatures below a header directory; None while one of them changes."""
        state, is_settled = self._states[directory]
        return state if is_settled else None

    def headers_below(self, directory: Path, inner: str) -> list[str]:
        """The files in a directory within a header directory."""
        listed = self._listed[directory]
        names = (name for name, _ in islice(listed, bisect_left(listed, (inner,)), None))
        return [f"{directory}/{name}" for name in takewhile(lambda n: n.startswith(inner), names)]

    def all_below(self, directory: Path) -> tuple[bytes, list[str]]:
        """A digest of all files below a header directory, and those whose includes lead out."""
        if directory not in self._wholes:
            paths = [f"{directory}/{name}" for name, _ in self._listed[directory]]
            headers = {path: self._headers[path] for path in paths}
            whole = key_of([(self.name(path), header[1]) for path, header in headers.items()])
            leading_out = [
                path
                for path, header in headers.items()
                if any(include.leads_out for include in self._form.back(header).includes)
            ]
            self._wholes[directory] = whole, leading_out
        return self._wholes[directory]

    def _brought_up_to_date(self, directory: Path, began: int) -> dict[str, CachedFile]:
        """The headers below a directory: from the cache, but for those that changed since."""
        key = key_of("headers", self._home(directory))
        cached = self._recalled(key)
        kept, changed = dict[str, CachedFile](), dict[str, Signature]()
        for name, signature in self._listed[directory]:
            header = cached.get(name)
            if header is not None and header[0] == signature:
                kept[name] = header
            else:
                changed[name] = signature
        files = dict(read_in_parts(_read_part, directory, list(changed), self._session))
        new = {name: self._form.of(changed[name], file) for name, file in files.items()}
        self._remember(key, kept, new, began)
        return kept | new

    def _recalled(self, key: bytes) -> dict[str, CachedFile]:
        return self._session.recall([key], CachedFiles).get(key, CachedFiles({})).files

    def _remember(
        self, key: bytes, kept: dict[str, CachedFile], new: dict[str, CachedFile], then: int
    ) -> dict[str, CachedFile]:
        """Cache files: those that were cached before, and those that do not change right now."""
        lasting = {name: file for name, file in new.items() if is_lasting(name, file, then)}
        if lasting:
            self._session.remember({key: CachedFiles(kept | lasting)})
        return kept | lasting

    def _home(self, directory: Path) -> str:
        """The path of a header directory; of a shadow that of its original."""
        sources = self._session.sources
        root, path = f"{sources.kernel.root}/", str(directory)
        if sources.out_of_tree or not path.startswith(root):
            return path
        return f"{sources.home}/{path[len(root) :]}"

    def read(self, path: str) -> ReadFile:
        """What counts of a file."""
        if path not in self._files:
            header = self._headers.get(path)
            self._files[path] = self._form.back(header) if header else self._read(path)
        return self._files[path]

    def _read(self, path: str) -> ReadFile:
        """What counts of a file that is not in a header directory."""
        signature = self._sign(path)
        if signature == GONE:  # as most candidates are
            return MISSING
        cached = self._cached.get(self.name(path))
        if cached is not None and cached[0] == signature:
            return self._form.back(cached)
        file = read_file(path)
        self._new[self.name(path)] = self._form.of(signature, file)
        return file

    @cached_property
    def _cached(self) -> dict[str, CachedFile]:
        """The files that an earlier run read one by one."""
        return self._recalled(self._key)

    @property
    def _key(self) -> bytes:
        sources = self._session.sources
        return key_of("files", str(sources.kernel.root if sources.out_of_tree else sources.home))

    def remember(self) -> None:
        """Cache the files that were read one by one."""
        if self._new:
            kept = self._cached if len(self._cached) < _MOST_FILES else {}
            self._cached = self._remember(self._key, kept, self._new, self._began)
            self._new = {}

    def located(self, directory: str, name: str) -> str | None:
        """The file that a name means in a directory; None where there is none.

        The path is plain: a file that many names mean has few paths.
        """
        path = f"{directory}/{name}"
        if path in self._headers:
            return path
        if is_plain(name):
            self._included.add(path)
            return path if self.read(path).digest else None
        path = name if name.startswith("/") else path
        signature = self._sign(path)
        self._included |= {path, plain := os.path.normpath(path)}
        if signature == GONE:
            return None
        # Behind a link to a directory, ".." leads elsewhere than the text says.
        plain = plain if self._sign(plain) == signature else os.path.realpath(path)
        return plain if self.read(plain).digest else None

    def in_headers(self, directories: Iterable[str], name: str) -> list[str]:
        """The files that a name means in directories within the header directories."""
        if is_plain(name):  # found without looking at the disk
            return [p for each in directories if (p := f"{each}/{name}") in self._headers]
        return [path for each in directories if (path := self.located(each, name)) is not None]

    def exists(self, path: str) -> bool:
        """Whether there is a file or a directory; noted where there is none."""
        if path in self._existing:
            return True
        if self._signatures.get(path) == GONE:
            return False
        signature = signature_of(path)
        if signature == GONE:
            self._signatures[path] = GONE
        else:
            self._existing.add(path)
        return signature != GONE

    def _sign(self, path: str) -> Signature:
        if path not in self._signatures:
            self._signatures[path] = signature_of(path)
        return self._signatures[path]

    def forget(self, path: str) -> bool:
        """Read a file again that has changed; whether another file may include it."""
        self._signatures.pop(path, None)
        self._files.pop(path, None)
        is_included = self.may_be_included(path)
        self._headers.pop(path, None)
        return is_included

    def are_as_read(self) -> bool:
        """Whether nothing changed since it was read: files may change during a run."""
        return all(
            signature_of(file) == signature for file, signature in self._signatures.items()
        ) and all(files_below(path) == listed for path, listed in self._listed.items())

    def beyond(self, listed: Listing) -> list[tuple[str, Signature]]:
        """The files that were read or missing, with signatures, without those that are listed."""
        root = f"{self._session.sources.kernel.root}/"
        return [
            (file, signature)
            for file, signature in self._signatures.items()
            if not file.startswith(root) or listed.get(file[len(root) :]) != signature
        ]

    def directories(self) -> list[tuple[str, bytes]]:
        """The header directories, with digests of the signatures of what they hold."""
        return [(str(path), state) for path, (state, _) in self._states.items()]

    def were_settled(self, then: int) -> bool:
        """Whether all that was read had changed long enough before a time, in nanoseconds."""
        listed = chain.from_iterable(self._listed.values())
        each = chain(self._signatures.values(), (signature for _, signature in listed))
        return are_settled(each, then)


def is_plain(name: str) -> bool:
    """Whether a name has no "." or ".." in it and is not absolute: then it is found as text."""
    return not (name.startswith("/") or "./" in name or "//" in name or name.endswith("."))


def _read_part(directory: Path, names: Iterable[str]) -> list[ReadFile]:
    """What counts of some headers below a directory; runs in a worker."""
    return [read_file(f"{directory}/{name}") for name in names]
