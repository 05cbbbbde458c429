"""Answers to the checks' queries about other files, from the index of the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.kernel_queries import answer_kernel_queries
from klplint.engine.query_reading import ReadingTask, read_files
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    DetailsIn,
    FilesNaming,
    HandedIn,
    HandedOver,
    IndexQuery,
    KernelQuery,
    NamedAtBarriers,
    NamedLike,
    Query,
    SourceFile,
    StoredAs,
    TreeFacts,
)
from klplint.index.tree_index import Index
from klplint.kernel.signatures import Signature, are_settled, signature_of
from klplint.kernel.sources import Sources
from klplint.worker_process import Failure

# Up to this many files are read in this process: to start others takes longer.
_FEW = 40

Answers = dict[Query, tuple[Definition, ...]]


class Asker(Protocol):
    """Whatever has queries; each check does."""

    def queries(self, tree: TreeFacts) -> Iterable[Query]:
        """The queries that have to be answered, given the answers that `tree` holds already."""


Expecting = Callable[[TreeFacts], Iterable[IndexQuery]]
"""What the index will be asked, as far as the facts and answers so far show it."""


def answer_queries(
    facts: Mapping[str, FileFacts],
    askers: Iterable[Asker],
    session: Session,
    expecting: Expecting | None = None,
    answers: Answers | None = None,
) -> TreeFacts:
    """The facts with the answers to all queries of `askers`; `answers` are there already.

    Each round of answers may lead to further queries; the last round has none. Queries that need
    a pass over the tree wait until there are no others, so that there are few passes.
    """
    version, gaps = session.sources.kernel.version, session.index.gaps
    linted = frozenset(session.sources.files)
    tree = TreeFacts(version, facts, answers or {}, gaps, memo=session.memo, linted=linted)
    asking = list(askers)
    while new := {q for a in asking for q in a.queries(tree)} - tree.answers.keys():
        quick = [query for query in new if session.index.has_all(index_queries([query]))]
        if expecting is not None and not quick:
            session.index.expect(partial(expecting, tree))
        with session.statistics.phase("looking up"):
            answers = {**tree.answers, **answer(quick or new, session)}
        tree = msgspec.structs.replace(tree, answers=answers, gaps=session.index.gaps)
    return tree


def answer(queries: Iterable[Query], session: Session) -> Answers:
    """The answers to some queries; empty ones where nothing is defined."""
    asked = sorted(set(queries), key=lambda query: query.order)
    answers: dict[Query, set[Definition]] = {query: set() for query in asked}
    tasks = list(_file_tasks(asked, session))
    if by_index := index_queries(asked):
        hits_of = session.index.find(by_index, session.progress)
        tasks += _at_barriers(asked, hits_of)
        for query, hits in hits_of.items():
            if isinstance(query, FilesNaming):
                continue
            answers[query].update(d for hit in hits.values() for d in hit.definitions)
            files = tuple(file for file, hit in hits.items() if hit.used)
            if isinstance(query, DefinitionsOf) and not answers[query] and files:
                tasks.append(ReadingTask(query, files, is_for_uses=True))
    for each, definitions in _done(tasks, session):
        answers[each].update(definitions)
    by_kernel = [query for query in asked if isinstance(query, KernelQuery)]
    for asked_of, definitions in answer_kernel_queries(by_kernel, session):
        answers[asked_of].update(definitions)
    return {q: tuple(sorted(each, key=_order)) for q, each in answers.items()}


def answer_about_files(queries: Iterable[Query], session: Session) -> Answers:
    """The answers to those of some queries that are about one file each."""
    answers: Answers = {}
    about = [query for query in queries if isinstance(query, DefinedIn | HandedIn | StoredAs)]
    for each, definitions in _done(_file_tasks(about, session), session):
        answers[each] = tuple(sorted(definitions, key=_order))
    return answers


def index_queries(queries: Iterable[Query]) -> list[IndexQuery]:
    """What the index has to answer before some queries can be answered."""
    by_index: set[IndexQuery] = set()
    for query in queries:
        if isinstance(query, DefinitionsOf | HandedOver):
            by_index.add(query)
        elif isinstance(query, NamedAtBarriers):
            by_index |= {FilesNaming(name) for name in (query.name, *query.barriers)}
    return sorted(by_index, key=lambda query: query.order)


def _at_barriers(
    queries: Iterable[Query], hits: Mapping[IndexQuery, Mapping[str, object]]
) -> Iterator[ReadingTask]:
    """The tasks for queries about comments at barriers: files that have the name and a barrier."""
    for query in queries:
        if not isinstance(query, NamedAtBarriers):
            continue
        near = {file for name in query.barriers for file in hits[FilesNaming(name)]}
        if files := sorted(near & hits[FilesNaming(query.name)].keys()):
            yield ReadingTask(query, tuple(files))


def _order(definition: Definition) -> tuple[str, object, str]:
    return definition.path, definition.region, definition.name


def _file_tasks(queries: Iterable[Query], session: Session) -> Iterator[ReadingTask]:
    """The tasks of the queries that are about files known by their paths."""
    for query in queries:
        match query:
            case DefinedIn() | HandedIn() | StoredAs() | DetailsIn():
                yield ReadingTask(query, (query.file,))
            case SourceFile():
                for path in _paths_meant(query, session.index):
                    yield ReadingTask(query, (path,))
            case NamedLike():
                directory = query.asker.rpartition("/")[0]
                yield ReadingTask(query, tuple(session.index.in_directory(directory)))


def _paths_meant(query: SourceFile, index: Index) -> list[str]:
    """The files that a path, or the end of one, means: if possible one near the asker."""
    name = query.name
    ends = index.ending_in(name)
    beside = str(PurePosixPath(query.asker).parent / name)
    return next(([f] for f in (name, beside) if f in ends), ends)


def _done(
    tasks: Iterable[ReadingTask], session: Session
) -> Iterator[tuple[Query, tuple[Definition, ...]]]:
    """The answers of tasks: from the cache where the files did not change, else by reading."""
    asked, root = list(tasks), session.sources.root
    # Many tasks are about the same files: all those in a directory, for a name like another one.
    files = dict.fromkeys(file for task in asked for file in task.files)
    signatures = {file: signature_of(f"{root}/{file}") for file in files}
    keys = {task: _key(task, session.sources, signatures) for task in asked}
    cached = session.recall(filter(None, keys.values()), tuple[Definition, ...])
    answers = {task: cached[key] for task, key in keys.items() if key and key in cached}
    new = dict(_carried_out([task for task in keys if task not in answers], session))
    session.remember({key: new[task] for task, key in keys.items() if key and task in new})
    for task in keys:
        yield task.query, new[task] if task in new else answers.get(task, ())


def _key(task: ReadingTask, sources: Sources, signatures: Mapping[str, Signature]) -> bytes | None:
    """The cache key of a task: it holds for the files with their current signatures.

    None where a file changed a moment ago: the answer must not be cached.
    """
    current = [signatures[file] for file in task.files]
    if not are_settled(current):
        return None
    return key_of("answer", str(sources.home), task, current)


def _carried_out(
    tasks: list[ReadingTask], session: Session
) -> Iterator[tuple[ReadingTask, tuple[Definition, ...]]]:
    """The answers of tasks, read in parallel; one process takes all tasks about a set of files."""
    together: defaultdict[tuple[object, ...], list[ReadingTask]] = defaultdict(list)
    for task in tasks:
        together[task.files, task.is_for_uses].append(task)
    groups = [(session.sources.root, group) for group in together.values()]
    files = [file for group in together.values() for file in group[0].files]
    if session.index.passes.is_quick(files, _FEW):
        for root, group in groups:
            yield from read_files(root, group)
        return
    seconds = session.index.passes.seconds_for(max(len(group[0].files) for _, group in groups))
    for number, part in session.workers.run(read_files, groups, seconds):
        if isinstance(part, Failure):
            session.index.passes.give_up(groups[number][1][0].files)
        else:
            yield from part
