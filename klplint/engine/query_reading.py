"""Reads files for the answers to queries; runs in workers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from klplint.csource.comment_text import may_be_in_comment
from klplint.csource.definitions import definitions_in, whole_file
from klplint.csource.function_details import with_details
from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.name_uses import Use, first_use, is_data, uses_in
from klplint.csource.outline import Outline
from klplint.csource.similar_names import SHORT_FOR, SimilarNames
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    DetailsIn,
    FileQuery,
    HandedIn,
    NamedAtBarriers,
    NamedLike,
    Query,
    SourceFile,
    StoredAs,
)
from klplint.frontend.named_at_barriers import named_at_barriers
from klplint.source_text import source_or_nothing

# The words of a line that may begin a function or a macro's definition.
_HEAD = re.compile(r"^(?:#[ \t]*define[ \t]+\w+\(|[A-Za-z_].*\(\s*\w*)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


# Files that are read for a call of what is only used otherwise.
_MOST_FILES = 40


class ReadingTask(msgspec.Struct, frozen=True):
    """A query whose answer takes reading some files."""

    query: DefinitionsOf | FileQuery
    files: tuple[str, ...]
    is_for_uses: bool = False
    """Whether the tree does not define the name, so that its uses say what it is."""


def read_files(
    root: Path, tasks: list[ReadingTask]
) -> list[tuple[ReadingTask, tuple[Definition, ...]]]:
    """The answers of tasks about the same files, each read once; runs in a worker."""
    if tasks[0].is_for_uses:
        uses = _Uses(root)
        return [(task, uses.first(task)) for task in tasks]
    files = _FileSet(root, tasks[0].files)
    return [(task, tuple(files.answer(task.query))) for task in tasks]


class _Uses:
    """The uses of names in the files that a search found; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, Source] = {}

    def first(self, task: ReadingTask) -> tuple[Definition, ...]:
        """The first call of a name in code, else its first use as something else."""
        other, uses, name = None, list[list[Use]](), task.query.name
        for number, file in enumerate(task.files):
            if other and number >= _MOST_FILES:
                return (other,)
            source = self._source(file)
            use = first_use(source, file, name)
            if use and use.kind == "use":
                return (use,)
            other = other or use
            uses.append(uses_in(source, file, name))
        return (msgspec.structs.replace(other, uncallable=is_data(uses)),) if other else ()

    def _source(self, file: str) -> Source:
        if file not in self._read:
            self._read[file] = Source(source_or_nothing(self._root / file))
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
            case NamedLike():
                yield from self._named_like(query.name, query.asker)

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

    def _named_like(self, name: str, asker: str) -> list[Definition]:
        """The definitions of the name nearest to `name`; none if several are equally near.

        Of those equally near, one in the file that asks is meant. Where many in other files end
        in `name`, one that is only spelt otherwise may still be meant.
        """
        for near, names in self._names.nearest_first(name):
            defined = {each: self._functions(each) for each in names}
            here = {n: d for n, d in defined.items() if any(each.path == asker for each in d)}
            candidates = [d for d in (here or defined).values() if d]
            if len(candidates) == 1:
                return candidates[0]
            if candidates and (here or near.rank != SHORT_FOR):
                return []
        return []

    def _functions(self, name: str) -> list[Definition]:
        """The definitions of a name that can be called."""
        definitions = self._definitions(name, self._heads[name])
        callable_ones = any(d.kind in {"function", "macro"} for d in definitions)
        return definitions if callable_ones else []

    @cached_property
    def _names(self) -> SimilarNames:
        return SimilarNames(self._heads)

    @cached_property
    def _heads(self) -> dict[str, list[str]]:
        """The names that may be defined in these files, by the lines that begin a definition."""
        files: defaultdict[str, list[str]] = defaultdict(list)
        for file in self._files:
            heads = _HEAD.findall(self._text(file))
            for name in {word for head in heads for word in _WORD.findall(head)}:
                files[name].append(file)
        return dict(files)
