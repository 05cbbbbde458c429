"""Which headers a file may include, directly or not, whatever the conditions: as one digest.

A name means each header of that name on the include path: which one a compiler takes is not asked,
but that each of them is there, and its content, are part of the digest. Headers that include each
other have one digest together, so all digests take one pass over the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from klplint.csource.includes import Include
from klplint.engine.files_read import FilesRead
from klplint.kernel.stub_headers import SHADOWED
from klplint.source_text import digest, to_bytes

_NO_NAMES: frozenset[str] = frozenset()


class Closure(NamedTuple):
    """What a file depends on through its includes."""

    digest: bytes
    """The digest of the file and of all that it may include."""
    open_names: frozenset[str]
    """The names that a further directory, behind the include path, may give a meaning."""
    is_wide: bool = False
    """Whether a macro names a header, in a header directory: it may be each header."""
    is_unknown: bool = False
    """Whether a macro names a header elsewhere: then it may be any file."""
    leads_out: bool = False
    """Whether it depends on files outside of the header directories."""


class Meaning(NamedTuple):
    """What an include means on the include path."""

    paths: tuple[str, ...]
    names: str
    """The names of these paths for keys, one a line."""
    is_found: bool
    """Whether a compiler looks no further."""


class _Node(NamedTuple):
    """A file in the graph."""

    alone: Closure
    """What counts of the file, without what it includes."""
    included: tuple[str, ...]
    """The files that it may include."""


class IncludeGraph:
    """The files that may include each other under one include path."""

    def __init__(
        self,
        files: FilesRead,
        path: Sequence[str],
        places: Iterable[str],
        stubs: Mapping[str, str],
        is_exact: bool = True,
    ) -> None:
        """`path` are the directories of the include path, within the header directories `places`.

        `stubs` are the stub headers that include a header of the tree. Unless `is_exact`, files
        outside of `places` may have other directories before these.
        """
        self._files = files
        self._path = path
        self._places = tuple(f"{place}/" for place in places)
        self._stubs = stubs
        self._is_exact = is_exact
        self._meanings: dict[Include, Meaning] = {}
        self.closures: dict[str, Closure] = {}
        """What each file depends on, as far as it was asked for."""

    def closure(self, path: str) -> Closure:
        """What a file depends on."""
        if path not in self.closures:
            _Walk(self._node, self.closures).visit(path)
        return self.closures[path]

    def meant(self, include: Include) -> Meaning:
        """The headers that an include means on the include path."""
        meaning = self._meanings.get(include)
        if meaning is None:
            meaning = self._meanings[include] = self._looked_up(include)
        return meaning

    def _looked_up(self, include: Include) -> Meaning:
        name = include.name
        if name == SHADOWED and not include.is_quoted and not include.is_next:
            return Meaning((), "", is_found=True)
        files, paths = self._files, list[str]()
        if name:
            paths = files.in_headers(self._path, name)
        if name in self._stubs:
            paths += files.in_headers(self._path, self._stubs[name])
        is_found = name in self._stubs or any(files.read(path).is_readable for path in paths)
        names = "\n".join(map(files.name, paths))
        return Meaning(tuple(paths), names, is_found and not include.is_next)

    def forget(self, path: str, is_included: bool) -> None:
        """Look again at a file that has changed; if `is_included`, at those that include it."""
        if is_included:
            self.closures.clear()
            self._meanings.clear()
        else:
            self.closures.pop(path, None)

    def _node(self, path: str) -> _Node:
        is_inside = path.startswith(self._places)
        is_closed = is_inside or self._is_exact
        file = self._files.read(path)
        parts = [self._files.name(path), file.digest.hex()]
        included, further = list[str](), list[str]()
        for include in file.includes:
            meaning = self.meant(include)
            is_found = meaning.is_found and is_closed
            if include.is_quoted:
                beside = self._files.located(path.rpartition("/")[0], include.name)
                is_found = self._is_final(include, beside)
                parts.append(self._files.name(beside or ""))
                included += [beside] if beside else []
            parts.append(meaning.names)
            included += meaning.paths
            if not is_found:
                further.append(include.name)
        is_computed = "" in further
        names = frozenset(further) - {""} if further else _NO_NAMES
        closure = Closure(
            digest([to_bytes("\0".join(parts))]),
            names,
            is_computed and is_inside,
            is_computed and not is_inside,
            not is_inside or any(include.leads_out for include in file.includes),
        )
        return _Node(closure, tuple(included))

    def _is_final(self, include: Include, beside: str | None) -> bool:
        """Whether a compiler looks no further than beside the file that includes another one."""
        return beside is not None and self._files.read(beside).is_readable and not include.is_next


class _Walk:
    """Tarjan's search for files that include each other, without recursion."""

    def __init__(self, make_node: Callable[[str], _Node], closures: dict[str, Closure]) -> None:
        """`closures` gets what each visited file depends on."""
        self._make_node = make_node
        self._closures = closures
        self._nodes: dict[str, _Node] = {}
        self._lowest: dict[str, int] = {}
        """The lowest number of a file that a file leads back to, or its own."""
        self._unclosed: list[str] = []
        self._entered: list[tuple[str, int, Iterator[str]]] = []
        """The files on the way to the one that is visited, with what is left to visit of each."""

    def visit(self, path: str) -> None:
        """Find what a file and all that it includes depend on."""
        self._enter(path)
        while self._entered:
            path, number, included = self._entered[-1]
            for each in included:
                if each in self._closures:
                    continue
                if each not in self._nodes:
                    self._enter(each)
                    break
                self._lowest[path] = min(self._lowest[path], self._lowest[each])
            else:
                self._leave(path, number)

    def _enter(self, path: str) -> None:
        number = len(self._nodes)
        self._nodes[path] = node = self._make_node(path)
        self._lowest[path] = number
        self._unclosed.append(path)
        self._entered.append((path, number, iter(node.included)))

    def _leave(self, path: str, number: int) -> None:
        self._entered.pop()
        lowest = self._lowest[path]
        if lowest == number:
            place = len(self._unclosed) - 1
            while self._unclosed[place] != path:
                place -= 1
            members = self._unclosed[place:]
            del self._unclosed[place:]
            self._close(members)
        else:
            including = self._entered[-1][0]
            self._lowest[including] = min(self._lowest[including], lowest)

    def _close(self, members: Sequence[str]) -> None:
        """Give files that include each other what they depend on together."""
        nodes = [self._nodes[path] for path in members]
        below = {path for node in nodes for path in node.included}.difference(members)
        alone = [node.alone for node in nodes]
        further = {self._closures[path] for path in below}
        digests = [str(len(alone)).encode()]
        digests += sorted(part.digest for part in alone)
        digests += sorted(part.digest for part in further)
        parts = further.union(alone)
        closure = Closure(
            digest([b"".join(digests)]),
            _union({part.open_names for part in parts}),
            any(part.is_wide for part in parts),
            any(part.is_unknown for part in parts),
            any(part.leads_out for part in parts),
        )
        for path in members:
            self._closures[path] = closure


def _union(sets: set[frozenset[str]]) -> frozenset[str]:
    """The union of some sets: the largest of them if it has all, which takes no memory."""
    if len(sets) == 1:
        return next(iter(sets))
    union = frozenset().union(*sets)
    return next((each for each in sets if len(each) == len(union)), union)
