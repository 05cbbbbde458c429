"""The index of a tree: which files hold what was ever asked of them, brought up to date.

What a file holds of a query hangs on that file alone, so after a change only the files that
changed are read again. Whether one changed is told by its signature; one that changed a moment
ago is not trusted, for it may change again within the same tick of the clock.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

import msgspec

from klplint.cache.entries import Cache
from klplint.cache.keys import key_of
from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import IndexQuery
from klplint.index.scan import Hit, Scanned, scan
from klplint.kernel.file_listing import GONE, SETTLED, Listing, last_change
from klplint.kernel.tree import Sources, searchable
from klplint.process_pool import Failure, Workers
from klplint.progress import Progress
from klplint.statistics import Statistics

# Parts of a pass for each process, and how few files are read in this one.
_PARTS = 6
_FEW = 400
# From so many files on it is worth while to know the whole tree.
_MANY = 4000
# Questions that nobody asked in this run are kept up to a number: another run may ask them.
_MOST_KEPT = 2000
# Where more files than these changed, a query that nobody asked meanwhile is dropped.
_MOST_WAITING = 5000

# Numbers of which a signature consists.
_NUMBERS = len(GONE)

Hits = dict[str, Hit]


class Book(msgspec.Struct):
    """What is known: of files as they were at their signatures, by query and file.

    The names of the files are one text, a null byte between each two, and the signatures one list
    of numbers: so they are read several times as fast.
    """

    names: str
    numbers: list[int]
    found: list[tuple[IndexQuery, Hits, list[str]]]
    """What files hold of a query, and the files that have to be looked at again for it."""

    @classmethod
    def of(cls, files: Listing, found: list[tuple[IndexQuery, Hits, list[str]]]) -> Book:
        """The book about some files."""
        return cls("\0".join(files), [*chain.from_iterable(files.values())], found)

    def __post_init__(self) -> None:
        if len(self.numbers) != _NUMBERS * (self.names.count("\0") + bool(self.names)):
            raise ValueError("as many signatures are expected as there are names")

    def is_about(self, files: Listing) -> bool:
        """Whether it is about just these files, as they are: much faster than to list them."""
        other = Book.of(files, [])
        return self.names == other.names and self.numbers == other.numbers

    def files(self) -> Listing:
        """The files with their signatures."""
        if not self.names:
            return {}
        signatures = zip(*(self.numbers[i::_NUMBERS] for i in range(_NUMBERS)), strict=True)
        return dict(zip(self.names.split("\0"), signatures, strict=True))


class Index:
    """Finds names in the files of a tree, in parallel."""

    def __init__(
        self,
        sources: Sources,
        workers: Workers,
        seconds: float,
        cache: Cache | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        """The index of the tree around `sources`; a pass over it takes `seconds` at most."""
        self._sources = sources
        self._root = sources.root
        self._workers = workers
        self._seconds = seconds
        self._cache = cache
        self._statistics = statistics or Statistics()
        self._known: dict[IndexQuery, Hits] = {}
        self._waiting: dict[IndexQuery, set[str]] = {}
        self._has_read = False
        self.changed: frozenset[str] = frozenset()
        """The files that are not as an earlier run knew them."""
        self._is_new = False
        self._trusted_before = 0
        self._unreadable: dict[str, Unreadable] = {}

    @cached_property
    def files(self) -> Listing:
        """The files of the whole tree; listed only when a query needs more than a few."""
        self._trusted_before = time.time_ns() - SETTLED
        return searchable(self._sources)

    @cached_property
    def _paths(self) -> str:
        """The files of the whole tree as one text, for that is searched in no time."""
        return "\0".join(["", *self.files, ""])

    def in_folder(self, folder: str) -> list[str]:
        """The files of the whole tree that lie in a folder itself."""
        inside = re.escape(f"{folder}/" if folder else "")
        return [path[1:] for path in re.findall(rf"\0{inside}[^/\0]+(?=\0)", self._paths)]

    def ending_in(self, name: str) -> list[str]:
        """The files of the whole tree whose paths end in `name`, whole parts of a path."""
        found, place = [], self._paths.find(f"{name}\0")
        while place >= 0:
            start = self._paths.rfind("\0", 0, place) + 1
            if self._paths[place - 1] in "/\0":
                found.append(self._paths[start : place + len(name)])
            place = self._paths.find(f"{name}\0", place + 1)
        return found

    def find(self, queries: Iterable[IndexQuery], progress: Progress) -> dict[IndexQuery, Hits]:
        """What each file of the tree holds of some queries; files that hold nothing left out."""
        self._read_book()
        asked = sorted(set(queries), key=lambda q: q.order)
        known = [query for query in asked if self._waiting.get(query)]
        if known:
            files = set().union(*(self._waiting.pop(query) for query in known))
            self._take_in(known, sorted(files), progress)
        new = [query for query in asked if query not in self._known]
        if new:
            self._known.update({query: {} for query in new})
            self._take_in(new, list(self.files), progress)
        return {query: dict(sorted(self._known[query].items())) for query in asked}

    def find_in(
        self, files: Sequence[str], queries: Iterable[IndexQuery], progress: Progress
    ) -> tuple[dict[IndexQuery, Hits], list[Unreadable]]:
        """What some files hold of some queries, and which of them cannot be read."""
        asked, wanted = sorted(set(queries), key=lambda q: q.order), frozenset(files)
        if self._knows(asked) or (len(wanted) > _MANY and 2 * len(wanted) > len(self.files)):
            inside = self.find(asked, progress)
            beyond = [file for file in files if file not in self.files]
            found: dict[IndexQuery, Hits] = {
                query: {file: hit for file, hit in hits.items() if file in wanted}
                for query, hits in inside.items()
            }
            unreadable = [u for file, u in self._unreadable.items() if file in wanted]
        else:
            found, unreadable, beyond = {query: {} for query in asked}, [], list(files)
        scanned = self._scan(asked, beyond, progress)
        for number, file, hit in scanned.hits:
            found[asked[number]][file] = hit
        return found, [*unreadable, *scanned.unreadable]

    def _knows(self, queries: list[IndexQuery]) -> bool:
        """Whether the whole tree has been looked through for all of some queries."""
        return all(query in self._known for query in queries)

    def _read_book(self) -> None:
        """Learn what earlier runs knew; files that changed since wait to be looked at again."""
        if self._has_read:
            return
        self._has_read = True
        book = self._kept_book()
        listed = self.files
        before = listed if book.is_about(listed) else book.files()
        changed = set[str]()
        if before is not listed:
            changed = {file for file in listed if before.get(file) != listed[file]}
            self.changed = frozenset(changed if before else ())
        for query, hits, waiting in book.found:
            self._waiting[query] = changed | {file for file in waiting if file in listed}
            self._known[query] = {
                file: hit
                for file, hit in hits.items()
                if file in listed and file not in self._waiting[query]
            }
        self._is_new = bool(changed) or len(before) != len(listed)

    def _kept_book(self) -> Book:
        if self._cache is not None:
            try:
                for content in self._cache.get([self._key]).values():
                    return msgspec.msgpack.decode(content, type=Book)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # damaged: as good as none
        return Book("", [], [])

    @cached_property
    def _key(self) -> bytes:
        return key_of("book", str(self._sources.home))

    def save(self) -> None:
        """Keep what was found for the next run."""
        if self._cache is None or not self._is_new:
            return
        trusted = {
            file: signature
            for file, signature in self.files.items()
            if last_change(signature) < self._trusted_before and file not in self._unreadable
        }
        kept = [
            (query, hits, sorted(self._waiting.get(query, ())))
            for query, hits in self._known.items()
            if len(self._waiting.get(query, ())) <= _MOST_WAITING
        ]
        book = Book.of(trusted, kept[-_MOST_KEPT:])
        with contextlib.suppress(UnicodeEncodeError):  # a file's name is no UTF-8
            self._cache.put({self._key: msgspec.msgpack.encode(book)})

    def _take_in(self, queries: list[IndexQuery], files: list[str], progress: Progress) -> None:
        """Find `queries` in `files` anew, and know it from now on."""
        self._is_new = True
        scanned = self._scan(queries, files, progress)
        for number, file, hit in scanned.hits:
            self._known[queries[number]][file] = hit
        self._unreadable.update({u.file: u for u in scanned.unreadable})

    def _scan(self, queries: list[IndexQuery], files: list[str], progress: Progress) -> Scanned:
        """A pass over some files: in this process if they are few, else in all of them."""
        if not files or not queries:
            return Scanned([], [])
        self._statistics.counts["files searched"] += len(files)
        if len(files) <= _FEW:
            return scan(self._root, files, queries)
        progress.begin("searching", len(files))
        found = Scanned([], [])
        size = -(-len(files) // (_PARTS * self._workers.jobs))
        chunks = [files[i : i + size] for i in range(0, len(files), size)]
        failed = self._scan_chunks(queries, chunks, found, progress)
        # What a part failed on, file by file: one of them is to blame.
        blamed = self._scan_chunks(queries, [[file] for file in failed], found, progress)
        found.unreadable.extend(Unreadable(file, "the search in it failed") for file in blamed)
        return found

    def _scan_chunks(
        self,
        queries: list[IndexQuery],
        chunks: list[list[str]],
        found: Scanned,
        progress: Progress,
    ) -> list[str]:
        """Add to `found` what is in some chunks of files; the files of those that failed."""
        failed: list[str] = []
        tasks = [(self._root, chunk, queries) for chunk in chunks]
        for number, part in self._workers.run(scan, tasks, self._seconds):
            if isinstance(part, Failure):
                failed += chunks[number]
            else:
                progress.advance(len(chunks[number]))
                found.hits.extend(part.hits)
                found.unreadable.extend(part.unreadable)
        return sorted(failed)


def files_naming(found: Mapping[IndexQuery, Hits]) -> dict[str, frozenset[str]]:
    """The names that each file holds, of some queries for words."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for query, hits in found.items():
        for file in hits:
            names[file].add(query.name)
    return {file: frozenset(held) for file, held in sorted(names.items())}
