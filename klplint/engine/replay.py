"""What checks said of single files in an earlier run, used again where a change did not affect it.

What a check that is `is_per_file` asks and finds about a file follows from its facts, its partners
and the answers to its queries. All checks of barriers are so. If a file has the facts of an earlier
run, the queries of that run are asked all at once. If they have the same answers, no such check has
another query about the file. If its partners are the same as well, so are its findings. It does not
matter what else was linted then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from klplint.cache.keys import key_of
from klplint.catalogue.rule import Rule
from klplint.engine.queries import Answers, answer
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import AnyQuery, Definition, Query, TreeFacts
from klplint.findings.finding import Finding

Findings = Mapping[str, list[Finding]]
"""Findings by file, not yet completed."""


class _Saved(msgspec.Struct, frozen=True):
    """What checks asked about a file with certain facts, and what came of it."""

    queries: list[AnyQuery]
    answers: bytes
    """A digest of the answers."""
    partners: bytes
    """A digest of the partners of the barriers in the file."""
    findings: list[Finding]


class Replay:
    """The checks whose findings in a file do not depend on the facts of others."""

    def __init__(
        self, rules: Iterable[Rule], facts: Mapping[str, FileFacts], session: Session
    ) -> None:
        """`facts` are those of the linted files."""
        rules = [rule for rule in rules if rule.check.is_per_file]
        version = session.sources.kernel.version
        shared = key_of("replay", version, [(rule.code, rule.key) for rule in rules])
        self._checks = [rule.check for rule in rules]
        self._codes = frozenset(rule.code for rule in rules)
        self._session = session
        self._keys = {path: key_of(shared, file) for path, file in facts.items() if rules}
        recalled = session.recall(self._keys.values(), _Saved)
        self._saved = {path: recalled[key] for path, key in self._keys.items() if key in recalled}
        self._asked: dict[str, set[Query]] = {}

    def answers(self) -> Answers:
        """The answers to all queries about the files that nothing further is asked about."""
        if not self._saved:
            return {}
        with self._session.statistics.phase("looking up"):
            answers = answer(
                (q for each in self._saved.values() for q in each.queries), self._session
            )
        digests = Digests(answers, self._session.index.gaps)
        self._saved = {
            path: each
            for path, each in self._saved.items()
            if digests.of(each.queries) == each.answers
        }
        return {query: answers[query] for each in self._saved.values() for query in each.queries}

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the checks ask about the other files, given the answers so far."""
        for path in self._keys.keys() - self._saved.keys():
            alone = msgspec.structs.replace(tree, files={path: tree.files[path]})
            self._asked[path] = {query for check in self._checks for query in check.queries(alone)}
            yield from self._asked[path]

    def findings(self, tree: TreeFacts) -> Findings:
        """The findings in the files of which all is as it was.

        `tree` has the partners, and the answers to all queries.
        """
        findings = {
            path: each.findings
            for path, each in self._saved.items()
            if each.partners == _digest_of_partners(path, tree)
        }
        self._session.statistics.counts["findings cached"] += sum(map(len, findings.values()))
        return findings

    def alone(self, tree: TreeFacts, earlier: Findings) -> list[TreeFacts]:
        """What the checks may know of each file but those with `earlier` findings.

        That is no more than what is compared before its findings are used again: an answer that
        only another file asked for would make them depend on what else is linted.
        """
        return [
            msgspec.structs.replace(
                tree,
                files={path: tree.files[path]},
                answers={query: tree.answers[query] for query in self._queries_about(path)},
                partners={path: tree.partners.get(path, ())},
            )
            for path in sorted(self._keys.keys() - earlier.keys())
        ]

    def _queries_about(self, path: str) -> Iterable[Query]:
        saved = self._saved.get(path)
        return saved.queries if saved else self._asked[path]

    def remember(self, tree: TreeFacts, findings: Findings, earlier: Findings) -> None:
        """Cache the findings in all files but those with `earlier` ones, from the cache."""
        digests = Digests(tree.answers, tree.gaps)
        entries = {}
        for path in self._keys.keys() - earlier.keys():
            asked = sorted(self._queries_about(path), key=lambda query: query.order)
            queries = [cast("AnyQuery", query) for query in asked]
            entries[self._keys[path]] = _Saved(
                queries,
                digests.of(queries),
                _digest_of_partners(path, tree),
                [each for each in findings.get(path, ()) if each.code in self._codes],
            )
        self._session.remember(entries)


class Digests:
    """Digests of answers; many files have the same queries."""

    def __init__(
        self, answers: Mapping[Query, tuple[Definition, ...]], gaps: tuple[str, ...]
    ) -> None:
        self._answers = answers
        self._gaps = gaps
        self._digests: dict[Query, bytes] = {}

    def of(self, queries: Iterable[Query]) -> bytes:
        """A digest of the answers to some queries, in their order."""
        return key_of("answers", self._gaps, [self._of(query) for query in queries])

    def _of(self, query: Query) -> bytes:
        if query not in self._digests:
            self._digests[query] = key_of(self._answers[query])
        return self._digests[query]


def _digest_of_partners(path: str, tree: TreeFacts) -> bytes:
    return key_of("partners of a file", tree.gaps, tree.partners.get(path, ()))
