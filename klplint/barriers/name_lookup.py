"""What a name in a comment means: which of the tree's definitions of that name.

A name means, from the nearest to the farthest: what the file that the comment gives defines; what
the comment's file defines; a function that the comment's file stores in a member of that name; then
what other files define and share, first in the same directory, in the same subsystem, and not in
another architecture; and last, functions that are static in another file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from klplint.barriers.named_functions import Named
from klplint.csource.similar_names import is_short_for
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    NamedLike,
    Query,
    SourceFile,
    StoredAs,
    TreeFacts,
)

_SHORT = "short for a function"
# Kinds of definitions with a body that was read: their calls and comments are all there.
READABLE = ("function", "macro", "file")


class NameLookup:
    """Looks up names for the comments of one file."""

    def __init__(self, path: str, tree: TreeFacts) -> None:
        """`path` is the file that holds the comments."""
        self._path = path
        self._tree = tree

    def queries(self, name: Named) -> Iterator[Query]:
        """What has to be asked about a name."""
        yield self.query(name)
        if name.file:
            yield SourceFile(name.file, self._path)
        if self._is_nowhere(name):
            yield StoredAs(name.name, self._path)
            yield self._like(name)
        elif _may_be_member(name) or self._is_static_elsewhere(name):
            yield StoredAs(name.name, self._path)

    def query(self, name: Named) -> Query:
        """The query for a name itself."""
        if name.kind == "file":
            return SourceFile(name.name, self._path)
        return DefinitionsOf(name.name)

    def answer(self, name: Named) -> tuple[Definition, ...]:
        """All that the tree has of a name, objects included."""
        return self._tree.definitions(self.query(name))

    def definitions(self, name: Named) -> tuple[Definition, ...]:
        """What a name means in the comment's file."""
        return self.how(name)[1]

    def is_meant(self, name: Named) -> bool:
        """Whether a word is that of a function; an everyday word is that of one close by."""
        how, definitions = self.how(name)
        if not name.called and how.startswith(_SHORT):
            return False  # a word that may be anything
        if name.called or "_" in name.name.strip("_"):
            return bool(definitions)
        directory = self._path.rpartition("/")[0]
        return any(each.path.rpartition("/")[0] == directory for each in definitions)

    def how(self, name: Named, reader: str = "") -> tuple[str, tuple[Definition, ...]]:
        """In which way a name was resolved, and to what.

        `reader` is the function of the comment's barrier: no other name is short for that one.
        """
        callable_ones = tuple(d for d in self.answer(name) if d.kind != "object")
        stated = {d.path for d in self.files(name)}
        if there := tuple(d for d in callable_ones if d.path in stated):
            return "in the file that the comment gives", there
        here = tuple(d for d in callable_ones if d.path == self._path)
        if here and not name.member:
            return "in this file", here
        if stored := self._stored(name):
            return "stored in a member of this file", stored
        if name.member:
            is_any = bool(self.answer(name))
            return "a member, which may be any function" if is_any else "nowhere", ()
        if self._is_static_elsewhere(name) and (
            alike := self._without(reader, self._tree.definitions(self._as_member(name)))
        ):
            return f"{_SHORT} of this file", alike
        shared = [d for d in callable_ones if not d.static or d.path.endswith(".h")]
        for among, words in ((shared, "shared"), (list(callable_ones), "static elsewhere")):
            if among:
                nearest = min(map(self._distance, among))
                near = tuple(d for d in among if self._distance(d) == nearest)
                return f"{words}, {_DISTANCES[nearest]}", near
        return self._as_short(name, reader)

    def _as_short(self, name: Named, reader: str) -> tuple[str, tuple[Definition, ...]]:
        """What a name that is nowhere may be short for: `push` for `ring_push`.

        An everyday word is not: too many names end in it.
        """
        if self._is_nowhere(name) and "_" in name.name.strip("_"):
            for query in (self._as_member(name), self._like(name)):
                alike = self._without(reader, self._tree.definitions(query))
                if alike and all(_may_be_short_for(name, each) for each in alike):
                    is_here = all(each.path == self._path for each in alike)
                    where = "file" if is_here else "directory"
                    return f"{_SHORT} of this {where}", alike
        return "nowhere", ()

    def files(self, name: Named) -> tuple[Definition, ...]:
        """The file that a comment says a function is in."""
        return self._tree.definitions(SourceFile(name.file, self._path)) if name.file else ()

    def is_missing(self, name: Named, reader: str = "") -> bool:
        """Whether the tree was asked for a name, and does not have it."""
        is_asked = self.query(name) in self._tree.answers
        return is_asked and self._has_none(name) and not self.how(name, reader)[1]

    def _has_none(self, name: Named) -> bool:
        """Whether the tree has nothing that a name may mean: "foo()" is not a variable."""
        answer = self.answer(name)
        return not answer or (name.called and all(each.uncallable for each in answer))

    def alike(self, name: Named, reader: str = "") -> tuple[Definition, ...]:
        """What is named much like a name, if that is clear; the function `reader` is not meant."""
        return self._without(reader, self._tree.definitions(self._like(name)))

    def _without(self, reader: str, definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        return tuple(d for d in definitions if (d.name, d.path) != (reader, self._path))

    def may_be_meant(self, name: Named) -> bool:
        """Whether a name may be a counterpart; an everyday word has to be a function close by."""
        if name.bare:
            return self.is_meant(name)
        return not self.is_object(name)

    def not_called_in(self, function: str, names: tuple[Named, ...]) -> tuple[Named, ...]:
        """The names, without what is only ordered and called in a function of this file."""
        inside = self._tree.definitions(DefinedIn(function, self._path))
        called = {call.name for definition in inside for call in definition.calls}
        return tuple(name for name in names if not (name.ordered and name.name in called))

    def is_object(self, name: Named) -> bool:
        """Whether a name means a variable, a member or a type, and nothing that can be called."""
        answer = self.answer(name)
        return not name.called and bool(answer) and all(d.kind == "object" for d in answer)

    def is_ambiguous(self, definitions: Iterable[Definition]) -> bool:
        """Whether a name may mean any of several functions, each static in another file."""
        elsewhere = [d for d in definitions if d.static and d.path != self._path]
        return len({d.path for d in elsewhere if d.path.endswith(".c")}) > 1

    def _as_member(self, name: Named) -> StoredAs:
        return StoredAs(name.name, self._path)

    def _like(self, name: Named) -> NamedLike:
        return NamedLike(name.name, self._path)

    def _is_nowhere(self, name: Named) -> bool:
        """Whether the tree was asked for a function, and has nothing of that name."""
        is_function = name.kind == "function" and not name.member
        return is_function and self.query(name) in self._tree.answers and self._has_none(name)

    def _is_static_elsewhere(self, name: Named) -> bool:
        """Whether all that is called so is static in C files of other directories."""
        callable_ones = [d for d in self.answer(name) if d.kind != "object"]
        return bool(callable_ones) and all(
            d.static and d.path.endswith(".c") and self._distance(d) for d in callable_ones
        )

    def _stored(self, name: Named) -> tuple[Definition, ...]:
        if not _may_be_member(name):
            return ()
        return self._tree.definitions(self._as_member(name))

    def _distance(self, definition: Definition) -> int:
        """How far a definition is from the comment's file: an index of `_DISTANCES`."""
        mine, other = PurePosixPath(self._path).parts, PurePosixPath(definition.path).parts
        if mine[:-1] == other[:-1]:
            return 0
        if _subsystem(mine) == _subsystem(other):
            return 1
        is_foreign = other[:1] == ("arch",) and other[:2] != mine[:2]
        return 3 if is_foreign else 2


_DISTANCES = (
    "in the same directory", "in the same subsystem", "in the tree", "in another architecture",
)  # fmt: skip


def _subsystem(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The part of the tree that a file belongs to: `net`, but `drivers/net` and `arch/x86`."""
    is_wide = parts[:1] in {("drivers",), ("arch",), ("fs",), ("sound",)}
    return parts[: 2 if is_wide else 1] if len(parts) > 1 else ()


def _may_be_member(name: Named) -> bool:
    """Whether a name is that of a member, or short enough to be meant as one: "bind()"."""
    return name.kind == "function" and (name.member or "_" not in name.name.strip("_"))


def _may_be_short_for(name: Named, definition: Definition) -> bool:
    """Whether a name may stand for a function: it ends in it, or is stored in a member."""
    return definition.kind == "function" and is_short_for(name.name, definition.name)
