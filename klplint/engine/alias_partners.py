"""The search for the partners of barriers that are used by another name.

`partner_search` reads the barriers of a tree by their own names. Here, the files that use an alias
are read once more, with the aliases as barriers, and compared with all others. The files that
define the aliases may also define some of the writer's side: x_rmb() and x_wmb() are neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from klplint.cache.keys import key_of
from klplint.csource.barrier_aliases import AliasPattern
from klplint.csource.lexer import Source
from klplint.engine.session import Session
from klplint.facts.barrier_contexts import STORES, FileContexts
from klplint.facts.partners import ReaderPartners
from klplint.facts.queries import FilesNaming
from klplint.kernel.signatures import are_settled
from klplint.partners.access_rules import AccessRules, expanded
from klplint.partners.directories import contexts_in, directory_of
from klplint.partners.header_functions import HeaderFunctions
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from klplint.partners.scoring import partners
from klplint.source_text import source_or_nothing

Found = dict[str, tuple[ReaderPartners, ...]]
"""The partners of the barriers of each file, by its path."""


class AliasPartners:
    """Finds partners for the uses of `aliases`, each given with the barrier that it means."""

    def __init__(self, aliases: Mapping[str, str], rules: AccessRules, session: Session) -> None:
        self._session = session
        self._readers = dict(aliases)
        self._writers = self._writing_aliases(rules)
        self._rules = with_aliases(rules, self._writers | self._readers)
        listed = session.index.files
        naming = self._files_naming([*self._readers, *self._writers])
        self._files = {file: listed[file] for file in naming if file in listed}

    def partners(
        self,
        paths: Iterable[str],
        state: bytes,
        contexts: Callable[[], list[FileContexts]],
        headers: Callable[[], HeaderFunctions],
        is_whole: Callable[[], bool],
    ) -> Found:
        """The partners in some files: from the cache, else searched among all `contexts`.

        `is_whole` says afterwards whether those were all of the tree: only then are answers cached.
        """
        listed = sorted({**self._writers, **self._readers}.items())
        whole = key_of("alias partners", state, listed, [*self._files.items()])
        keys = {path: key_of("partners by aliases", whole, path) for path in sorted(set(paths))}
        cached = self._session.recall(keys.values(), tuple[ReaderPartners, ...])
        missing = {path: key for path, key in keys.items() if key not in cached}
        if missing:
            by_path = {each.path: each for each in contexts()} | self._contexts()
            ranking = Ranking([by_path[path] for path in sorted(by_path)], self._rules)
            orders = PairOrders(ranking.contexts, self._rules, headers())
            new = {key: self._in_file(ranking, orders, path) for path, key in missing.items()}
            cached |= new
            if is_whole() and are_settled(self._files.values()):
                self._session.remember(new)
        return {path: cached[key] for path, key in keys.items()}

    def _in_file(
        self, ranking: Ranking, orders: PairOrders, path: str
    ) -> tuple[ReaderPartners, ...]:
        answers = []
        for context in ranking.contexts_in(path):
            if context.barrier in self._readers:
                reader = Sited(path, context)
                of_reader = partial(orders.orders, reader)
                ranked = partners(ranking.candidates(reader), self._rules, of_reader)
                if ranked:
                    answers.append(ReaderPartners(context.line, context.column, ranked))
        return tuple(answers)

    def _contexts(self) -> dict[str, FileContexts]:
        """The contexts in the files that use aliases, by path."""
        directories: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for file in self._files:
            directories[directory_of(file)][file] = self._text(file)
        read = (contexts_in(texts, self._rules) for texts in directories.values())
        return {each.path: each for group in read for each in group}

    def _writing_aliases(self, rules: AccessRules) -> dict[str, str]:
        """The aliases of the writer's side in the files that define those of the readers."""
        aliases: dict[str, str] = {}
        by_ordering = rules.barriers.by_ordering()
        for file in self._files_naming(self._readers):
            text = self._text(file)
            for ordering in STORES:
                names = [
                    n for each in by_ordering[ordering] for n in expanded(each) if "*" not in n
                ]
                pattern = AliasPattern(names, ())
                if not pattern.is_likely(text):
                    continue
                for alias in pattern.aliases_in(file, Source(text)):
                    if alias.name not in self._readers and rules.ordering(alias.name) is None:
                        aliases.setdefault(alias.name, alias.barrier)
        return aliases

    def _files_naming(self, names: Iterable[str]) -> list[str]:
        words = [FilesNaming(name) for name in names]
        hits = self._session.index.find(words, self._session.progress)
        files = {file for word in words for file in hits[word]}
        return sorted(file for file in files if file.endswith((".c", ".h")))

    def _text(self, path: str) -> str:
        return source_or_nothing(self._session.sources.root / path)


def with_aliases(rules: AccessRules, aliases: Mapping[str, str]) -> AccessRules:
    """Rules by which the aliases order what the barriers order that they mean."""
    barriers = rules.barriers
    names: defaultdict[str, list[str]] = defaultdict(list)
    for alias, barrier in sorted(aliases.items()):
        if ordering := rules.ordering(barrier):
            names[ordering.replace("-", "_")].append(alias)
    longer = {field: (*getattr(barriers, field), *listed) for field, listed in names.items()}
    usual: dict[str, str] = {}
    for alias, barrier in aliases.items():
        if partner := rules.usual_partner(barrier):
            facing = (name for name, meant in sorted(aliases.items()) if meant == partner)
            usual[alias] = next(facing, partner)
    changed = msgspec.structs.replace(barriers, **longer, partners=barriers.partners | usual)
    return msgspec.structs.replace(rules, barriers=changed)
