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
from klplint.partners.directories import DirectoryReader, contexts_in, directory_of
from klplint.partners.relative_lines import LineMap, contexts_with, line_map
from klplint.source_text import source_or_nothing
from klplint.worker_process import Failure

# Up to this many files are read in this process: to start others takes longer.
_FEW = 40

Contexts = tuple[FileContexts, ...]


class Summary(Fact, frozen=True, array_like=True):
    """The contexts in a directory in short: what partners depend on, and where it stands."""

    digest: bytes
    """The digest of the contexts with relative lines."""
    lines: dict[str, LineMap]
    """The lines by file."""


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
        self._known: dict[str, Contexts] = {}
        """The contexts in the directories that were asked about so far."""
        self._incomplete = set[str]()
        """The files of directories that could not be read as a whole."""

    @property
    def are_whole(self) -> bool:
        """Whether the contexts that were read are all of the tree, and do not change right now."""
        return not self._incomplete and are_settled(self.files.values())

    @cached_property
    def summaries(self) -> list[Summary]:
        """A summary of the contexts in each directory; where nothing changed, it is cached."""
        keys = {
            directory: key_of("summary of contexts", self.key, self._signed(directory))
            for directory in sorted(self.directories)
        }
        cached = self._session.recall(keys.values(), Summary)
        missing = [directory for directory, key in keys.items() if key not in cached]
        new = {
            keys[directory]: _summary(contexts)
            for directory, contexts in self._contexts_in(missing).items()
        }
        settled = {keys[d]: new[keys[d]] for d in missing if self._is_final(self.directories[d])}
        self._session.remember(settled)
        return [(cached | new)[key] for key in keys.values()]

    @cached_property
    def lines(self) -> dict[str, LineMap]:
        """The lines that the contexts of each file mention."""
        return {path: lines for each in self.summaries for path, lines in each.lines.items()}

    @cached_property
    def all(self) -> list[FileContexts]:
        """The contexts of all barriers of the tree, in the order of paths."""
        every = chain.from_iterable(self._contexts_in(self.directories).values())
        return sorted(every, key=lambda contexts: contexts.path)

    def _contexts_in(self, directories: Iterable[str]) -> dict[str, Contexts]:
        """The contexts of the barriers in some directories: from the cache, else by reading."""
        wanted = [each for each in directories if each not in self._known]
        keys = {d: key_of("contexts", self.key, self._signed(d)) for d in wanted}
        cached = self._session.recall(keys.values(), Contexts)
        missing = {d: self.directories[d] for d in wanted if keys[d] not in cached}
        read = self._read(missing)
        settled = [d for d in read if self._is_final(self.directories[d])]
        self._session.remember({keys[directory]: read[directory] for directory in settled})
        self._known |= {d: cached[keys[d]] for d in wanted if keys[d] in cached} | read
        return {directory: self._known[directory] for directory in directories}

    def _signed(self, directory: str) -> list[tuple[str, Signature]]:
        """The files with barriers in a directory, with their signatures."""
        return [(file, self.files[file]) for file in self.directories[directory]]

    def _is_final(self, files: list[str]) -> bool:
        """Whether the contexts of files may be cached: another run may read more of them."""
        is_whole = self._incomplete.isdisjoint(files)
        return is_whole and are_settled(self.files[file] for file in files)

    @cached_property
    def directories(self) -> dict[str, list[str]]:
        """The files with barriers, by directory."""
        directories: defaultdict[str, list[str]] = defaultdict(list)
        for file in self.files:
            directories[directory_of(file)].append(file)
        return dict(directories)

    def _read(self, directories: Mapping[str, list[str]]) -> dict[str, Contexts]:
        """The contexts in directories that are not in the cache, read in parallel."""
        session, root = self._session, self._session.sources.root
        files = [file for group in directories.values() for file in group]
        if session.index.is_quick(files, _FEW):
            return {
                d: self._reader(d).contexts({f: source_or_nothing(root / f) for f in group})
                for d, group in directories.items()
            }
        session.progress.begin("reading barriers", len(files))
        read = self._read_groups(directories)
        # The files of a directory that failed are read one by one: one of them is to blame.
        for directory in directories.keys() - read.keys():
            alone = self._read_groups({file: [file] for file in directories[directory]})
            read[directory] = tuple(chain.from_iterable(alone.values()))
            self._incomplete.update(directories[directory])
            session.is_complete = False
            session.index.give_up(set(directories[directory]) - alone.keys())
        return read

    def _reader(self, directory: str) -> DirectoryReader:
        """What reads the contexts of a directory, now and after a change."""
        return self._session.memo.latest(
            lambda: DirectoryReader(self._rules),
            self._session,
            f"reader of {directory}",
            self.key,
        )

    def _read_groups(self, groups: Mapping[str, list[str]]) -> dict[str, Contexts]:
        """The contexts in groups of files, without those groups that failed."""
        session, largest_first = self._session, sorted(groups, key=lambda g: (-len(groups[g]), g))
        rules = msgspec.msgpack.encode(self._rules)
        if not session.execution.is_repeated:  # else one of them keeps the headers of a file
            session.workers.renew()
        tasks = [(session.sources.root, groups[group], rules) for group in largest_first]
        seconds = session.index.seconds_for(max(map(len, groups.values()), default=0))
        read: dict[str, Contexts] = {}
        for number, part in session.workers.run(read_contexts, tasks, seconds):
            if not isinstance(part, Failure):
                read[largest_first[number]] = part
                session.progress.advance(len(part))
        return read


def _summary(contexts: Contexts) -> Summary:
    lines = {file.path: line_map(file) for file in contexts}
    relative = [contexts_with(lines[file.path].to_relative(), file) for file in contexts]
    return Summary(key_of(relative), lines)


def read_contexts(root: Path, files: Iterable[str], rules: bytes) -> Contexts:
    """The contexts of the barriers in the files of a directory, given the encoded rules.

    Runs in a worker.
    """
    texts = {file: source_or_nothing(root / file) for file in files}
    return contexts_in(texts, _decoded(rules))


@lru_cache(maxsize=1)
def _decoded(rules: bytes) -> AccessRules:
    """The rules: a worker decodes them once, and so keeps what they found for each name."""
    return msgspec.msgpack.decode(rules, type=AccessRules)
