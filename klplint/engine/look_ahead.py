"""Which queries will follow from the answers to the first ones: part of the tree shows most.

What a function calls is asked when its definition is there. So each round of queries would take a
pass over the whole tree. Most definitions are in headers, in the core of the kernel, and near the
files that ask. Round after round, only these are searched. Then one pass answers all queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from klplint.engine.queries import Answers, Asker, answer_about_files, index_queries
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import (
    DefinitionsOf,
    HandedOver,
    IndexQuery,
    Query,
    TreeFacts,
)

# What defines the functions that all others call.
_CORE = ("include/", "kernel/", "lib/", "mm/")
# For more queries, the rounds take longer than the passes that they save.
_MOST_AHEAD = 64
_MOST_ROUNDS = 6


class LookAhead:
    """The queries that will be asked in a run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._near: list[str] = []

    def _files_near(self, facts: Mapping[str, FileFacts]) -> list[str]:
        """The files in which most of what is asked about some facts is defined."""
        if not self._near:
            directories = {_directory(path) for path, file in facts.items() if _is_asking(file)}
            self._near = [
                file
                for file in self._session.index.files
                if file.startswith(_CORE)
                or _is_of_architecture(file)
                or _directory(file) in directories
            ]
        return self._near

    def queries(self, tree: TreeFacts, askers: Iterable[Asker]) -> list[IndexQuery]:
        """What the index will be asked, given the facts and answers in `tree`."""
        asking = list(askers)
        new = {q for each in asking for q in each.queries(tree)} - tree.answers.keys()
        asked = {*index_queries(new)}
        if len(asked) > _MOST_AHEAD:
            return _sorted(asked)
        near = self._files_near(tree.files)
        for _ in range(_MOST_ROUNDS):
            answers = {**tree.answers, **self._answers(new, near)}
            tree = msgspec.structs.replace(tree, answers=answers)
            new = {q for each in asking for q in each.queries(tree)} - tree.answers.keys()
            further = {query for query in index_queries(new) if "*" not in query.name}
            if further <= asked:
                break
            asked |= further
        return _sorted(asked)

    def _answers(self, queries: Iterable[Query], near: Sequence[str]) -> Answers:
        """The answers to some queries, as far as they lead to others."""
        answers: Answers = dict.fromkeys(queries, ())
        by_index = [
            query
            for query in answers
            if isinstance(query, DefinitionsOf | HandedOver) and "*" not in query.name
        ]
        with self._session.statistics.phase("searching"):
            hits_of = self._session.index.find_ahead(by_index, near, self._session.progress)
        for query, hits in hits_of.items():
            answers[query] = tuple(d for hit in hits.values() for d in hit.definitions)
        return answers | answer_about_files(answers, self._session)


def _sorted(queries: Iterable[IndexQuery]) -> list[IndexQuery]:
    return sorted(queries, key=lambda query: query.order)


def _is_asking(file: FileFacts) -> bool:
    return bool(file.barriers or file.functions)


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _is_of_architecture(file: str) -> bool:
    return file.startswith("arch/") and "/include/" in file
