"""What the facts of a file hang on besides its text: headers, Makefiles, the configuration.

For the key under which facts are kept. Headers of the tree count as a whole, for one includes
most of the others; headers beside a file, and those that its Makefile points to, one by one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from klplint.cache import key_of
from klplint.frontend.architecture import load_architecture
from klplint.frontend.makefile import NAMES as MAKEFILES
from klplint.session import Session
from klplint.tree import GONE, Signature, signature_of, unsettled

INCLUDE = re.compile(rb'#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")')
_DEEPEST = 20


class Surroundings:
    """Digests of what lies around the files of a run, each found once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = session.sources.kernel.root
        self._folders: dict[Path, bytes] = {}
        self._listed: dict[Path, list[tuple[str, Signature]]] = {}
        self._signatures: dict[str, Signature] = {}
        self._files: dict[str, tuple[bytes, list[tuple[str, str]]]] = {}
        self._makefiles: dict[Path, bytes] = {}

    def of_platform(self, name: str) -> bytes:
        """All headers that files of an architecture may include, and how it is configured."""
        own = self._root / "arch" / name
        folders = [self._root / "include", own / "include"]
        folders += [self._root / folder for folder in load_architecture(name).include]
        configs = [self._root / ".config", self._root / "Makefile"]
        configs += [own / "configs" / file for file in load_architecture(name).defconfig]
        return key_of(
            "platform",
            name,
            [self._folder(folder) for folder in folders],
            [self.digest(file) for file in configs],
            self._generic,
        )

    @cached_property
    def _generic(self) -> list[str]:
        return list(self._session.sources.kernel.architectures())

    def are_as_read(self) -> bool:
        """Whether all is still as it was when it was read: a run may go on while files change."""
        return all(
            signature_of(file) == signature for file, signature in self._signatures.items()
        ) and all(sorted(_below(folder)) == listed for folder, listed in self._listed.items())

    def of_file(
        self, file: Path, root: Path, include: Iterable[Path], forced: Iterable[Path] = ()
    ) -> list[bytes]:
        """The Makefiles up to `root`, and what a file includes from its folder and `include`.

        What `forced` headers include counts, too: autoconf.h of a build in another folder.
        """
        seen: set[str] = set()
        folders = list(map(str, include))
        for start in (file, *forced):
            self._gather(str(start), folders, seen)
        return [*self._above(file.parent, root), *(self._read(f)[0] for f in sorted(seen))]

    def digest(self, file: Path) -> bytes:
        """A file's content; nothing where there is none."""
        return self._read(str(file))[0]

    def _above(self, folder: Path, root: Path) -> Iterator[bytes]:
        for above in (folder, *folder.parents):
            if above not in self._makefiles:
                digests = [self.digest(above / name) for name in MAKEFILES]
                self._makefiles[above] = b"".join(digests)
            yield self._makefiles[above]
            if above == root:
                return

    def _gather(self, file: str, include: list[str], seen: set[str]) -> None:
        """Collect in `seen` a file and all that it includes, headers of the whole tree apart."""
        if file in seen:
            return
        seen.add(file)
        folder = file.rpartition("/")[0]
        for angled, quoted in self._read(file)[1]:
            folders = [*include, f"{self._root}/include"] if ".." in angled else include
            for where in [folder, *folders] if quoted else folders:
                found = os.path.normpath(f"{where}/{angled or quoted}")
                if self._read(found)[0]:
                    self._gather(found, include, seen)
                    break

    def _read(self, file: str) -> tuple[bytes, list[tuple[str, str]]]:
        """A file's digest, and what it includes: in angle brackets, or in quotes."""
        if file not in self._files:
            self._signatures[file] = signature_of(file)
            self._files[file] = b"", []
            if self._signatures[file] != GONE:  # most of what is asked for is not there
                with contextlib.suppress(OSError):
                    content = Path(file).read_bytes()
                    pairs = [(os.fsdecode(a), os.fsdecode(q)) for a, q in INCLUDE.findall(content)]
                    self._files[file] = hashlib.blake2b(content, digest_size=16).digest(), pairs
        return self._files[file]

    def _folder(self, folder: Path) -> bytes:
        """The content of all files below a folder; read anew only if a signature changed."""
        if folder not in self._folders:
            self._listed[folder] = listed = sorted(_below(folder))
            key = key_of("folder", str(folder), listed, unsettled(s for _, s in listed))
            known = self._session.recall([key], bytes)
            if key not in known:
                content = hashlib.blake2b(digest_size=16)
                for name, _ in listed:
                    content.update(name.encode("utf-8", "surrogateescape") + b"\0")
                    # What cannot be read is no header to clang either.
                    with contextlib.suppress(OSError):
                        content.update((folder / name).read_bytes())
                known[key] = content.digest()
                self._session.remember(known)
            self._folders[folder] = known[key]
        return self._folders[folder]


def _below(folder: Path) -> Iterator[tuple[str, Signature]]:
    """The files below a folder with their signatures; in a shadow, folders may be links."""
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        if inner.count("/") > _DEEPEST:
            continue  # a link that leads back to where it is
        try:
            entries = os.scandir(folder / inner)
        except OSError:
            continue  # no such folder in this tree
        with entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(f"{inner}{entry.name}/")
                elif entry.is_file():
                    yield inner + entry.name, signature_of(entry)
