"""What the facts of a file hang on besides its text: headers, Makefiles, the configuration.

For the key under which facts are kept. Headers of the tree count as a whole, for one includes
most of the others; headers beside a file, and those that its Makefile points to, one by one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from klplint.cache.keys import key_of
from klplint.csource.includes import Include, includes_in
from klplint.engine.session import Session
from klplint.kernel.architecture import load_architecture
from klplint.kernel.file_listing import walk
from klplint.kernel.makefile import NAMES as MAKEFILES
from klplint.kernel.signatures import GONE, Signature, are_settled, signature_of
from klplint.source_text import digest, to_bytes

_DEEPEST = 20
# Stands for the file that a macro names.
_UNKNOWN = ""
# Of a header that leads out of the folders that count as a whole: from where, and to what.
_Way = tuple[str, Include]


class _File(NamedTuple):
    """A file as it was read: a digest, nothing where there is none, and what it includes."""

    digest: bytes
    includes: list[Include]


class _Path(NamedTuple):
    """An include path: a file's own folders, and the tree's, which count as a whole."""

    extra: list[str]
    tree: list[str]


class _Folder(msgspec.Struct, frozen=True):
    """A folder of headers: a digest of all of them, and the ways that lead out of it."""

    digest: bytes
    ways_out: list[_Way]


class Surroundings:
    """Digests of what lies around the files of a run, each found once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = session.sources.kernel.root
        self._folders: dict[Path, _Folder] = {}
        self._listed: dict[Path, list[tuple[str, Signature]]] = {}
        self._signatures: dict[str, Signature] = {}
        self._files: dict[str, _File] = {}
        self._makefiles: dict[Path, bytes] = {}

    def of_platform(self, name: str) -> bytes:
        """All headers that files of an architecture may include, and how it is configured."""
        own = self._root / "arch" / name
        folders = [self._folder(Path(folder)) for folder in self._of_tree(name)]
        configs = [self._root / ".config", self._root / "Makefile"]
        configs += [own / "configs" / file for file in load_architecture(name).defconfig]
        return key_of(
            "platform",
            name,
            [folder.digest for folder in folders],
            self._digests_beyond(chain.from_iterable(folder.ways_out for folder in folders), name),
            [self.digest(file) for file in configs],
            self._generic,
        )

    def _of_tree(self, architecture: str) -> list[str]:
        """The folders of headers that count as a whole: one includes most of the others."""
        own = [f"arch/{architecture}/include", *load_architecture(architecture).include]
        return [f"{self._root}/{folder}" for folder in ("include", *own)]

    def _digests_beyond(self, ways: Iterable[_Way], architecture: str) -> list[bytes]:
        """Of all that headers of the tree include from elsewhere."""
        seen: set[str] = set()
        path = _Path([], self._of_tree(architecture))
        for folder, include in ways:
            self._follow(folder, include, path, seen)
        return [self._read(file).digest for file in sorted(seen)]

    @cached_property
    def _generic(self) -> list[str]:
        return list(self._session.sources.kernel.architectures())

    def are_as_read(self) -> bool:
        """Whether all is still as it was when it was read: a run may go on while files change."""
        return all(
            signature_of(file) == signature for file, signature in self._signatures.items()
        ) and all(sorted(_below(folder)) == listed for folder, listed in self._listed.items())

    def of_file(
        self,
        file: Path,
        root: Path,
        architecture: str,
        include: Iterable[Path],
        forced: Iterable[Path] = (),
    ) -> list[bytes] | None:
        """The Makefiles up to `root`, and what a file includes from its folder and `include`.

        What `forced` headers include counts, too: autoconf.h of a build in another folder. None
        where a macro names a header: what the file depends on cannot be found out then.
        """
        seen: set[str] = set()
        path = _Path(list(map(str, include)), self._of_tree(architecture))
        for start in (file, *forced):
            self._gather(str(start), path, seen)
        if _UNKNOWN in seen:
            return None
        return [*self._above(file.parent, root), *(self._read(f).digest for f in sorted(seen))]

    def digest(self, file: Path) -> bytes:
        """A file's content; nothing where there is none."""
        return self._read(str(file)).digest

    def _above(self, folder: Path, root: Path) -> Iterator[bytes]:
        for above in (folder, *folder.parents):
            if above not in self._makefiles:
                digests = [self.digest(above / name) for name in MAKEFILES]
                self._makefiles[above] = b"".join(digests)
            yield self._makefiles[above]
            if above == root:
                return

    def _gather(self, file: str, path: _Path, seen: set[str]) -> None:
        """Collect in `seen` a file and all that it includes, headers of the whole tree apart."""
        if file in seen:
            return
        seen.add(file)
        for include in self._read(file).includes:
            if include.name:
                self._follow(file.rpartition("/")[0], include, path, seen)
            else:
                seen.add(_UNKNOWN)

    def _follow(self, folder: str, include: Include, path: _Path, seen: set[str]) -> None:
        """Collect in `seen` what a file in `folder` includes."""
        folders = [folder] if include.is_quoted else []
        folders += [*path.extra, *path.tree] if include.leads_out else path.extra
        for where in folders:
            found = os.path.normpath(os.path.join(where, include.name))  # noqa: PTH118 - as text
            if self._read(found).digest:
                self._gather(found, path, seen)
                return

    def _read(self, file: str) -> _File:
        if file not in self._files:
            self._signatures[file] = signature_of(file)
            self._files[file] = _File(b"", [])
            if self._signatures[file] != GONE:  # most of what is asked for is not there
                with contextlib.suppress(OSError):
                    content = Path(file).read_bytes()
                    self._files[file] = _File(digest([content]), includes_in(content))
        return self._files[file]

    def _folder(self, folder: Path) -> _Folder:
        """The content of all files below a folder; read anew only if a signature changed."""
        if folder not in self._folders:
            self._listed[folder] = listed = sorted(_below(folder))
            names = [name for name, _ in listed]
            if are_settled(signature for _, signature in listed):
                key = key_of("folder", str(folder), listed)
                cached = self._session.recall([key], _Folder)
                if key not in cached:
                    cached[key] = _read_all(folder, names)
                    self._session.remember(cached)
                self._folders[folder] = cached[key]
            else:
                self._folders[folder] = _read_all(folder, names)
        return self._folders[folder]


def _read_all(folder: Path, names: Iterable[str]) -> _Folder:
    ways_out: list[_Way] = []

    def contents() -> Iterator[bytes]:
        for name in names:
            yield to_bytes(name) + b"\0"
            with contextlib.suppress(OSError):  # what cannot be read is no header to clang either
                text = (folder / name).read_bytes()
                yield text
                # A macro gives a name to what is the file itself (tracepoints), or lies here.
                own = os.path.dirname(folder / name)  # noqa: PTH120 - as text
                ways_out.extend((own, each) for each in includes_in(text) if each.leads_out)

    return _Folder(digest(contents()), ways_out)


def _below(folder: Path) -> Iterator[tuple[str, Signature]]:
    """The files below a folder with their signatures; in a shadow, folders may be links."""

    def enter(_: os.DirEntry[str], path: str) -> bool:
        return path.count("/") < _DEEPEST  # else a link that leads back to where it is

    for inner, entry in walk(folder, enter, follow_links=True):
        if entry.is_file():
            yield inner + entry.name, signature_of(entry)
