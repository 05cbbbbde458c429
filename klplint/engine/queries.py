"""Answers to the checks' queries about other files, from the index of the tree."""

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
from klplint.csource.comment_text import may_be_in_comment
from klplint.csource.definitions import definitions_in, used_as, whole_file
from klplint.csource.function_details import with_details
from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.engine.kernel_queries import answer_kernel_queries
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import (
    CallsOf,
    DefinedIn,
    Definition,
    DefinitionsOf,
    DetailsIn,
    FileQuery,
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
from klplint.frontend.named_at_barriers import named_at_barriers
from klplint.index.tree_index import Index
from klplint.kernel.signatures import are_settled, signature_of
from klplint.kernel.sources import Sources
from klplint.source_text import decode_source, decode_source_at, source_or_nothing
from klplint.worker_process import Failure

# How many uses of a name are read before it counts as used nowhere.
_MOST_USES = 40
# How similar a name has to be, from 0 to 1, to be offered for one that is gone.
_ALIKE = 0.85
# Up to this many files are read in this process: to start others takes longer.
_FEW = 40
# The words of a line that may begin a function or a macro's definition.
_HEAD = re.compile(r"^(?:#[ \t]*define[ \t]+\w+\(|[A-Za-z_].*\(\s*\w*)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")

Answers = dict[Query, tuple[Definition, ...]]


class Place(msgspec.Struct, frozen=True, order=True):
    """An occurrence of a query's name in a file."""

    file: str
    start: int
    """The offset in bytes."""


class ReadingTask(msgspec.Struct, frozen=True):
    """A query whose answer takes reading some files: as a whole, or only at `places`."""

    query: DefinitionsOf | FileQuery
    files: tuple[str, ...]
    places: tuple[Place, ...] = ()


class Asker(Protocol):
    """Whatever has queries; each check does."""

    def queries(self, tree: TreeFacts) -> Iterable[Query]:
        """The queries that have to be answered, given the answers that `tree` holds already."""


def answer_queries(
    facts: Mapping[str, FileFacts], askers: Iterable[Asker], session: Session
) -> TreeFacts:
    """The facts with the answers to all queries of `askers`.

    Each round of answers may lead to further queries; the last round has none. Queries that need
    a pass over the tree wait until there are no others, so that there are few passes.
    """
    version, gaps = session.sources.kernel.version, session.index.gaps
    tree = TreeFacts(version, facts, gaps=gaps, memo=session.memo)
    asking = list(askers)
    while new := {q for a in asking for q in a.queries(tree)} - tree.answers.keys():
        quick = [query for query in new if session.index.has_all(index_queries([query]))]
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
            places = [Place(file, start) for file, hit in hits.items() for start in hit.places]
            if isinstance(query, DefinitionsOf) and not answers[query] and places:
                first = tuple(places[:_MOST_USES])
                tasks.append(ReadingTask(query, tuple(dict.fromkeys(p.file for p in first)), first))
    for each, definitions in _done(tasks, session):
        answers[each].update(definitions)
    by_kernel = [query for query in asked if isinstance(query, KernelQuery)]
    for asked_of, definitions in answer_kernel_queries(by_kernel, session):
        answers[asked_of].update(definitions)
    return {q: tuple(sorted(each, key=_order)) for q, each in answers.items()}


def index_queries(queries: Iterable[Query]) -> list[IndexQuery]:
    """What the index has to answer before some queries can be answered."""
    by_index: set[IndexQuery] = set()
    for query in queries:
        if isinstance(query, DefinitionsOf | HandedOver | CallsOf):
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
    keys = {task: _key(task, session.sources) for task in tasks}
    cached = session.recall(filter(None, keys.values()), tuple[Definition, ...])
    answers = {task: cached[key] for task, key in keys.items() if key and key in cached}
    new = dict(_carried_out([task for task in keys if task not in answers], session))
    session.remember({key: new[task] for task, key in keys.items() if key and task in new})
    for task in keys:
        yield task.query, new[task] if task in new else answers.get(task, ())


def _key(task: ReadingTask, sources: Sources) -> bytes | None:
    """The cache key of a task: it holds for the files with their current signatures.

    None where a file changed a moment ago: the answer must not be cached.
    """
    signatures = [signature_of(sources.root / file) for file in task.files]
    if not are_settled(signatures):
        return None
    return key_of("answer", str(sources.home), task, signatures)


def _carried_out(
    tasks: list[ReadingTask], session: Session
) -> Iterator[tuple[ReadingTask, tuple[Definition, ...]]]:
    """The answers of tasks, read in parallel; one process takes all tasks about a set of files."""
    together: defaultdict[tuple[object, ...], list[ReadingTask]] = defaultdict(list)
    for task in tasks:
        together[task.files, bool(task.places)].append(task)
    groups = [(session.sources.root, group) for group in together.values()]
    files = [file for group in together.values() for file in group[0].files]
    if session.index.is_quick(files, _FEW):
        for root, group in groups:
            yield from read_files(root, group)
        return
    seconds = session.index.seconds_for(max(len(group[0].files) for _, group in groups))
    for number, part in session.workers.run(read_files, groups, seconds):
        if isinstance(part, Failure):
            session.index.give_up(groups[number][1][0].files)
        else:
            yield from part


def read_files(
    root: Path, tasks: list[ReadingTask]
) -> list[tuple[ReadingTask, tuple[Definition, ...]]]:
    """The answers of tasks about the same files, each read once; runs in a worker."""
    if tasks[0].places:
        uses = _Uses(root)
        return [(task, uses.first(task)) for task in tasks]
    files = _FileSet(root, tasks[0].files)
    return [(task, tuple(files.answer(task.query))) for task in tasks]


class _Uses:
    """The uses of names at places that a search found; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, tuple[bytes, Source]] = {}

    def first(self, task: ReadingTask) -> tuple[Definition, ...]:
        """The first call of a name in code, else its first use as something else."""
        other = None
        for place in task.places:
            try:
                content, source = self._source(place.file)
            except OSError:
                continue  # deleted since the search
            start = decode_source_at(content, place.start)[1]
            use = used_as(source, place.file, task.query.name, start)
            if use and use.kind == "use":
                return (use,)
            other = other or use
        return (other,) if other else ()

    def _source(self, file: str) -> tuple[bytes, Source]:
        if file not in self._read:
            content = (self._root / file).read_bytes()
            self._read[file] = content, Source(decode_source(content))
        return self._read[file]


class _FileSet:
    """Some files that answer a few queries; each is read by its tokens only if need be."""

    def __init__(self, root: Path, files: Sequence[str]) -> None:
        self._root = root
        self._files = files
        self._texts: dict[str, str] = {}
        self._outlines: dict[str, Outline] = {}
        self._handed: dict[str, Handovers] = {}

    def answer(self, query: Query) -> Iterator[Definition]:
        """The definitions that answer a query."""
        match query:
            case SourceFile():
                yield from (whole_file(self._outline(file).source, file) for file in self._files)
            case HandedIn():
                yield from self._handovers(query.file).of(query.name)
            case StoredAs():
                yield from self._stored_as(query.name, query.file)
            case DefinedIn():
                yield from self._definitions(query.name, self._files)
            case DetailsIn():
                yield from with_details(self._outline(query.file), query.file, query.name)
            case NamedAtBarriers():
                for file in self._files:
                    if may_be_in_comment(self._text(file), query.name):
                        yield from named_at_barriers(self._outline(file), file, query)
            case _:
                yield from self._named_like(query.name)

    def _text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = source_or_nothing(self._root / file)
        return self._texts[file]

    def _outline(self, file: str) -> Outline:
        if file not in self._outlines:
            self._outlines[file] = Outline(Source(self._text(file)))
        return self._outlines[file]

    def _handovers(self, file: str) -> Handovers:
        if file not in self._handed:
            self._handed[file] = Handovers(self._outline(file), file)
        return self._handed[file]

    def _definitions(self, name: str, files: Iterable[str]) -> list[Definition]:
        return [d for file in files for d in definitions_in(self._outline(file), file, name)]

    def _stored_as(self, member: str, file: str) -> list[Definition]:
        """The functions that a file stores in a member; else its one function `*_member`."""
        outline = self._outline(file)
        setting = re.compile(rf"(?:\.|->)\s*{re.escape(member)}\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,;}}]")
        stored = dict.fromkeys(match[1] for match in setting.finditer(outline.source.statements))
        functions = [d for name in stored for d in definitions_in(outline, file, name)]
        if functions:
            return functions
        alike = [body.name for body in outline.bodies if body.name.endswith(f"_{member}")]
        return list(definitions_in(outline, file, alike[0])) if len(set(alike)) == 1 else []

    def _named_like(self, name: str) -> list[Definition]:
        """The definitions of the name most similar to `name`."""
        for close in _most_alike(name, sorted(self._heads)):
            definitions = self._definitions(close, self._heads[close])
            if any(d.kind in {"function", "macro"} for d in definitions):
                return definitions
        return []

    @cached_property
    def _heads(self) -> dict[str, list[str]]:
        """The names that may be defined in these files, by the lines that begin a definition."""
        files: defaultdict[str, list[str]] = defaultdict(list)
        for file in self._files:
            heads = _HEAD.findall(self._text(file))
            for name in {word for head in heads for word in _WORD.findall(head)}:
                files[name].append(file)
        return dict(files)


def _most_alike(name: str, names: list[str]) -> list[str]:
    """Those of `names` that differ by a few letters, then those that contain `name`."""
    longest = len(name) * (2 - _ALIKE) / _ALIKE
    shortest = len(name) * _ALIKE / (2 - _ALIKE)
    fitting = [n for n in names if shortest <= len(n) <= longest]
    close = difflib.get_close_matches(name, fitting, n=max(1, len(fitting)), cutoff=_ALIKE)
    if "_" not in name:
        return close
    holding = [n for n in names if name in n]
    longer = [n for n in holding if n.startswith(f"{name}_") or n.endswith(f"_{name}")]
    return [*close, *sorted(longer, key=len)]
