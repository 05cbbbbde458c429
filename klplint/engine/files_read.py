"""The files that facts depend on, as a run reads them: digests, includes and signatures.

Header directories of the tree are listed, and what was read of each header is cached. Other files
are read one by one. The signatures of all of them show later whether something changed.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import NamedTuple

import msgspec

from klplint.cache.keys import key_of
from klplint.csource.includes import Include, begins_with_include, includes_in
from klplint.engine.session import Session
from klplint.kernel.existence import is_file
from klplint.kernel.file_listing import Listing, walk
from klplint.kernel.signatures import GONE, Signature, are_settled, signature_of
from klplint.source_text import digest
from klplint.worker_process import Failure

_DEEPEST = 20
# So many headers are read by one worker at a time.
_PART = 512
_UNREADABLE = b"unreadable"


class ReadFile(NamedTuple):
    """What counts of a file."""

    digest: bytes
    """The digest of its content; empty where there is no such file."""
    includes: tuple[Include, ...] = ()
    """What it may include, each once."""
    begins_with_include: bool = False
    """Whether an include plainly comes before any code."""

    @property
    def is_readable(self) -> bool:
        """Whether a compiler takes it: behind one that cannot be read, it looks further."""
        return self.digest not in (b"", _UNREADABLE)


_MISSING = ReadFile(b"")
# A header as it is cached: its signature, its digest, its includes as text. This takes a fifth of
# the time to decode that a list of includes takes.
_Header = tuple[Signature, bytes, str]
_MARKS = {(False, False): "<", (False, True): ">", (True, False): '"', (True, True): "'"}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}


class _Headers(msgspec.Struct, frozen=True):
    """What was read of the headers below a directory."""

    files: dict[str, _Header]


class FilesRead:
    """The files that a run read, or looked for in vain; each is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: dict[Path, list[tuple[str, Signature]]] = {}
        self._states: dict[Path, tuple[bytes, bool]] = {}
        self._wholes: dict[Path, tuple[bytes, list[str]]] = {}
        self._headers: dict[str, _Header] = {}
        self._includes: dict[str, Include] = {}
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
        if directory not in self._listed:
            began = time.time_ns()
            self._listed[directory] = listed = sorted(_below(directory))
            is_settled = are_settled((signature for _, signature in listed), began)
            self._states[directory] = key_of(listed), is_settled
            headers = self._brought_up_to_date(directory, began)
            self._headers.update((f"{directory}/{name}", each) for name, each in headers.items())

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
                if any(include.leads_out for include in self._from_text(header[2]))
            ]
            self._wholes[directory] = whole, leading_out
        return self._wholes[directory]

    def _brought_up_to_date(self, directory: Path, began: int) -> dict[str, _Header]:
        """The headers below a directory: from the cache, but for those that changed since."""
        session, listed = self._session, self._listed[directory]
        key = key_of("headers", self._home(directory))
        cached = session.recall([key], _Headers).get(key, _Headers({})).files
        kept, changed = dict[str, _Header](), dict[str, Signature]()
        for name, signature in listed:
            header = cached.get(name)
            if header is not None and header[0] == signature:
                kept[name] = header
            else:
                changed[name] = signature
        read = dict(self._read_all(directory, list(changed)))
        new = {name: (signature, *read[name]) for name, signature in changed.items()}
        lasting = {name: each for name, each in new.items() if _is_lasting(name, each, began)}
        if lasting:
            session.remember({key: _Headers(kept | lasting)})
        return kept | new

    def _home(self, directory: Path) -> str:
        """The path of a header directory; of a shadow that of its original."""
        sources = self._session.sources
        root, path = f"{sources.kernel.root}/", str(directory)
        if sources.out_of_tree or not path.startswith(root):
            return path
        return f"{sources.home}/{path[len(root) :]}"

    def _read_all(
        self, directory: Path, names: Sequence[str]
    ) -> Iterator[tuple[str, tuple[bytes, str]]]:
        """The digests and includes of some headers, from all processes if they are many."""
        parts = [(directory, names[start : start + _PART]) for start in range(0, len(names), _PART)]
        read: dict[int, list[tuple[bytes, str]] | Failure] = {}
        if len(parts) > 1:
            seconds = self._session.index.seconds_for(_PART)
            read.update(self._session.workers.run(_read_part, parts, seconds))
        for number, part in enumerate(parts):
            files = read.get(number)
            yield from zip(
                part[1], files if isinstance(files, list) else _read_part(*part), strict=True
            )

    def read(self, path: str) -> ReadFile:
        """What counts of a file."""
        if path not in self._files:
            header = self._headers.get(path)
            if header is not None:
                self._files[path] = ReadFile(header[1], self._from_text(header[2]))
            elif self._sign(path) == GONE:  # as most candidates are
                self._files[path] = _MISSING
            else:
                self._files[path] = _read(path)
        return self._files[path]

    def _from_text(self, text: str) -> tuple[Include, ...]:
        """Includes as they were before `_as_text`."""
        made = self._includes
        lines = text.split("\n") if text else []
        for line in lines:
            if line not in made:
                made[line] = Include(line[1:], *_KINDS[line[0]])
        return tuple(made[line] for line in lines)

    def located(self, directory: str, name: str) -> str | None:
        """The file that a name means in a directory; None where there is none.

        The path is plain, so that a file that is reached in many ways has few paths.
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
        return self._headers.pop(path, None) is not None or path in self._included

    def are_as_read(self) -> bool:
        """Whether nothing changed since it was read: files may change during a run."""
        return all(
            signature_of(file) == signature for file, signature in self._signatures.items()
        ) and all(sorted(_below(path)) == listed for path, listed in self._listed.items())

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


def are_same(
    files: Iterable[tuple[str, Signature]], directories: Iterable[tuple[str, bytes]]
) -> bool:
    """Whether files and header directories are as an earlier run read them."""
    return all(signature_of(file) == signature for file, signature in files) and all(
        key_of(sorted(_below(Path(path)))) == content for path, content in directories
    )


def is_plain(name: str) -> bool:
    """Whether a name has no "." or ".." in it and is not absolute: then it is found as text."""
    return not (name.startswith("/") or "./" in name or "//" in name or name.endswith("."))


def _is_lasting(name: str, header: _Header, then: int) -> bool:
    """Whether a header may be cached: the signature must identify it, and names be text."""
    signature, _, includes = header
    try:
        f"{name}{includes}".encode()
    except UnicodeEncodeError:
        return False
    return signature != GONE and are_settled([signature], then)


def _read_part(directory: Path, names: Iterable[str]) -> list[tuple[bytes, str]]:
    """The digests and includes of some headers below a directory; runs in a worker."""
    files = (_read(f"{directory}/{name}") for name in names)
    return [(file.digest, _as_text(file.includes)) for file in files]


def _as_text(includes: Iterable[Include]) -> str:
    """Includes, one a line."""
    return "\n".join(_MARKS[each.is_quoted, each.is_next] + each.name for each in includes)


def _read(path: str) -> ReadFile:
    """What counts of a file."""
    try:
        content = Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return _MISSING
    except OSError:
        return ReadFile(_UNREADABLE)
    includes = tuple(dict.fromkeys(includes_in(content)))
    is_source = not path.endswith(".h")
    return ReadFile(digest([content]), includes, is_source and begins_with_include(content))


def _below(directory: Path) -> Iterator[tuple[str, Signature]]:
    """The files below a directory with their signatures; links are followed, as in a shadow."""

    def enter(_: os.DirEntry[str], path: str) -> bool:
        return path.count("/") < _DEEPEST  # deeper, it is a link to a directory above

    for inner, entry in walk(directory, enter, follow_links=True):
        if entry.is_file(follow_symlinks=False) or is_file(entry.path):
            yield inner + entry.name, signature_of(entry)
