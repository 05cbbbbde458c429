"""What the facts of a file depend on, for their cache key: headers, Makefiles, configuration.

The headers of the tree count as a whole, because each includes most of the others. Headers
beside a file, and headers that its Makefile points to, count one by one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from klplint.cache.keys import key_of
from klplint.csource.includes import Include, includes_in
from klplint.engine.session import Session
from klplint.kernel.architecture import load_architecture
from klplint.kernel.existence import is_file
from klplint.kernel.file_listing import Listing, walk
from klplint.kernel.makefile import NAMES as MAKEFILES
from klplint.kernel.signatures import GONE, Signature, are_settled, signature_of
from klplint.source_text import digest, to_bytes
from klplint.worker_process import Failure

_DEEPEST = 20
# So many headers are read as one part. The digest of a directory depends on it.
_PART = 512
# Stands for a file that a macro names.
_UNKNOWN = ""
# The directory of a header, and an include in it that leads out of the directories that count as
# a whole.
_Exit = tuple[str, Include]


class _File(NamedTuple):
    """The digest of a file, empty where there is no such file, and its includes."""

    digest: bytes
    includes: list[Include]


class _Path(NamedTuple):
    """An include path."""

    extra: list[str]
    """The directories of one file."""
    tree: list[str]
    """The directories of the tree, which count as a whole."""


class _HeaderDirectory(msgspec.Struct, frozen=True):
    """A directory of headers: the digest of all of them, and the includes that lead out of it."""

    digest: bytes
    exits: list[_Exit]


class Dependencies:
    """Digests of what the facts of a run's files depend on, each computed once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = session.sources.kernel.root
        self._directories: dict[Path, _HeaderDirectory] = {}
        self._listed: dict[Path, list[tuple[str, Signature]]] = {}
        self._signatures: dict[str, Signature] = {}
        self._files: dict[str, _File] = {}
        self._makefiles: dict[Path, bytes] = {}

    def of_target(self, name: str) -> bytes:
        """The digest of an architecture's headers and of its configuration."""
        directory = self._root / "arch" / name
        headers = [self._header_directory(Path(path)) for path in self._tree_path(name)]
        output = self._session.sources.kernel.output
        configs = [output / ".config", self._root / "Makefile"]
        configs += [directory / "configs" / file for file in load_architecture(name).defconfig]
        return key_of(
            "target",
            name,
            [directory.digest for directory in (*headers, *self._built(name))],
            self._digests_beyond(chain.from_iterable(each.exits for each in headers), name),
            [self.digest(file) for file in configs],
            self._architectures,
        )

    def _built(self, architecture: str) -> Iterator[_HeaderDirectory]:
        """The generated headers of a build apart from the sources."""
        build = self._session.sources.kernel.build
        if build is not None:
            for directory in ("include", f"arch/{architecture}/include"):
                yield self._header_directory(build / directory)

    def _tree_path(self, architecture: str) -> list[str]:
        """The header directories of the tree for an architecture, which count as a whole."""
        directories = ("include", f"arch/{architecture}/include")
        further = load_architecture(architecture).include
        return [f"{self._root}/{directory}" for directory in (*directories, *further)]

    def _digests_beyond(self, exits: Iterable[_Exit], architecture: str) -> list[bytes]:
        """The digests of all files elsewhere that headers of the tree include."""
        seen: set[str] = set()
        path = _Path([], self._tree_path(architecture))
        for directory, include in exits:
            self._follow(directory, include, path, seen)
        return [self._read(file).digest for file in sorted(seen)]

    @cached_property
    def _architectures(self) -> list[str]:
        return list(self._session.sources.kernel.architectures())

    def are_as_read(self) -> bool:
        """Whether nothing changed since it was read: files may change during a run."""
        return all(
            signature_of(file) == signature for file, signature in self._signatures.items()
        ) and all(sorted(_below(path)) == listed for path, listed in self._listed.items())

    def read_beyond(self, listed: Listing) -> list[tuple[str, Signature]]:
        """The files that were read or missing, with signatures, without those that are listed."""
        root = f"{self._root}/"
        return [
            (file, signature)
            for file, signature in self._signatures.items()
            if not file.startswith(root) or listed.get(file[len(root) :]) != signature
        ]

    def directories_read(self) -> list[tuple[str, bytes]]:
        """The directories of headers that count as a whole, with digests of their signatures."""
        return [(str(path), key_of(listed)) for path, listed in self._listed.items()]

    def are_same(
        self, files: Iterable[tuple[str, Signature]], directories: Iterable[tuple[str, bytes]]
    ) -> bool:
        """Whether files and directories of headers are as an earlier run read them."""
        return all(signature_of(file) == signature for file, signature in files) and all(
            key_of(sorted(_below(Path(path)))) == content for path, content in directories
        )

    def were_settled(self, then: int) -> bool:
        """Whether all that was read had changed long enough before a time, in nanoseconds."""
        listed = chain.from_iterable(self._listed.values())
        each = chain(self._signatures.values(), (signature for _, signature in listed))
        return are_settled(each, then)

    def of_file(
        self,
        file: Path,
        root: Path,
        architecture: str,
        include: Iterable[Path],
        forced: Iterable[Path] = (),
    ) -> list[bytes] | None:
        """The digests of the Makefiles up to `root` and of what a file includes.

        `include` are the file's include directories. The includes of `forced` headers count, too,
        as of the autoconf.h of a build in another directory. Returns None where a macro names a
        header: then the dependencies are not known.
        """
        seen: set[str] = set()
        path = _Path(list(map(str, include)), self._tree_path(architecture))
        for start in (file, *forced):
            self._gather(str(start), path, seen)
        if _UNKNOWN in seen:
            return None
        return [*self._above(file.parent, root), *(self._read(f).digest for f in sorted(seen))]

    def forget(self, file: Path) -> None:
        """Read a file again that has changed, unless a directory of headers counts as a whole."""
        self._signatures.pop(str(file), None)
        self._files.pop(str(file), None)

    def digest(self, file: Path) -> bytes:
        """The digest of a file's content; empty where there is no such file."""
        return self._read(str(file)).digest

    def _above(self, directory: Path, root: Path) -> Iterator[bytes]:
        """The digests of the Makefiles in a directory and in those above it, up to `root`."""
        for above in (directory, *directory.parents):
            if above not in self._makefiles:
                digests = [self.digest(above / name) for name in MAKEFILES]
                self._makefiles[above] = b"".join(digests)
            yield self._makefiles[above]
            if above == root:
                return

    def _gather(self, file: str, path: _Path, seen: set[str]) -> None:
        """Add to `seen` a file and all that it includes, except for headers of the tree."""
        if file in seen:
            return
        seen.add(file)
        for include in self._read(file).includes:
            if include.name:
                self._follow(file.rpartition("/")[0], include, path, seen)
            else:
                seen.add(_UNKNOWN)

    def _follow(self, directory: str, include: Include, path: _Path, seen: set[str]) -> None:
        """Add to `seen` what an include in a file of `directory` means."""
        candidates = [directory] if include.is_quoted else []
        candidates += [*path.extra, *path.tree] if include.leads_out else path.extra
        for candidate in candidates:
            file = os.path.normpath(os.path.join(candidate, include.name))  # noqa: PTH118 - as text
            if self._read(file).digest:
                self._gather(file, path, seen)
                return

    def _read(self, file: str) -> _File:
        if file not in self._files:
            self._signatures[file] = signature_of(file)
            self._files[file] = _File(b"", [])
            if self._signatures[file] != GONE:  # most candidates do not exist
                with contextlib.suppress(OSError):
                    content = Path(file).read_bytes()
                    self._files[file] = _File(digest([content]), includes_in(content))
        return self._files[file]

    def _header_directory(self, path: Path) -> _HeaderDirectory:
        """The digest of all files below a directory, cached by their signatures."""
        if path not in self._directories:
            self._listed[path] = listed = sorted(_below(path))
            names = [name for name, _ in listed]
            if are_settled(signature for _, signature in listed):
                key = key_of("headers", str(path), listed)
                cached = self._session.recall([key], _HeaderDirectory)
                if key not in cached:
                    cached[key] = self._read_all(path, names)
                    self._session.remember(cached)
                self._directories[path] = cached[key]
            else:
                self._directories[path] = self._read_all(path, names)
        return self._directories[path]

    def _read_all(self, path: Path, names: Sequence[str]) -> _HeaderDirectory:
        """Read a directory of headers: in this process if they are few, else in all processes."""
        parts = [(path, names[start : start + _PART]) for start in range(0, len(names), _PART)]
        read: dict[int, _HeaderDirectory | Failure] = {}
        if len(parts) > 1:
            seconds = self._session.index.seconds_for(_PART)
            read.update(self._session.workers.run(_read_part, parts, seconds))
        whole = [
            each if isinstance(each := read.get(number), _HeaderDirectory) else _read_part(*part)
            for number, part in enumerate(parts)
        ]
        return _HeaderDirectory(
            digest(part.digest for part in whole), [e for part in whole for e in part.exits]
        )


def _read_part(path: Path, names: Iterable[str]) -> _HeaderDirectory:
    """The digest of some headers below a directory, and the includes that lead out of it."""
    exits: list[_Exit] = []

    def contents() -> Iterator[bytes]:
        for name in names:
            yield to_bytes(name) + b"\0"
            with contextlib.suppress(OSError):  # clang cannot read it either
                text = (path / name).read_bytes()
                yield text
                # What a macro names is the file itself (tracepoints), or a file of the directory.
                directory = os.path.dirname(path / name)  # noqa: PTH120 - as text
                exits.extend((directory, each) for each in includes_in(text) if each.leads_out)

    return _HeaderDirectory(digest(contents()), exits)


def _below(directory: Path) -> Iterator[tuple[str, Signature]]:
    """The files below a directory with their signatures; links are followed, as in a shadow."""

    def enter(_: os.DirEntry[str], path: str) -> bool:
        return path.count("/") < _DEEPEST  # deeper, it is a link to a directory above

    for inner, entry in walk(directory, enter, follow_links=True):
        if entry.is_file(follow_symlinks=False) or is_file(entry.path):
            yield inner + entry.name, signature_of(entry)
