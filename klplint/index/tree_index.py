"""The index of a tree: which files hold what a query asks for.

What a file holds of a query depends on that file alone, so after a change only the changed
files are searched again. A file's signature says whether it changed. A signature that is only
a moment old is not trusted: the file may change again within the same tick of the clock.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from klplint.cache.entries import Cache
from klplint.cache.keys import key_of
from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import IndexQuery
from klplint.index.passes import Passes
from klplint.index.saved_index import Hits, SavedIndex
from klplint.kernel.completeness import NO_TREE, gaps_in
from klplint.kernel.file_listing import DirectoryListing
from klplint.kernel.on_disk import Listing
from klplint.kernel.signatures import SETTLED, last_change
from klplint.kernel.sources import Sources, searchable
from klplint.process_pool import Workers
from klplint.progress import Progress
from klplint.statistics import Statistics

# From this many files on, searching the whole tree pays: later queries need no search.
_MANY = 4000
# Queries of earlier runs that are kept although this run did not ask them.
_MOST_KEPT = 2000
# Up to this many files are rather searched again in the next run, too, than the index is saved.
_FEW_CHANGED = 20
# A query with more stale files than this is dropped when the index is saved.
_MOST_STALE = 5000


class Index:
    """Answers which files of a tree hold a name; searches only what the cache does not have."""

    def __init__(
        self,
        sources: Sources,
        workers: Workers,
        seconds: float,
        cache: Cache | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        """`seconds` is the longest time that the search in one file may take."""
        self._sources = sources
        self.passes = Passes(sources.root, workers, seconds, statistics or Statistics())
        """The searches in files."""
        self._cache = cache
        self._hits: dict[IndexQuery, Hits] = {}
        self._unsorted: set[IndexQuery] = set()
        """The queries whose hits are not in the order of files."""
        self._stale: dict[IndexQuery, set[str]] = {}
        self._ahead: dict[IndexQuery, Hits] = {}
        """The hits in some files, of queries for which the others are not searched yet."""
        self._files_ahead: Sequence[str] = ()
        self._expected: list[Callable[[], Iterable[IndexQuery]]] = []
        self._is_loaded = False
        self._has_news = False

    @cached_property
    def files(self) -> Listing:
        """The files of the whole tree, listed at the first query that needs them."""
        return self._listing.files

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the kernel tree lacks; empty for a whole one, and where nobody asked about it."""
        if not self._is_loaded:
            return ()
        return (*self.tree_gaps, *sorted(self.passes.unreadable))

    @cached_property
    def tree_gaps(self) -> tuple[str, ...]:
        """What the kernel tree lacks, whether or not it was searched."""
        if self._sources.kernel.is_absent:
            return (NO_TREE,)
        return gaps_in(self._sources.kernel.root, self._listing)

    @property
    def listed_at(self) -> int:
        """When listing the files began, in nanoseconds since 1970."""
        return self._listed[0]

    @property
    def _listing(self) -> DirectoryListing:
        return self._listed[1]

    @cached_property
    def _listed(self) -> tuple[int, DirectoryListing]:
        ahead = self._sources.ahead
        began = ahead.began if ahead else time.time_ns()
        return began, searchable(self._sources)

    @cached_property
    def _paths(self) -> str:
        """The paths of the whole tree as one text, which is fast to search."""
        return "\0".join(["", *self.files, ""])

    def replace(self, changed: Listing) -> None:
        """Take files as they are now, by their signatures: they are searched again."""
        new = changed.keys() - self.files.keys()
        files = {**self.files, **changed}
        self.files = dict(sorted(files.items())) if new else files
        self._listed = self.listed_at, msgspec.structs.replace(self._listing, files=self.files)
        if new:
            self.__dict__.pop("_paths", None)
        self._ahead.clear()
        for file in changed:
            self.passes.unreadable.pop(file, None)
        for query, hits in self._hits.items():
            for file in changed.keys() & hits.keys():
                del hits[file]
            self._stale.setdefault(query, set()).update(changed)

    def in_directory(self, directory: str) -> list[str]:
        """The files of the tree that lie directly in a directory."""
        inside = re.escape(f"{directory}/" if directory else "")
        return [path[1:] for path in re.findall(rf"\0{inside}[^/\0]+(?=\0)", self._paths)]

    def ending_in(self, name: str) -> list[str]:
        """The files of the tree whose paths end in the path components of `name`."""
        paths, place = [], self._paths.find(f"{name}\0")
        while place >= 0:
            start = self._paths.rfind("\0", 0, place) + 1
            if self._paths[place - 1] in "/\0":
                paths.append(self._paths[start : place + len(name)])
            place = self._paths.find(f"{name}\0", place + 1)
        return paths

    def expect(self, queries: Callable[[], Iterable[IndexQuery]]) -> None:
        """Answer the queries that a function gives as well in the next pass over the whole tree.

        To look for more names in one pass costs less than a further pass. The function is called
        only if there is such a pass. What it gives need not be asked later.
        """
        self._expected.append(queries)

    def _expected_queries(self) -> set[IndexQuery]:
        """The expected queries that have no answer yet; from now on they are not expected."""
        expected, self._expected = self._expected, []
        queries = {query for each in expected for query in each()}
        return queries - self._hits.keys()

    def find(self, queries: Iterable[IndexQuery], progress: Progress) -> dict[IndexQuery, Hits]:
        """The hits of some queries in the whole tree, by file; files without hits are left out."""
        self._load()
        asked = sorted(set(queries), key=lambda q: q.order)
        stale = [query for query in asked if self._stale.get(query)]
        if stale:
            files = set().union(*(self._stale.pop(query) for query in stale))
            self._has_news = self._has_news or len(files) > _FEW_CHANGED
            self._search(stale, sorted(files), progress)
        new = [query for query in asked if query not in self._hits]
        if new:
            new += sorted(self._expected_queries() - {*new}, key=lambda q: q.order)
            self._has_news = True
            self._hits.update({query: self._ahead.get(query, {}) for query in new})
            self.search_all(new, progress)
        return {query: {**self._sorted_hits(query)} for query in asked}

    def _sorted_hits(self, query: IndexQuery) -> Hits:
        if query in self._unsorted:
            self._hits[query] = dict(sorted(self._hits[query].items()))
            self._unsorted.discard(query)
        return self._hits[query]

    def find_ahead(
        self, queries: Iterable[IndexQuery], files: Sequence[str], progress: Progress
    ) -> dict[IndexQuery, Hits]:
        """The hits of some queries in some files of the tree, if there are not those in all files.

        `files` are the same in all calls. A later pass for these queries searches only the others.
        """
        self._load()
        asked = sorted(set(queries), key=lambda q: q.order)
        new = [query for query in asked if query not in self._hits and query not in self._ahead]
        self._files_ahead = files
        self._ahead.update({query: {} for query in new})
        self._search(new, list(files), progress)
        return {query: self._hits_so_far(query) for query in asked}

    def _hits_so_far(self, query: IndexQuery) -> Hits:
        return self._hits[query] if query in self._hits else self._ahead[query]

    def search_all(self, queries: list[IndexQuery], progress: Progress) -> None:
        """Search the whole tree, without the files that were searched ahead for some queries."""
        ahead = frozenset(self._files_ahead)
        others = [query for query in queries if query not in self._ahead]
        for query in self._ahead.keys() & {*queries}:
            del self._ahead[query]
        if len(others) == len(queries):
            self._search(queries, list(self.files), progress)
            return
        self._search(others, [file for file in self.files if file in ahead], progress)
        self._search(queries, [file for file in self.files if file not in ahead], progress)

    def find_in(
        self, files: Sequence[str], queries: Iterable[IndexQuery], progress: Progress
    ) -> tuple[dict[IndexQuery, Hits], list[Unreadable]]:
        """The hits of some queries in some files, and the files that cannot be read."""
        asked, wanted = sorted(set(queries), key=lambda q: q.order), frozenset(files)
        if self.has_all(asked) or (len(wanted) > _MANY and 2 * len(wanted) > len(self.files)):
            inside = self.find(asked, progress)
            beyond = [file for file in files if file not in self.files]
            hits_in: dict[IndexQuery, Hits] = {
                query: {file: hit for file, hit in hits.items() if file in wanted}
                for query, hits in inside.items()
            }
            unreadable = [u for file, u in self.passes.unreadable.items() if file in wanted]
        else:
            hits_in, unreadable, beyond = {query: {} for query in asked}, [], list(files)
        scanned = self.passes.scan(asked, beyond, progress)
        for number, file, hit in scanned.hits:
            hits_in[asked[number]][file] = hit
        return hits_in, [*unreadable, *scanned.unreadable]

    def has_all(self, queries: Iterable[IndexQuery]) -> bool:
        """Whether the whole tree was searched for all of some queries."""
        asked = [*queries]
        if asked:
            self._load()
        return all(query in self._hits for query in asked)

    def _load(self) -> None:
        """Load the saved index; files that changed since are stale for every query in it."""
        if self._is_loaded:
            return
        self._is_loaded = True
        saved = self._saved()
        listed = self.files
        changed = saved.changed(listed)
        are_same = saved.lists_same(listed)
        for query, saved_hits, stale in saved.entries:
            hits = saved_hits if are_same else {f: h for f, h in saved_hits.items() if f in listed}
            self._stale[query] = changed | {file for file in stale if file in listed}
            for file in self._stale[query] & hits.keys():
                del hits[file]
            self._hits[query] = hits
        self._has_news = len(changed) > _FEW_CHANGED or not are_same

    def _saved(self) -> SavedIndex:
        if self._cache is not None:
            try:
                for content in self._cache.get([self._key]).values():
                    return msgspec.msgpack.decode(content, type=SavedIndex)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # a damaged entry is treated as missing
        return SavedIndex("", [], [])

    @cached_property
    def _key(self) -> bytes:
        return key_of("index", str(self._sources.home))

    def save(self) -> None:
        """Save the index for the next run."""
        if self._cache is None or not self._has_news:
            return
        trusted = {
            file: signature
            for file, signature in self.files.items()
            if last_change(signature) < self.listed_at - SETTLED
            and file not in self.passes.unreadable
        }
        kept = [query for query in self._hits if len(self._stale.get(query, ())) <= _MOST_STALE]
        saved = SavedIndex.of(trusted, [self._entry(q, trusted) for q in kept[-_MOST_KEPT:]])
        with contextlib.suppress(UnicodeEncodeError):  # a file name that is not UTF-8
            self._cache.put({self._key: msgspec.msgpack.encode(saved)})

    def _entry(self, query: IndexQuery, trusted: Listing) -> tuple[IndexQuery, Hits, list[str]]:
        """What is saved of a query: nothing about the other files, which may be gone by then."""
        hits = self._sorted_hits(query)
        if not hits.keys() <= trusted.keys():
            hits = {file: hit for file, hit in hits.items() if file in trusted}
        return query, hits, sorted(self._stale.get(query, set()) & trusted.keys())

    def _search(self, queries: list[IndexQuery], files: list[str], progress: Progress) -> None:
        """Search `files` for `queries`, and add the hits to the index."""
        scanned = self.passes.scan(queries, files, progress)
        for number, file, hit in scanned.hits:
            self._hits_so_far(queries[number])[file] = hit
            self._unsorted.add(queries[number])
        self.passes.unreadable.update({u.file: u for u in scanned.unreadable})


def files_naming(hits: Mapping[IndexQuery, Hits]) -> dict[str, frozenset[str]]:
    """The names that each file holds, from the hits of some `FilesNaming` queries."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for query, by_file in hits.items():
        for file in by_file:
            names[file].add(query.name)
    return {file: frozenset(held) for file, held in sorted(names.items())}
