"""What the facts of a file depend on, for their cache key: headers, Makefiles, configuration.

A file depends on what it may include, directly or not, whatever the conditions. An edit of a header
changes the keys of these files only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from klplint.cache.keys import key_of
from klplint.csource.includes import Include
from klplint.engine.files_read import FilesRead
from klplint.engine.include_graph import Closure, IncludeGraph
from klplint.engine.kept_closures import as_kept, recall_closures
from klplint.engine.session import Session
from klplint.kernel.architecture import load_architecture
from klplint.kernel.compile_unit import is_configured
from klplint.kernel.compiler_arguments import FIRST_HEADERS, tree_include_path
from klplint.kernel.header_wrapper import COMMON_HEADERS
from klplint.kernel.makefile import NAMES as MAKEFILES
from klplint.kernel.stub_headers import includes_of_stubs

# What a build writes into header directories. It counts as a whole: a build changes all of it.
_GENERATED = ("include/generated/", "include/config/", "arch/{}/include/generated/")


class IncludeFlags(NamedTuple):
    """What a file's arguments say about includes."""

    directories: Sequence[Path] = ()
    """Further directories of the include path."""
    forced: Sequence[Path] = ()
    """Headers that are included first."""
    is_complete: bool = False
    """Whether they come from compile_commands.json: then these directories may come first."""


class _Target(NamedTuple):
    """The headers for an architecture."""

    directories: list[Path]
    """Its header directories."""
    stubs: dict[str, str]
    """The stub headers that include a header of the tree."""
    graphs: tuple[IncludeGraph, IncludeGraph]
    """What includes what: with the usual order of the include path, and with any order."""
    key: bytes | None
    """The key of what headers depend on; None if it is not cached."""


