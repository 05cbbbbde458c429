"""Answers and findings of an earlier run, used again where a change did not affect them.

After most changes of a file, all files have the same facts as before, or the queries have the same
answers. The queries of a run follow from its facts and its answers. So if the facts are the same,
the queries of the earlier run are asked all at once; if their answers are the same as well, no
check has another query. If the partners and the texts that findings show are also the same, the
findings are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.checking import completed_again, files_of
from klplint.engine.plan import Plan
from klplint.engine.queries import answer
from klplint.engine.saved_result import may_be_saved, plan_key
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.queries import AnyQuery, Definition, Query, TreeFacts
from klplint.findings.finding import Result
from klplint.kernel.signatures import Signature, are_settled, signature_of


class _Saved(msgspec.Struct, frozen=True):
    """What a run with certain facts asked, and what came of it."""

    queries: list[AnyQuery]
    answers: bytes
    """A digest of the answers."""
    partners: bytes
    """A digest of the partners of all barriers."""
    texts: list[tuple[str, Signature]]
    """The files that the findings point to, with their signatures."""
    drafted: Result
    """The result before it was completed."""
    result: Result


class Replay:
    """The place in the cache for what follows from the facts of a run."""

    def __init__(
        self,
        plan: Plan,
        session: Session,
        facts: Mapping[str, FileFacts],
        unreadable: Iterable[Unreadable],
    ) -> None:
        self._plan = plan
        self._session = session
        self._facts = facts
        self._key = b""
        self._saved: _Saved | None = None
        if session.cache and session.is_complete and may_be_saved(plan):
            self._key = key_of("replay", plan_key(plan), list(facts.items()), [*unreadable])
            self._saved = session.recall([self._key], _Saved).get(self._key)

    def tree(self) -> TreeFacts | None:
        """The facts with the answers to all queries, if these are those of the earlier run."""
        if self._saved is None:
            return None
        session = self._session
        with session.statistics.phase("looking up"):
            answers = answer(self._saved.queries, session)
        gaps, version = session.index.gaps, session.sources.kernel.version
        tree = TreeFacts(version, self._facts, answers=answers, gaps=gaps, memo=session.memo)
        if _digest_of_answers(tree) == self._saved.answers:
            return tree
        self._saved = None  # nothing of the earlier run holds
        return None

    def result(self, tree: TreeFacts) -> Result | None:
        """The result of the earlier run, if all but some texts are as they were then.

        `tree` is what the method `tree` gave, with the partners.
        """
        saved = self._saved
        if saved is None or _digest_of_partners(tree) != saved.partners:
            return None
        self._session.statistics.counts["findings cached"] += len(saved.result.findings)
        changed = {*self._texts(saved.drafted)} - {*saved.texts}
        if not changed:
            return saved.result
        files = frozenset(file for file, _ in changed)
        return completed_again(saved.drafted, saved.result, files, self._plan.sources.root)

    def remember(self, tree: TreeFacts, drafted: Result, result: Result) -> None:
        """Cache what came of the facts, unless a file has only just changed."""
        if not self._key:
            return
        texts = self._texts(drafted)
        if not are_settled(signature for _, signature in texts):
            return
        queries = [cast("AnyQuery", query) for query, _ in _answers(tree)]
        digests = _digest_of_answers(tree), _digest_of_partners(tree)
        self._session.remember({self._key: _Saved(queries, *digests, texts, drafted, result)})

    def _texts(self, drafted: Result) -> list[tuple[str, Signature]]:
        """The files whose texts findings show, with their signatures."""
        files = sorted({file for finding in drafted.findings for file in files_of(finding)})
        return [(file, signature_of(self._plan.sources.root / file)) for file in files]


def _answers(tree: TreeFacts) -> list[tuple[Query, tuple[Definition, ...]]]:
    return sorted(tree.answers.items(), key=lambda entry: entry[0].order)


def _digest_of_answers(tree: TreeFacts) -> bytes:
    return key_of("answers", tree.gaps, _answers(tree))


def _digest_of_partners(tree: TreeFacts) -> bytes:
    return key_of("partners of all", sorted(tree.partners.items()))
