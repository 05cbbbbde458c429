"""Answers to what checks ask of other files, round after round, by the index of the tree."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from klplint.cache.keys import key_of
from klplint.csource.definitions import definitions_in, used_as, whole_file
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    HandedOver,
    NamedLike,
    Query,
    SourceFile,
    TreeFacts,
)
from klplint.index.tree_index import Index
from klplint.kernel.file_listing import signature_of, unsettled
from klplint.kernel.tree import Sources
from klplint.process_pool import Failure
from klplint.source_text import decode_to, source_or_nothing

# Uses of one name that are looked at before it counts as used nowhere.
_MOST_USES = 40
# How alike a name has to be to be offered for one that is gone.
_ALIKE = 0.85
# So few files are read in this process.
_FEW = 40
# The words of a line that may head a function, or a macro's definition.
_HEAD = re.compile(r"^(?:#[ \t]*define[ \t]+\w+\(|[A-Za-z_].*\(\s*\w*)", re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")

Answers = dict[Query, tuple[Definition, ...]]


class Place(msgspec.Struct, frozen=True, order=True):
    """A file that holds the name of a query, at a byte of its content."""

    file: str
    start: int


class Task(msgspec.Struct, frozen=True):
    """A query that takes the reading of some files: whole, or at `places` that hold its name."""

    query: DefinitionsOf | DefinedIn | SourceFile | NamedLike
    files: tuple[str, ...]
    places: tuple[Place, ...] = ()


class Asker(Protocol):
    """What asks queries of the tree; each check does."""

    def queries(self, tree: TreeFacts) -> Iterable[Query]:
        """What it wants to know to judge the files of `tree`, given the answers so far."""


def answer_queries(
    facts: Mapping[str, FileFacts], askers: Iterable[Asker], session: Session
) -> TreeFacts:
    """The tree with the answers to all that `askers` ask on `facts`, round after round."""
    tree = TreeFacts(session.sources.kernel.version, facts, memo=session.memo)
    asking = list(askers)
    while new := {q for a in asking for q in a.queries(tree)} - tree.answers.keys():
        with session.statistics.phase("looking up"):
            answers = {**tree.answers, **answer(new, session)}
        tree = msgspec.structs.replace(tree, answers=answers)
    return tree


def answer(queries: Iterable[Query], session: Session) -> Answers:
    """The answers to some queries, those that no definition answers included."""
    asked = sorted(set(queries), key=lambda query: query.order)
    answers: dict[Query, set[Definition]] = {query: set() for query in asked}
    tasks = list(_file_tasks(asked, session))
    by_name = [query for query in asked if isinstance(query, DefinitionsOf | HandedOver)]
    if by_name:
        for named, hits in session.index.find(by_name, session.progress).items():
            answers[named].update(d for hit in hits.values() for d in hit.definitions)
            places = [Place(file, start) for file, hit in hits.items() for start in hit.places]
            if isinstance(named, DefinitionsOf) and not answers[named] and places:
                first = tuple(places[:_MOST_USES])
                tasks.append(Task(named, tuple(dict.fromkeys(p.file for p in first)), first))
    for query, definitions in _done(tasks, session):
        answers[query].update(definitions)
    return {q: tuple(sorted(found, key=_order)) for q, found in answers.items()}


def _order(definition: Definition) -> tuple[str, object, str]:
    return definition.path, definition.region, definition.name


def _file_tasks(queries: Iterable[Query], session: Session) -> Iterator[Task]:
    """What is asked of files by their names: of one, of all in a folder, of what a path means."""
    for query in queries:
        match query:
            case DefinedIn():
                yield Task(query, (query.file,))
            case SourceFile():
                for path in _paths_meant(query, session.index):
                    yield Task(query, (path,))
            case NamedLike():
                directory = query.asker.rpartition("/")[0]
                yield Task(query, tuple(session.index.in_folder(directory)))


def _paths_meant(query: SourceFile, index: Index) -> list[str]:
    """The files that a path, or the end of one, means: if possible one near the asker."""
    name = query.name
    ends = index.ending_in(name)
    beside = str(PurePosixPath(query.asker).parent / name)
    return next(([f] for f in (name, beside) if f in ends), ends)


def _done(
    tasks: Iterable[Task], session: Session
) -> Iterator[tuple[Query, tuple[Definition, ...]]]:
    """The answers of tasks: those of earlier runs, if the files are as they were, else anew."""
    keys = {task: _key(task, session.sources) for task in tasks}
    known = session.recall(keys.values(), tuple[Definition, ...])
    found = dict(_carried_out([task for task in keys if keys[task] not in known], session))
    session.remember({keys[task]: definitions for task, definitions in found.items()})
    for task, key in keys.items():
        yield task.query, found[task] if task in found else known.get(key, ())


def _key(task: Task, sources: Sources) -> bytes:
    """A key that hangs on the files as they are now, by their signatures."""
    held = [signature_of(sources.root / file) for file in task.files]
    return key_of("answer", str(sources.home), task, held, unsettled(held))


def _carried_out(
    tasks: list[Task], session: Session
) -> Iterator[tuple[Task, tuple[Definition, ...]]]:
    """Tasks done in all processes; those about the same files by one, which reads them once."""
    together: defaultdict[tuple[object, ...], list[Task]] = defaultdict(list)
    for task in tasks:
        together[task.files, task.query if task.places else None].append(task)
    groups = [(session.sources.root, group) for group in together.values()]
    if sum(len(group[0].files) for group in together.values()) <= _FEW:
        for root, group in groups:
            yield from read_files(root, group)
        return
    for number, found in session.workers.run(
        read_files, groups, session.execution.seconds_per_pass
    ):
        # What another process failed on is read here: no answer would mean that nothing is there.
        yield from read_files(*groups[number]) if isinstance(found, Failure) else found


def read_files(root: Path, tasks: list[Task]) -> list[tuple[Task, tuple[Definition, ...]]]:
    """The answers of tasks about the same files, which are read once; runs in a worker."""
    if tasks[0].places:
        return [(task, _first_use(root, task)) for task in tasks]
    folder = _Folder(root, tasks[0].files)
    return [(task, tuple(folder.read(task.query))) for task in tasks]


def _first_use(root: Path, task: Task) -> tuple[Definition, ...]:
    """The first call that code makes of a name, else its first use as something else."""
    other = None
    for place in task.places:
        try:
            text, start = decode_to((root / place.file).read_bytes(), place.start)
        except OSError:
            continue  # gone since it was found
        use = used_as(Source(text), place.file, task.query.name, start)
        if use and use.kind == "use":
            return (use,)
        other = other or use
    return (other,) if other else ()


class _Folder:
    """Some files that are read for a few queries: each as a whole only if need be."""

    def __init__(self, root: Path, files: Sequence[str]) -> None:
        self._root = root
        self._files = files
        self._outlines: dict[str, Outline] = {}

    def read(self, query: Query) -> Iterator[Definition]:
        """What the files say of a query."""
        match query:
            case SourceFile():
                yield from (whole_file(self._outline(file).source, file) for file in self._files)
            case DefinedIn():
                yield from self._definitions(query.name, self._files)
            case _:
                yield from self._named_like(query.name)

    def _outline(self, file: str) -> Outline:
        if file not in self._outlines:
            self._outlines[file] = Outline(Source(source_or_nothing(self._root / file)))
        return self._outlines[file]

    def _definitions(self, name: str, files: Iterable[str]) -> list[Definition]:
        return [d for file in files for d in definitions_in(self._outline(file), file, name)]

    def _named_like(self, name: str) -> list[Definition]:
        """The definitions of what is called most alike."""
        for close in _most_alike(name, sorted(self._named)):
            definitions = self._definitions(close, self._named[close])
            if any(d.kind == "function" or d.kind == "macro" for d in definitions):
                return definitions
        return []

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """What may be defined, by a first look at the lines of each file, and in which."""
        files: defaultdict[str, list[str]] = defaultdict(list)
        for file in self._files:
            heads = _HEAD.findall(source_or_nothing(self._root / file))
            for name in {word for head in heads for word in _WORD.findall(head)}:
                files[name].append(file)
        return dict(files)


def _most_alike(name: str, names: list[str]) -> list[str]:
    """Those of `names` that differ by few letters, then those of which `name` is a part."""
    longest = len(name) * (2 - _ALIKE) / _ALIKE
    shortest = len(name) * _ALIKE / (2 - _ALIKE)
    fitting = [n for n in names if shortest <= len(n) <= longest]
    close = difflib.get_close_matches(name, fitting, n=max(1, len(fitting)), cutoff=_ALIKE)
    if "_" not in name:
        return close
    longer = [n for n in names if n.startswith(f"{name}_") or n.endswith(f"_{name}")]
    return [*close, *sorted(longer, key=len)]
