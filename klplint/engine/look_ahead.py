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
from klplint.facts.queries import FilesNaming, IndexQuery, Query, TreeFacts

# What defines the functions that all others call.
_CORE = ("include/", "kernel/", "lib/", "mm/")
# So many rounds find nearly all queries.
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
        """What the index will be asked, given the facts in `tree`."""
        asking, asked = list(askers), set[IndexQuery]()
        near = self._files_near(tree.files)
        for _ in range(_MOST_ROUNDS):
            new = {q for each in asking for q in each.queries(tree)} - tree.answers.keys()
            if not new:
                break
            asked |= {*index_queries(new)}
            answers = {**tree.answers, **self._answers(new, near)}
            tree = msgspec.structs.replace(tree, answers=answers)
        return sorted(asked, key=lambda query: query.order)

    def _answers(self, queries: Iterable[Query], near: Sequence[str]) -> Answers:
        """The answers to some queries, as far as they lead to others."""
        answers: Answers = dict.fromkeys(queries, ())
        by_index = [
            q for q in answers if isinstance(q, IndexQuery) and not isinstance(q, FilesNaming)
        ]
        with self._session.statistics.phase("searching"):
            hits_of = self._session.index.find_ahead(by_index, near, self._session.progress)
        for query, hits in hits_of.items():
            answers[query] = tuple(d for hit in hits.values() for d in hit.definitions)
        return answers | answer_about_files(answers, self._session)


def _is_asking(file: FileFacts) -> bool:
    return bool(file.barriers or file.functions)


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _is_of_architecture(file: str) -> bool:
    return file.startswith("arch/") and "/include/" in file