class Dependencies:
    """Digests of what the facts of a run's files depend on, each computed once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kernel = session.sources.kernel
        self._root = self._kernel.root
        self.files = FilesRead(session)
        self._targets: dict[str, _Target] = {}
        self._kept: dict[str, int] = {}
        """How many closures the cache has, by architecture."""
        self._all_headers: dict[str, bytes] = {}
        self._makefiles: dict[Path, bytes] = {}

    def of_target(self, name: str) -> bytes:
        """The digest of an architecture's configuration and of the headers that a build made."""
        output = self._kernel.output
        configs = [output / ".config", self._root / "Makefile"]
        directory = self._root / "arch" / name / "configs"
        configs += [directory / file for file in load_architecture(name).defconfig]
        self.files.exists(f"{output}/arch/{name}/include/generated")
        return key_of(
            "target",
            name,
            [self.digest(file) for file in configs],
            list(self._generated(name)),
            self.of_all_headers(name) if self._kernel.build else b"",
            is_configured(self._kernel, name),
            self._architectures,
        )

    def of_stub_headers(self, architecture: str) -> bytes:
        """The digest of what stub headers depend on, but for the configuration."""
        return key_of("stubs", sorted(self._target(architecture).stubs.items()))

    def of_all_headers(self, architecture: str) -> bytes:
        """The digest of all headers of an architecture, and of what they include from elsewhere."""
        if architecture not in self._all_headers:
            target = self._target(architecture)
            wholes = [self.files.all_below(directory) for directory in target.directories]
            closure = target.graphs[False].closure
            self._all_headers[architecture] = key_of(
                [(whole, [closure(path).digest for path in paths]) for whole, paths in wholes]
            )
        return self._all_headers[architecture]

    def _generated(self, architecture: str) -> Iterator[tuple[str, bytes]]:
        """The headers of an architecture that a build made, with their digests."""
        for directory in self._target(architecture).directories:
            place = f"{self.files.name(str(directory))}/"
            for inner in (each.format(architecture) for each in _GENERATED):
                if inner.startswith(place):
                    for path in self.files.headers_below(directory, inner.removeprefix(place)):
                        yield self.files.name(path), self.files.read(path).digest

    def of_headers(self, architecture: str, names: Iterable[str]) -> bytes:
        """The digest of some headers that are precompiled, by their names."""
        graph = self._target(architecture).graphs[False]
        meant = [graph.meant(Include(name, is_quoted=False)).paths for name in names]
        paths = dict.fromkeys([*self._first_headers(), *(path for each in meant for path in each)])
        closures = [graph.closure(path) for path in paths]
        return key_of(
            [closure.digest for closure in closures],
            self.of_all_headers(architecture) if any(c.is_wide for c in closures) else b"",
        )

    def of_file(
        self, file: Path, root: Path, architecture: str, flags: IncludeFlags
    ) -> list[bytes] | None:
        """The digests of the Makefiles up to `root` and of what a file includes.

        Returns None where a macro names a header: then the dependencies are not known.
        """
        closures = self._closures(str(file), architecture, flags)
        if any(closure.is_unknown for closure in closures):
            return None
        digests = [*self._above(file.parent, root), *sorted(c.digest for c in closures)]
        if flags.is_complete or any(closure.is_wide for closure in closures):
            digests.append(self.of_all_headers(architecture))
        return digests

    def _closures(self, file: str, architecture: str, flags: IncludeFlags) -> list[Closure]:
        """What a file depends on, and all that is included before it.

        In a further directory lie only headers that the include path does not have.
        """
        target = self._target(architecture)
        graph = target.graphs[flags.is_complete]
        self.files.note_included(map(str, flags.forced))
        names = self._common_names(file)
        meant = [graph.meant(Include(name, is_quoted=False)) for name in names]
        waiting = [file, *map(str, flags.forced), *self._first_headers()]
        waiting += [path for meaning in meant for path in meaning.paths]
        further = {name for name, meaning in zip(names, meant, strict=True) if not meaning.is_found}
        directories = dict.fromkeys([*map(str, flags.directories), file.rpartition("/")[0]])
        closures: dict[str, Closure] = {}
        seen: set[str] = set()
        while waiting:
            new = {path: graph.closure(path) for path in waiting if path not in closures}
            closures |= new
            further = further.union(*(closure.open_names for closure in new.values())) - seen
            seen |= further
            waiting = [path for each in directories for path in self._in(each, further)]
        return list(closures.values())

    def _common_names(self, file: str) -> Sequence[str]:
        """The headers that are included before a file which may not be a translation unit."""
        is_unit = not file.endswith(".h") and self.files.read(file).begins_with_include
        return () if is_unit else COMMON_HEADERS

    def _in(self, directory: str, names: Iterable[str]) -> Iterator[str]:
        """The files that some names mean in a directory."""
        for name in names:
            first, slash, _ = name.partition("/")
            if not slash or self.files.exists(f"{directory}/{first}"):
                path = self.files.located(directory, name)
                if path is not None:
                    yield path

    def _first_headers(self) -> list[str]:
        """The headers that kbuild includes first."""
        paths = [f"{self._root}/include/linux/{name}" for name in FIRST_HEADERS]
        return [path for path in paths if self.files.read(path).digest]

    def _target(self, architecture: str) -> _Target:
        if architecture not in self._targets:
            path = [str(each) for each in tree_include_path(self._kernel, architecture)]
            directories = self._header_directories(architecture)
            for directory in directories:
                self.files.add_headers(directory)
            stubs = includes_of_stubs(self._kernel, architecture)
            exact, other = (
                IncludeGraph(self.files, path, map(str, directories), stubs, is_exact)
                for is_exact in (True, False)
            )
            key = self._key_of_closures(architecture, directories, stubs)
            recalled = recall_closures(key, str(self._root), self._session) if key else {}
            exact.closures.update(recalled)
            self._kept[architecture] = len(recalled)
            self._targets[architecture] = _Target(directories, stubs, (exact, other), key)
        return self._targets[architecture]

    def _key_of_closures(
        self, architecture: str, directories: Iterable[Path], stubs: Mapping[str, str]
    ) -> bytes | None:
        """The key of what headers depend on; None while one of them changes, and for a build."""
        states = [self.files.state(directory) for directory in directories]
        if self._kernel.build or None in states:
            return None
        return key_of("closures", architecture, states, sorted(stubs.items()))

    def remember(self) -> None:
        """Cache what was read, and what headers depend on."""
        self.files.remember()
        entries: dict[bytes, object] = {}
        for architecture, target in self._targets.items():
            closures = {
                path: closure
                for path, closure in target.graphs[False].closures.items()
                if not closure.leads_out
            }
            if target.key and len(closures) > self._kept[architecture]:
                entries[target.key] = as_kept(str(self._root), closures)
                self._kept[architecture] = len(closures)
        self._session.remember(entries)  # all at once: each time takes a while

    def _header_directories(self, architecture: str) -> list[Path]:
        """The directories that hold the include path for an architecture, each once."""
        roots = dict.fromkeys((self._root, self._kernel.output))
        usual = ("include", f"arch/{architecture}/include")
        directories = [root / directory for root in roots for directory in usual]
        directories += [self._root / each for each in load_architecture(architecture).include]
        return [
            each
            for each in dict.fromkeys(directories)
            if not any(other in each.parents for other in directories)
        ]

    @cached_property
    def _architectures(self) -> list[str]:
        return list(self._kernel.architectures())

    def forget(self, file: Path) -> None:
        """Read a file again that has changed."""
        is_included = self.files.forget(str(file))
        for target in self._targets.values():
            for graph in target.graphs:
                graph.forget(str(file), is_included)

    def digest(self, file: Path) -> bytes:
        """The digest of a file's content; empty where there is no such file."""
        return self.files.read(str(file)).digest

    def _above(self, directory: Path, root: Path) -> Iterator[bytes]:
        """The digests of the Makefiles in a directory and in those above it, up to `root`."""
        for above in (directory, *directory.parents):
            if above not in self._makefiles:
                digests = [self.digest(above / name) for name in MAKEFILES]
                self._makefiles[above] = b"".join(digests)
            yield self._makefiles[above]
            if above == root:
                return
