"""The contexts of the barriers in a directory, whose files call each other's functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from klplint.csource.accesses import Seen
from klplint.facts.barrier_contexts import AccessKind, FileContexts
from klplint.facts.region import Fact
from klplint.partners.access_rules import AccessRules
from klplint.partners.beside import Asked
from klplint.partners.collect import ContextReader


class FileReading(Fact, frozen=True, array_like=True):
    """What was read in a file."""

    contexts: FileContexts
    shared: tuple[str, ...]
    """The functions that other files can call."""
    asked: tuple[Asked, ...]
    """What it asked about those of the files beside it."""


class Answer(Fact, frozen=True, array_like=True):
    """What a function touches, as another file asked."""

    asked: Asked
    touched: tuple[Seen, ...]


class DirectoryReading(Fact, frozen=True, array_like=True):
    """What was read in a directory."""

    files: dict[str, FileReading]
    """The files by path, in order."""
    answers: tuple[Answer, ...]
    """The answers to what the files asked."""

    @property
    def contexts(self) -> tuple[FileContexts, ...]:
        """The contexts of the barriers in all files."""
        return tuple(file.contexts for file in self.files.values())


NOTHING_READ = DirectoryReading({}, ())


def contexts_in(texts: Mapping[str, str], rules: AccessRules) -> tuple[FileContexts, ...]:
    """The contexts of the barriers in the files of a directory, given their texts by path."""
    return reading_of(texts, texts.__getitem__, rules).contexts


def reading_of(
    files: Iterable[str],
    text_of: Callable[[str], str],
    rules: AccessRules,
    before: DirectoryReading = NOTHING_READ,
    same: AbstractSet[str] = frozenset(),
) -> DirectoryReading:
    """What is in the files of a directory: what a change since `before` concerns is read again.

    `files` are all that hold barriers; those that are the `same` have the text that they had.
    """
    paths = [*files]
    readers = _Readers(lambda path: ContextReader(text_of(path), path, rules))
    shared = {p: before.files[p].shared if p in same else readers[p].shared for p in paths}
    beside = _Beside(shared, readers, before, same)
    concerned = [
        path
        for path in paths
        if path not in same
        or not beside.new_answers.isdisjoint(before.files[path].asked)
        or any(name in text_of(path) for name in beside.new_names)
    ]
    read = {path: _read(readers[path], beside) for path in concerned}
    all_files = {path: read[path] if path in read else before.files[path] for path in paths}
    readers.clear()
    return DirectoryReading(all_files, tuple(beside.answers_to(all_files.values())))


def _read(reader: ContextReader, beside: _Beside) -> FileReading:
    contexts, asked = reader.reading(beside)
    return FileReading(contexts, reader.shared, asked)


class _Readers(dict[str, ContextReader]):
    """The readers of files, made where they are needed."""

    def __init__(self, make: Callable[[str], ContextReader]) -> None:
        self._make = make

    def __missing__(self, path: str) -> ContextReader:
        self[path] = reader = self._make(path)
        return reader


class _Beside:
    """What the functions touch that the files of a directory define for each other."""

    def __init__(
        self,
        shared: Mapping[str, Iterable[str]],
        readers: _Readers,
        before: DirectoryReading,
        same: AbstractSet[str],
    ) -> None:
        """`shared` has the functions of each file that others can call."""
        self._readers = readers
        self._definers = _definers(shared)
        old_definers = _definers({path: file.shared for path, file in before.files.items()})
        self.new_names = self._definers.keys() - old_definers.keys()
        """The functions that no file defined before: nobody could ask about them."""
        old = {each.asked: each.touched for each in before.answers}
        self._answers = {
            asked: touched
            for asked, touched in old.items()
            if (path := self._definers.get(asked[0])) in same and path == old_definers[asked[0]]
        }
        self.new_answers = {asked for asked in old if self.touched(*asked) != old[asked]}
        """What was asked before and has another answer now."""

    @property
    def defined(self) -> AbstractSet[str]:
        """The functions that a file defines for others."""
        return self._definers.keys()

    def touched(self, name: str, kind: AccessKind | None) -> tuple[Seen, ...] | None:
        """What a function touches; None if no file defines it for others."""
        path, asked = self._definers.get(name), (name, kind)
        if path is None:
            return None
        if asked not in self._answers:
            self._answers[asked] = self._readers[path].touched_outside(name, kind)
        return self._answers[asked]

    def answers_to(self, files: Iterable[FileReading]) -> Iterator[Answer]:
        """The answers to what some files asked, in order."""
        asked = {each for file in files for each in file.asked}
        for each in sorted(asked, key=lambda asked: (asked[0], asked[1] or "")):
            yield Answer(each, self._answers[each])


def _definers(shared: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The files that define functions for others; of several with a name the first."""
    definers: dict[str, str] = {}
    for path, names in shared.items():
        for name in names:
            definers.setdefault(name, path)
    return definers


def directory_of(path: str) -> str:
    """The directory of a file; "" at the top."""
    return path.rpartition("/")[0]
