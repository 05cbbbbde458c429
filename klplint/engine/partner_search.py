"""The search for the partners of read barriers in the whole tree.

What surrounds each barrier is read by tokens, once for each content of a file. Which candidates fit
a reader depends on what surrounds all barriers of the tree; so the answers are cached for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial

import msgspec

from klplint.cache.keys import key_of
from klplint.checks.base import Check
from klplint.checks.read_barrier_base import ReadBarrierCheck, barrier_checks
from klplint.engine.alias_partners import AliasPartners, Found
from klplint.engine.session import Session
from klplint.engine.tree_contexts import TreeContexts
from klplint.engine.wrapper_headers import WrapperHeaders
from klplint.facts.barrier_contexts import FileContexts
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Partner, ReaderPartners
from klplint.facts.queries import FilesNaming, IndexQuery, TreeFacts
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import directory_of
from klplint.partners.header_functions import HeaderFunctions
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from klplint.partners.relative_lines import answers_with
from klplint.partners.scoring import partners
from klplint.worker_process import Failure

# Up to this many files are searched in this process: to start others takes longer.
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
    return barrier_checks(checks) if session.execution.partners else []


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
        self._contexts = TreeContexts(rules, session)
        self._headers = WrapperHeaders(self._contexts.directories, session)

    def partners(self, paths: Iterable[str], barriers: list[str]) -> Found:
        """The partners of the uses of `barriers` in some files: from the cache, else searched.

        What is cached has relative lines: it holds as long as no function with barriers changes.
        """
        state = key_of(self.state(), barriers)
        keys = {path: key_of("partners", state, path) for path in paths}
        cached = self._session.recall(keys.values(), tuple[ReaderPartners, ...])
        real = {path: lines.to_real() for path, lines in self._contexts.lines.items()}
        answers = {
            path: answers_with(real, path, cached[key])
            for path, key in keys.items()
            if key in cached
        }
        missing = [path for path in keys if path not in answers]
        if missing:
            new = self._searched(missing, barriers)
            if self.is_whole():
                lines = self._contexts.lines
                relative = {path: each.to_relative() for path, each in lines.items()}
                self._session.remember(
                    {keys[path]: answers_with(relative, path, new[path]) for path in missing}
                )
            answers |= new
        return {path: answers[path] for path in keys}

    def _searched(self, paths: list[str], barriers: list[str]) -> Found:
        """The partners of the uses of `barriers` in some files; of many in all processes."""
        session = self._session
        in_file = partial(_in_file, barriers, self.ranking, self.orders, self._rules)
        if len(paths) <= _FEW or session.execution.is_repeated:
            return {path: in_file(path) for path in paths}
        session.progress.begin("finding partners", len(paths))
        tasks, seconds = [(path,) for path in paths], session.execution.seconds_per_file
        answers: dict[str, tuple[ReaderPartners, ...]] = {}
        for number, result in session.workers.run_inherited(in_file, tasks, seconds):
            session.progress.advance(1)
            if not isinstance(result, Failure):
                answers[paths[number]] = result
        return {path: answers[path] if path in answers else in_file(path) for path in paths}

    @property
    def contexts(self) -> list[FileContexts]:
        """The contexts of all barriers of the tree, in the order of paths."""
        return self._contexts.all

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
        kind, key = "ranking", self._contexts.key
        ranking = session.memo.latest(
            lambda: Ranking(self.contexts, self._rules), session, kind, key
        )
        if not ranking.takes(self.contexts):
            session.memo.drop(session, kind)
            return self.ranking
        return ranking

    def is_whole(self) -> bool:
        """Whether answers may be cached: those from changing headers or parts of the tree not."""
        return self._contexts.are_whole and self._headers.are_settled()

    def alias_partners(self, paths: Iterable[str], aliases: Mapping[str, str]) -> Found:
        """The partners of the uses of aliases in some files."""
        search = AliasPartners(aliases, self._rules, self._session)
        return search.partners(
            paths,
            self._state_with_lines(),
            lambda: self.contexts,
            self.header_functions,
            self.is_whole,
        )

    def beside(self, path: str) -> list[str]:
        """The files with barriers in the directory of a file."""
        return [file for file in self._contexts.files if directory_of(file) == directory_of(path)]

    def state(self) -> bytes:
        """A digest of all contexts with relative lines: most changes of a file keep it."""
        contexts = self._contexts
        return key_of("contexts", contexts.key, contexts.digests, self._headers.state)

    def _state_with_lines(self) -> bytes:
        return key_of(self.state(), [*self._contexts.lines.items()])

    def header_functions(self) -> HeaderFunctions:
        """The wrappers of the headers that may be called around a barrier."""
        return self._headers.functions(self._contexts.key, self._rules)


def _in_file(
    barriers: list[str], ranking: Ranking, orders: PairOrders, rules: AccessRules, path: str
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
