"""The contexts of the barriers in a tree: from the cache, else read in parallel processes.

The files of a directory are read together, because they call each other's functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.session import Session
from klplint.facts.barrier_contexts import FileContexts
from klplint.facts.queries import FilesNaming
from klplint.facts.region import Fact
from klplint.index.tree_index import files_naming
from klplint.kernel.signatures import Signature, are_settled
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import (
    NOTHING_READ,
    DirectoryReading,
    directory_of,
    reading_of,
)
from klplint.partners.relative_lines import LineMap, contexts_with, line_map
from klplint.source_text import source_or_nothing
from klplint.worker_process import Failure

# Up to this many files are read in this process: to start others takes longer.
_FEW = 40


class _Summary(Fact, frozen=True, array_like=True):
    """The contexts in a directory in short: what partners depend on, and where it stands."""

    files: dict[str, Signature]
    """The files with their signatures."""
    digest: bytes
    """The digest of the contexts with relative lines."""
    lines: dict[str, LineMap]
    """The lines by file."""


class _Kept(Fact, frozen=True, array_like=True):
    """What was read in a directory."""

    files: dict[str, Signature]
    """The files with the signatures that they had."""
    reading: DirectoryReading


_NOTHING = _Kept({}, NOTHING_READ)


class TreeContexts:
    """The contexts of a tree in the state that it has now."""

    def __init__(self, rules: AccessRules, session: Session) -> None:
        self._rules = rules
        self._session = session
        words = [FilesNaming(name) for name in rules.barrier_names]
        naming = files_naming(session.index.find(words, session.progress))
        listed = session.index.files
        self.files: dict[str, Signature] = {
            file: listed[file] for file in naming if file in listed and file.endswith((".c", ".h"))
        }
        """The files with barriers, with their signatures."""
        self.key = key_of("access rules", rules, str(session.sources.home))
        """The key of what all contexts depend on."""
        self._known = session.memo.latest(dict[str, _Kept], session, "directories", self.key)
        """What was read in the directories that were asked about so far."""
        self._partial: dict[str, DirectoryReading] = {}
        """What was read in directories that could not be read as a whole."""

    @property
    def are_whole(self) -> bool:
        """Whether the contexts that were read are all of the tree, and do not change right now."""
        return not self._partial and are_settled(self.files.values())

    @cached_property
    def _summaries(self) -> list[_Summary]:
        """A summary of the contexts in each directory; where nothing changed, it is cached."""
        key = key_of("summaries of contexts", self.key)
        cached = self._session.recall([key], dict[str, _Summary]).get(key, {})
        same = {d: each for d, each in cached.items() if self.directories.get(d) == each.files}
        missing = [directory for directory in self.directories if directory not in same]
        new = {d: self._summary(d, contexts) for d, contexts in self._contexts_in(missing).items()}
        settled = {
            d: summary
            for d, summary in new.items()
            if d not in self._partial and are_settled(summary.files.values())
        }
        if settled:
            self._session.remember({key: same | settled})
        return [each for _, each in sorted((same | new).items())]

    def _summary(self, directory: str, contexts: Iterable[FileContexts]) -> _Summary:
        lines = {file.path: line_map(file) for file in contexts}
        relative = [contexts_with(lines[file.path].to_relative(), file) for file in contexts]
        return _Summary(self.directories[directory], key_of(relative), lines)

    @property
    def digests(self) -> list[bytes]:
        """The digests of the contexts in each directory, with relative lines."""
        return [each.digest for each in self._summaries]

    @cached_property
    def lines(self) -> dict[str, LineMap]:
        """The lines that the contexts of each file mention."""
        return {path: lines for each in self._summaries for path, lines in each.lines.items()}

    @cached_property
    def all(self) -> list[FileContexts]:
        """The contexts of all barriers of the tree, in the order of paths."""
        every = chain.from_iterable(self._contexts_in(self.directories).values())
        return sorted(every, key=lambda contexts: contexts.path)

    def _contexts_in(self, directories: Iterable[str]) -> dict[str, tuple[FileContexts, ...]]:
        """The contexts of the barriers in some directories: from the cache, else by reading."""
        wanted = [*directories]
        keys = {d: key_of("contexts", self.key, d) for d in wanted if d not in self._known}
        cached = self._session.recall(keys.values(), _Kept)
        self._known |= {d: cached[key] for d, key in keys.items() if key in cached}
        changed = [d for d in wanted if not self._is_known(d) and d not in self._partial]
        read = self._read(changed)
        self._known |= {d: _Kept(self.directories[d], each) for d, each in read.items()}
        settled = [d for d in read if are_settled(self.directories[d].values())]
        self._session.remember({key_of("contexts", self.key, d): self._known[d] for d in settled})
        return {d: (self._partial.get(d) or self._known[d].reading).contexts for d in wanted}

    def _is_known(self, directory: str) -> bool:
        """Whether the directory is as it was when it was read."""
        return self._known.get(directory, _NOTHING).files == self.directories[directory]

    @cached_property
    def directories(self) -> dict[str, dict[str, Signature]]:
        """The files with barriers, with their signatures, by directory."""
        directories: defaultdict[str, dict[str, Signature]] = defaultdict(dict)
        for file, signature in self.files.items():
            directories[directory_of(file)][file] = signature
        return dict(directories)

    def _read(self, directories: Iterable[str]) -> dict[str, DirectoryReading]:
        """What is in directories, in parallel; in this process if few files changed.

        The directories that cannot be read as a whole are missing.
        """
        session = self._session
        groups = {directory: [*self.directories[directory]] for directory in directories}
        changed = [file for directory in groups for file in self._changed_in(directory)]
        if session.index.passes.is_quick(changed, _FEW):
            return {directory: self._read_again(directory) for directory in groups}
        session.progress.begin("reading barriers", sum(map(len, groups.values())))
        read = self._read_groups(groups)
        # The files of a directory that failed are read one by one: one of them is to blame.
        for directory in groups.keys() - read.keys():
            alone = self._read_groups({file: [file] for file in groups[directory]})
            files = {path: file for each in alone.values() for path, file in each.files.items()}
            self._partial[directory] = DirectoryReading(files, ())
            session.is_complete = False
            session.index.passes.give_up(set(groups[directory]) - alone.keys())
        return read

    def _changed_in(self, directory: str) -> list[str]:
        """The files of a directory that are not as they were when it was read."""
        before = self._known.get(directory, _NOTHING).files
        now = self.directories[directory]
        return [file for file, signature in now.items() if before.get(file) != signature]

    def _read_again(self, directory: str) -> DirectoryReading:
        """What is in a directory, read as far as files changed since it was read."""
        root, before = self._session.sources.root, self._known.get(directory, _NOTHING)
        files = self.directories[directory]
        same = files.keys() - {*self._changed_in(directory)}
        return reading_of(
            files, lambda file: source_or_nothing(root / file), self._rules, before.reading, same
        )

    def _read_groups(self, groups: Mapping[str, list[str]]) -> dict[str, DirectoryReading]:
        """What is in groups of files, without those groups that failed."""
        session, largest_first = self._session, sorted(groups, key=lambda g: (-len(groups[g]), g))
        rules = msgspec.msgpack.encode(self._rules)
        if not session.execution.is_repeated:  # else one of them keeps the headers of a file
            session.workers.renew()
        tasks = [(session.sources.root, groups[group], rules) for group in largest_first]
        seconds = session.index.passes.seconds_for(max(map(len, groups.values()), default=0))
        read: dict[str, DirectoryReading] = {}
        for number, part in session.workers.run(read_directory, tasks, seconds):
            if not isinstance(part, Failure):
                read[largest_first[number]] = part
                session.progress.advance(len(part.files))
        return read


def read_directory(root: Path, files: Iterable[str], rules: bytes) -> DirectoryReading:
    """What is in the files of a directory that hold barriers, given the encoded rules.

    Runs in a worker.
    """
    return reading_of(files, lambda file: source_or_nothing(root / file), _decoded(rules))


@lru_cache(maxsize=1)
def _decoded(rules: bytes) -> AccessRules:
    """The rules: a worker decodes them once, and so keeps what they found for each name."""
    return msgspec.msgpack.decode(rules, type=AccessRules)
