"""The search for the partners of read barriers in the whole tree.

What surrounds each barrier is read by tokens, once for each content of a file. Which candidates fit
a reader depends on what surrounds all barriers of the tree; so the answers are cached for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache, partial
from itertools import chain
from pathlib import Path

import msgspec

from klplint.cache.keys import key_of
from klplint.checks.base import Check
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.engine.alias_partners import AliasPartners, Found
from klplint.engine.session import Session
from klplint.facts.barrier_contexts import FileContexts
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Partner, ReaderPartners
from klplint.facts.queries import FilesNaming, IndexQuery, TreeFacts
from klplint.index.tree_index import files_naming
from klplint.kernel.signatures import Signature, are_settled
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import DirectoryReader, contexts_in, directory_of
from klplint.partners.header_functions import HeaderFunctions
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from klplint.partners.scoring import partners
from klplint.source_text import bytes_or_nothing, source_or_nothing
from klplint.worker_process import Failure

# Up to this many files are read in this process: to start others takes longer.
_FEW = 40

Contexts = tuple[FileContexts, ...]


def with_partners(tree: TreeFacts, checks: Iterable[Check], session: Session) -> TreeFacts:
    """The facts with the partners of the barriers that checks are about in the linted files."""
    about = _needing_partners(checks, session)
    if not about:
        return tree
    linted = frozenset(session.sources.files)
    facts = {path: file for path, file in tree.files.items() if path in linted}
    barriers = frozenset(name for check in about for name in check.barriers)
    answers = find_partners(facts, barriers, about[0].access_rules, session)
    return msgspec.structs.replace(tree, partners=answers, gaps=session.index.gaps)


def barrier_words(checks: Iterable[Check], session: Session) -> list[IndexQuery]:
    """What the index will be asked if partners are searched."""
    return [
        FilesNaming(name)
        for check in _needing_partners(checks, session)[:1]
        for name in check.access_rules.barrier_names
    ]


def _needing_partners(checks: Iterable[Check], session: Session) -> list[ReadBarrierCheck]:
    """The checks that partners are searched for."""
    if not session.execution.partners:
        return []
    return [check for check in checks if isinstance(check, ReadBarrierCheck)]


def find_partners(
    facts: Mapping[str, FileFacts], barriers: frozenset[str], rules: AccessRules, session: Session
) -> Found:
    """The partners of the uses of `barriers` in some files."""
    readers = {
        path: [b for b in file.barriers if b.name in barriers] for path, file in facts.items()
    }
    wanted = sorted(path for path, uses in readers.items() if uses)
    if not wanted:
        return {}
    with session.statistics.phase("searching"):
        search = search_of_run(rules, session)
    aliases = {b.alias: b.name for uses in readers.values() for b in uses if b.alias}
    with session.statistics.phase("finding partners"):
        answers = search.partners(wanted, sorted(barriers))
        if aliases:
            using = [path for path, uses in readers.items() if any(b.alias for b in uses)]
            for path, more in search.alias_partners(using, aliases).items():
                answers[path] = (*answers.get(path, ()), *more)
        return answers


def search_of_run(rules: AccessRules, session: Session) -> PartnerSearch:
    """The search that all who need one share in a run: what it reads and ranks is large."""
    # It is about the sources, and not about the session, which an editor keeps for further runs.
    key = key_of("access rules", rules)
    make = partial(PartnerSearch, rules, session)
    return session.memo.latest(make, session.sources, "partner search", key)


class PartnerSearch:
    """A search in the state that the tree has now."""

    def __init__(self, rules: AccessRules, session: Session) -> None:
        self._rules = rules
        self._session = session
        words = [FilesNaming(name) for name in rules.barrier_names]
        naming = files_naming(session.index.find(words, session.progress))
        listed = session.index.files
        self._files: dict[str, Signature] = {
            file: listed[file] for file in naming if file in listed and file.endswith((".c", ".h"))
        }
        directories = {directory_of(file) for file in self._files}
        self._headers: dict[str, Signature] = {
            file: listed[file]
            for file in sorted(listed)
            if file.endswith(".h")
            and (file.startswith("include/") or directory_of(file) in directories)
        }
        """The headers whose wrappers may be called around a barrier."""
        self._known: dict[str, Contexts] = {}
        """The contexts in the directories that were asked about so far."""
        self._incomplete = set[str]()
        """The files of directories that could not be read as a whole."""
        self._rules_key = key_of("access rules", rules, str(session.sources.home))

    def partners(self, paths: Iterable[str], barriers: list[str]) -> Found:
        """The partners of the uses of `barriers` in some files: from the cache, else searched."""
        state = key_of(self.state(), barriers)
        keys = {path: key_of("partners", state, path) for path in paths}
        cached = self._session.recall(keys.values(), tuple[ReaderPartners, ...])
        missing = {path: key for path, key in keys.items() if key not in cached}
        if missing:
            new = {
                key: _in_file(path, barriers, self.ranking, self.orders, self._rules)
                for path, key in missing.items()
            }
            cached |= new
            if self.is_whole():
                self._session.remember(new)
        return {path: cached[key] for path, key in keys.items()}

    @cached_property
    def orders(self) -> PairOrders:
        """The orders of pairs, as the tree is."""
        return PairOrders(self.ranking.contexts, self._rules, self.header_functions())

    @cached_property
    def ranking(self) -> Ranking:
        """The ranking of all contexts; in a session with changes, the earlier one with these."""
        session = self._session
        if not session.execution.is_repeated:
            return Ranking(self.contexts, self._rules)
        kind, key = "ranking", self._rules_key
        ranking = session.memo.latest(
            lambda: Ranking(self.contexts, self._rules), session, kind, key
        )
        if not ranking.takes(self.contexts):
            session.memo.drop(session, kind)
            return self.ranking
        return ranking

    def is_whole(self) -> bool:
        """Whether answers may be cached: those from changing headers or parts of the tree not."""
        return self._is_settled and not self._incomplete

    @property
    def _is_settled(self) -> bool:
        return are_settled(chain(self._files.values(), self._headers.values()))

    def alias_partners(self, paths: Iterable[str], aliases: Mapping[str, str]) -> Found:
        """The partners of the uses of aliases in some files."""
        search = AliasPartners(aliases, self._rules, self._session)
        return search.partners(
            paths, self.state(), lambda: self.contexts, self.header_functions, self.is_whole
        )

    def beside(self, path: str) -> list[str]:
        """The files with barriers in the directory of a file."""
        return [file for file in self._files if directory_of(file) == directory_of(path)]

    def state(self) -> bytes:
        """A digest of all contexts: after most changes of a file, they are the same as before."""
        headers = [*self._headers.items()]
        key = key_of("barrier files", self._rules_key, [*self._files.items()], headers)
        cached = self._session.recall([key], bytes)
        if key in cached:
            return cached[key]
        state = key_of("barrier contexts", self._rules_key, self._digests(), headers)
        if self._is_settled and not self._incomplete:
            self._session.remember({key: state})
        return state

    def _digests(self) -> list[bytes]:
        """A digest of the contexts in each directory; where nothing changed, it is cached."""
        keys = {
            directory: key_of("digest of contexts", self._rules_key, self._signed(directory))
            for directory in sorted(self._directories)
        }
        cached = self._session.recall(keys.values(), bytes)
        missing = [directory for directory, key in keys.items() if key not in cached]
        new = {
            keys[directory]: key_of(contexts)
            for directory, contexts in self._contexts_in(missing).items()
        }
        settled = {keys[d]: new[keys[d]] for d in missing if self._is_final(self._directories[d])}
        self._session.remember(settled)
        return [(cached | new)[key] for key in keys.values()]

    def header_functions(self) -> HeaderFunctions:
        """The wrappers of the headers that may be called around a barrier."""
        root = self._session.sources.root

        def read() -> HeaderFunctions:
            return HeaderFunctions(
                self._headers, lambda header: bytes_or_nothing(root / header), self._rules
            )

        key = key_of("header functions", self._rules_key, [*self._headers.items()])
        return self._session.memo.latest(read, self._session, "header functions", key)

    @cached_property
    def contexts(self) -> list[FileContexts]:
        """The contexts of all barriers of the tree, in the order of paths."""
        every = chain.from_iterable(self._contexts_in(self._directories).values())
        return sorted(every, key=lambda contexts: contexts.path)

    def _contexts_in(self, directories: Iterable[str]) -> dict[str, Contexts]:
        """The contexts of the barriers in some directories: from the cache, else by reading."""
        wanted = [each for each in directories if each not in self._known]
        keys = {d: key_of("contexts", self._rules_key, self._signed(d)) for d in wanted}
        cached = self._session.recall(keys.values(), Contexts)
        missing = {d: self._directories[d] for d in wanted if keys[d] not in cached}
        read = self._read(missing)
        settled = [d for d in read if self._is_final(self._directories[d])]
        self._session.remember({keys[directory]: read[directory] for directory in settled})
        self._known |= {d: cached[keys[d]] for d in wanted if keys[d] in cached} | read
        return {directory: self._known[directory] for directory in directories}

    def _signed(self, directory: str) -> list[tuple[str, Signature]]:
        """The files with barriers in a directory, with their signatures."""
        return [(file, self._files[file]) for file in self._directories[directory]]

    def _is_final(self, files: list[str]) -> bool:
        """Whether the contexts of files may be cached: another run may read more of them."""
        is_whole = self._incomplete.isdisjoint(files)
        return is_whole and are_settled(self._files[file] for file in files)

    @cached_property
    def _directories(self) -> dict[str, list[str]]:
        """The files with barriers, by directory: files of one call each other's functions."""
        directories: defaultdict[str, list[str]] = defaultdict(list)
        for file in self._files:
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
            self._rules_key,
        )

    def _read_groups(self, groups: Mapping[str, list[str]]) -> dict[str, Contexts]:
        """The contexts in groups of files, without those groups that failed."""
        session, largest_first = self._session, sorted(groups, key=lambda g: (-len(groups[g]), g))
        rules = msgspec.msgpack.encode(self._rules)
        tasks = [(session.sources.root, groups[group], rules) for group in largest_first]
        seconds = session.index.seconds_for(max(map(len, groups.values()), default=0))
        read: dict[str, Contexts] = {}
        for number, part in session.workers.run(read_contexts, tasks, seconds):
            if not isinstance(part, Failure):
                read[largest_first[number]] = part
                session.progress.advance(len(part))
        return read


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


def _in_file(
    path: str, barriers: list[str], ranking: Ranking, orders: PairOrders, rules: AccessRules
) -> tuple[ReaderPartners, ...]:
    """The partners of the barriers of one file that have some.

    Write barriers have one if they are where a read barrier belongs.
    """
    answers = []
    for context in ranking.contexts_in(path):
        reader, listed = Sited(path, context), tuple[Partner, ...]()
        if context.barrier in barriers:
            of_reader = partial(orders.orders, reader)
            listed = partners(ranking.candidates(reader), rules, of_reader)
        of_wrong_kind = orders.of_wrong_kind(reader)
        if of_wrong_kind:
            listed = (*listed, of_wrong_kind)
        if listed:
            answers.append(ReaderPartners(context.line, context.column, listed))
    return tuple(answers)
