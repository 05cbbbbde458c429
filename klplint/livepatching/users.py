"""What uses a changed macro, inline function, enumerator or structure: functions, types, data.

What uses it through a macro or an inline function counts as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from klplint.csource.lexer import words_in
from klplint.csource.outline import Body
from klplint.livepatching.assessment import Spot, User, Users
from klplint.livepatching.file_items import FileItems, Item
from klplint.livepatching.obstacle_search import Hooks

_MOST_READ = 300
"""Files that are read for one name; more are only counted."""
_MOST_ROUNDS = 4
_SHOWN = 5
_MOST_OBJECTS = 6

FilesNaming = Callable[[Collection[str]], Mapping[str, Collection[str]]]
"""The files of the tree that contain each of some names."""
Reader = Callable[[str], FileItems | None]
"""A file of the tree before the fix; None if it cannot be read."""


class UserList(NamedTuple):
    """The users of some names."""

    users: Users
    layouts: tuple[User, ...]
    """Structures and data that use it: their layout or value changes."""
    untraced: tuple[User, ...]
    """Functions that use it and cannot be patched."""


class UserSearch:
    """Looks for the users of what a fix changes."""

    def __init__(self, files_naming: FilesNaming, read: Reader, hooks: Hooks) -> None:
        self._files_naming = files_naming
        self._read = read
        self._hooks = hooks

    def of(self, names: Iterable[str], defined_in: str, *, through: bool = True) -> UserList:
        """The users of names that one file defines; with `through`, also indirect ones.

        What a C file defines is used there only.
        """
        asked = set(names)
        functions: dict[Spot, tuple[User, bool]] = {}
        layouts: dict[Spot, User] = {}
        files: set[str] = set()
        is_complete, pending = True, set(asked)
        for _ in range(_MOST_ROUNDS):
            by_file = self._candidates(pending, defined_in)
            files |= by_file.keys() if pending <= asked else set()
            is_complete = is_complete and len(by_file) <= _MOST_READ
            new: set[str] = set()
            for path in sorted(by_file)[:_MOST_READ]:
                items = self._read(path)
                if items:
                    uses = _Uses(items, frozenset(by_file[path]), self._hooks)
                    functions |= uses.functions
                    layouts |= uses.layouts
                    new |= uses.passed_on
            pending = new - asked
            asked |= pending
            if not (through and pending):
                break
        shown = sorted(user for user, _ in functions.values())
        objects = dict.fromkeys(
            o for f in sorted({u.spot.file for u in shown}) for o in self._objects(f)
        )
        users = Users(
            functions=len(functions),
            files=len(files),
            first=tuple(shown[:_SHOWN]),
            objects=tuple(objects)[:_MOST_OBJECTS],
            is_complete=is_complete,
        )
        blocked = tuple(sorted(user for user, is_blocked in functions.values() if is_blocked))
        return UserList(users, tuple(sorted(layouts.values())), blocked)

    def _candidates(self, names: Collection[str], defined_in: str) -> dict[str, set[str]]:
        """The files that name any of some names, each with the names."""
        by_file: defaultdict[str, set[str]] = defaultdict(set)
        if defined_in.endswith(".c"):
            return {defined_in: set(names)}
        for name, paths in self._files_naming(names).items():
            for path in paths:
                if path.endswith((".c", ".h")):
                    by_file[path].add(name)
        return dict(by_file)

    def _objects(self, path: str) -> tuple[str, ...]:
        return self._hooks.names(path)[0]


class _Uses:
    """Where one file uses some names."""

    def __init__(self, items: FileItems, names: frozenset[str], hooks: Hooks) -> None:
        self.functions: dict[Spot, tuple[User, bool]] = {}
        """The functions that use one, by their place, and whether they cannot be patched."""
        self.layouts: dict[Spot, User] = {}
        """The structures and data that use one."""
        self.passed_on: set[str] = set()
        """The macros and inline functions that use one: their users use it, too."""
        self._items = items
        self._hooks = hooks
        for name in names:
            for offset in words_in(items.source.skeleton, name):
                self._add(name, offset)

    def _add(self, name: str, offset: int) -> None:
        outline = self._items.outline
        body = outline.body_at(offset)
        macro = outline.macro_at(offset)
        if macro:
            if macro.name != name:
                self.passed_on.add(macro.name)
        elif body:
            if body.name != name:
                self._add_function(body)
        elif outline.body_behind(offset) is None and not outline.source.directive_at(offset):
            self._add_item(name, offset)

    def _add_function(self, body: Body) -> None:
        spot = Spot(self._items.path, self._items.line(body.head))
        if is_inline(self._items, body):
            self.passed_on.add(body.name)
        elif spot not in self.functions and not self._items.is_dead(body.start):
            reasons = self._hooks.reasons(self._items, body)
            self.functions[spot] = (User(body.called, spot), bool(reasons))

    def _add_item(self, name: str, offset: int) -> None:
        item = next((i for i in self._items.items if i.start <= offset < i.end), None)
        if item is None or item.name == name or item.kind not in ("structure", "data"):
            return
        if not _decides(item, name):
            return
        spot = Spot(self._items.path, self._items.line(item.start))
        kind = "structure" if item.kind == "structure" else "data"
        self.layouts[spot] = User(item.name, spot, kind)


def _decides(item: Item, name: str) -> bool:
    """Whether a name in an item decides its layout or value, not only the type of a pointer."""
    return f"{name} *" not in item.text


def is_inline(items: FileItems, body: Body) -> bool:
    """Whether a function is meant to be part of its callers: it is marked inline."""
    words = items.source.statements[body.head : body.start].split()
    return any("inline" in word and "noinline" not in word for word in words)
