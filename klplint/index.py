"""The index of a tree: answers what checks ask of other files, by a search on demand.

All questions of a round share one pass over the tree. A pass finds each name as a word, reads
those files in which a definition may begin, and, for names that are defined nowhere, looks
whether code uses them.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from klplint.definitions import (
    definitions_in,
    handed_in,
    is_static,
    may_define,
    used_as,
    wanted_pattern,
    whole_file,
)
from klplint.facts import FileFacts
from klplint.lexer import Source
from klplint.outline import Outline
from klplint.progress import Progress
from klplint.questions import Definition, Question, TreeFacts
from klplint.search import Words
from klplint.survey import Setup
from klplint.textfile import decode, decode_to, source_or_nothing
from klplint.tree import Sources, searchable
from klplint.workers import Failure, Workers

# A pass hands each process some thousand files at once: the words to look for are compiled anew.
_CHUNK = 8000
# Uses of one name that are looked at before it counts as used nowhere, and at most in a chunk.
_MOST_USES = 40
_USES_IN_CHUNK = 10
# How alike a name has to be to be offered for one that is gone.
_ALIKE = 0.85

# A name that is called or declared is not handed over.
_CALL_FOLLOWS = re.compile(rb"\w+\s*\(")

Answers = dict[Question, tuple[Definition, ...]]


class Asker(Protocol):
    """What asks questions of the tree; each check does."""

    def questions(self, tree: TreeFacts) -> Iterable[Question]:
        """What it wants to know to judge the files of `tree`, given the answers so far."""


def ask(
    facts: Mapping[str, FileFacts],
    askers: Iterable[Asker],
    sources: Sources,
    setup: Setup,
    progress: Progress,
) -> TreeFacts:
    """The tree with the answers to all that `askers` ask on `facts`, round after round."""
    tree = TreeFacts(sources.kernel.version, facts)
    asking = list(askers)
    with contextlib.ExitStack() as stack:
        index: Index | None = None
        while new := {q for a in asking for q in a.questions(tree)} - tree.answers.keys():
            if index is None:
                workers = stack.enter_context(Workers(setup.jobs, setup.seconds_per_pass))
                index = Index(sources.root, partial(searchable, sources), workers)
            tree = msgspec.structs.replace(
                tree, answers={**tree.answers, **index.answer(new, progress)}
            )
    return tree


class Place(msgspec.Struct, frozen=True, order=True):
    """A file that holds the name of a question, at a byte of its content."""

    file: str
    start: int


class Found(msgspec.Struct):
    """What a pass found in some files: definitions, and places that are none."""

    definitions: list[tuple[Question, Definition]]
    places: list[tuple[Question, Place]]


class Index:
    """Answers questions on the files of a tree, in parallel."""

    def __init__(
        self, root: Path, list_files: Callable[[], tuple[str, ...]], workers: Workers
    ) -> None:
        """`list_files` gives the files below `root` that may answer."""
        self._root = root
        self._list_files = list_files
        self._workers = workers

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that may answer; listed only when a question needs more than one file."""
        return self._list_files()

    def answer(self, questions: Iterable[Question], progress: Progress) -> Answers:
        """The answers to some questions, those that no definition answers included."""
        asked = sorted(set(questions))
        answers: dict[Question, set[Definition]] = {question: set() for question in asked}
        for question, definition in (*self._names(asked, progress), *self._others(asked)):
            answers[question].add(definition)
        return {q: tuple(sorted(found, key=_order)) for q, found in answers.items()}

    def _names(
        self, questions: list[Question], progress: Progress
    ) -> Iterator[tuple[Question, Definition]]:
        asked = [question for question in questions if question.kind in ("name", "handed")]
        if not asked:
            return
        progress.begin("looking up", len(self.files))
        chunks = [self.files[i : i + _CHUNK] for i in range(0, len(self.files), _CHUNK)]
        places: defaultdict[Question, list[Place]] = defaultdict(list)
        defined = set()
        for number, found in self._workers.run(_pass, [(self._root, c, asked) for c in chunks]):
            progress.advance(len(chunks[number]))
            if isinstance(found, Failure):
                continue
            for question, definition in found.definitions:
                defined.add(question)
                yield question, definition
            for question, place in found.places:
                places[question].append(place)
        undefined = [q for q in asked if q.kind == "name" and q not in defined]
        tasks = [(self._root, q, sorted(places[q])[:_MOST_USES]) for q in undefined if places[q]]
        for _, use in self._workers.run(_first_use, tasks):
            if use is not None and not isinstance(use, Failure):
                yield use

    def _others(self, questions: list[Question]) -> Iterator[tuple[Question, Definition]]:
        tasks: list[tuple[object, ...]] = []
        own: defaultdict[str, list[Question]] = defaultdict(list)
        for question in questions:
            if question.kind == "file":
                tasks += [(self._root, question, (path,)) for path in self._called(question)]
            elif question.kind == "alike":
                tasks.append((self._root, question, tuple(self._beside(question.near))))
            elif question.kind == "own":
                own[question.near].append(question)
        of_files = [(self._root, path, asked) for path, asked in own.items()]
        for found in (*self._workers.run(_read, tasks), *self._workers.run(_read_own, of_files)):
            if not isinstance(found[1], Failure):
                yield from found[1]

    def _called(self, question: Question) -> list[str]:
        """The files that a path, or the end of one, means: if possible one near the asker."""
        name = question.name
        ends = [f for f in self.files if f == name or f.endswith(f"/{name}")]
        beside = str(PurePosixPath(question.near).parent / name)
        return next(([f] for f in (name, beside) if f in ends), ends)

    def _beside(self, path: str) -> list[str]:
        folder = PurePosixPath(path).parent
        return [f for f in self.files if PurePosixPath(f).parent == folder]


def _order(definition: Definition) -> tuple[str, object, str]:
    return definition.path, definition.region, definition.name


def _pass(root: Path, files: Iterable[str], questions: list[Question]) -> Found:
    """Look for the names of `questions` in some files; runs in a worker."""
    asking: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        asking[wanted_pattern(question.name)].append(question)
    words = Words(asking)
    found = Found([], [])
    count: defaultdict[Question, int] = defaultdict(int)
    for file in files:
        try:
            content = (root / file).read_bytes()
        except OSError:
            continue  # the search has told of it
        defining: dict[Question, None] = {}
        for pattern, start in words.places(content):
            may = may_define(content, start)
            for question in asking[pattern]:
                if question.kind == "handed":
                    if not _CALL_FOLLOWS.match(content, start):
                        defining[question] = None
                elif may and not _is_foreign(question, file, content, start):
                    defining[question] = None
                elif count[question] < _USES_IN_CHUNK:
                    count[question] += 1
                    found.places.append((question, Place(file, start)))
        if defining:
            outline = Outline(Source(decode(content)))
            for question in defining:
                find = handed_in if question.kind == "handed" else definitions_in
                found.definitions += [(question, d) for d in find(outline, file, question.name)]
    return found


def _is_foreign(question: Question, file: str, content: bytes, start: int) -> bool:
    """Whether a definition is one that the asker cannot mean: static, in another C file."""
    near = question.near
    return bool(near) and file != near and file.endswith(".c") and is_static(content, start)


def _first_use(
    root: Path, question: Question, places: list[Place]
) -> tuple[Question, Definition] | None:
    """The first call that code makes of a name, else its first use as something else."""
    other = None
    for place in places:
        text, start = decode_to((root / place.file).read_bytes(), place.start)
        use = used_as(Source(text), place.file, question.name, start)
        if use and use.kind == "use":
            return question, use
        other = other or use
    return (question, other) if other else None


def _read(
    root: Path, question: Question, files: Iterable[str]
) -> list[tuple[Question, Definition]]:
    """Files that are asked for as a whole, or for a name that is much like another."""
    outlines = {file: Outline(Source(source_or_nothing(root / file))) for file in files}
    if question.kind == "file":
        return [(question, whole_file(o.source, file)) for file, o in outlines.items()]
    names = {name for outline in outlines.values() for name in _defined_names(outline)}
    alike = _most_alike(question.name, sorted(names))
    return [
        (question, definition)
        for file, outline in outlines.items()
        if alike is not None
        for definition in definitions_in(outline, file, alike)
    ]


def _read_own(
    root: Path, path: str, questions: list[Question]
) -> list[tuple[Question, Definition]]:
    """What one file itself defines."""
    outline = Outline(Source(source_or_nothing(root / path)))
    return [(q, d) for q in questions for d in definitions_in(outline, path, q.name)]


def _most_alike(name: str, names: list[str]) -> str | None:
    """The one of `names` that differs by few letters, else one of which `name` is a part."""
    for close in difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE):
        return close
    longer = [n for n in names if n.startswith(f"{name}_") or n.endswith(f"_{name}")]
    return min(longer, key=len, default=None) if "_" in name else None


def _defined_names(outline: Outline) -> Iterator[str]:
    yield from (body.name for body in outline.bodies)
    yield from (macro.name for macro in outline.macros if macro.parameters is not None)
