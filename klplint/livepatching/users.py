"""What uses a changed macro, inline function, enumerator or structure: functions, types, data.

What uses it through a macro or an inline function counts as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from klplint.csource.outline import Body
from klplint.csource.words import words_in
from klplint.livepatching.assessment import Spot, User, Users
from klplint.livepatching.file_items import FileItems, Item
from klplint.livepatching.obstacle_search import Hooks

_MOST_READ = 300
"""Files that are read for one name; more are only counted."""
_MOST_ROUNDS = 4
_SHOWN = 5
_LONGEST_TAG = 20
_TAG = re.compile(r"\b(?:struct|union|enum)\s+\Z")
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

    def of_tag(self, name: str, defined_in: str) -> Users:
        """What names the structure with a tag that one file defines."""
        return self._of({name}, defined_in, is_tag=True).users

    def of(self, names: Iterable[str], defined_in: str) -> UserList:
        """The users of names that one file defines, also those through macros and inline functions.

        What a C file defines is used there only.
        """
        return self._of(set(names), defined_in, is_tag=False)

    def _of(self, names: set[str], defined_in: str, *, is_tag: bool) -> UserList:
        uses = _Uses(self._hooks, is_tag=is_tag)
        naming: set[str] = set()
        is_complete, asked = True, set[tuple[str, str]]()
        pending = {(name, _scope(defined_in)) for name in names}
        for _ in range(_MOST_ROUNDS):
            by_file = self._candidates(pending)
            is_complete = is_complete and len(by_file) <= _MOST_READ
            naming = naming or set(by_file)
            for path in sorted(by_file)[:_MOST_READ]:
                items = None if self._hooks.objects.is_left_out(path) else self._read(path)
                if items:
                    uses.add(items, by_file[path])
            asked |= pending
            pending = uses.passed_on - asked
            if is_tag or not pending:
                break
        return UserList(
            self._users(uses, naming, is_complete=is_complete),
            tuple(sorted(uses.layouts.values())),
            tuple(sorted(user for user, is_blocked in uses.functions.values() if is_blocked)),
        )

    def _users(self, uses: _Uses, naming: Collection[str], *, is_complete: bool) -> Users:
        functions = sorted(user for user, _ in uses.functions.values())
        files = sorted({user.spot.file for user in functions})
        objects = dict.fromkeys(name for path in files for name in self._objects(path))
        return Users(
            functions=len(functions),
            files=len(files if is_complete and functions else naming),
            first=tuple(functions[:_SHOWN]),
            objects=tuple(objects)[:_MOST_OBJECTS],
            is_complete=is_complete,
        )

    def _candidates(self, names: Collection[tuple[str, str]]) -> dict[str, set[str]]:
        """The files that name any of some names, each with the names.

        With each name comes the only file that can mean it, "" for any.
        """
        by_file: defaultdict[str, set[str]] = defaultdict(set)
        for name, file in names:
            if file:
                by_file[file].add(name)
        wide = {name for name, file in names if not file}
        for name, paths in self._files_naming(wide).items() if wide else ():
            for path in paths:
                if path.endswith((".c", ".h")):
                    by_file[path].add(name)
        return dict(by_file)

    def _objects(self, path: str) -> tuple[str, ...]:
        return self._hooks.names(path)[0]


class _Uses:
    """Where files use some names."""

    def __init__(self, hooks: Hooks, *, is_tag: bool) -> None:
        """With `is_tag`, the names are tags, and only `struct name` and the like count."""
        self.functions: dict[Spot, tuple[User, bool]] = {}
        """The functions that use one, by their place, and whether they cannot be patched."""
        self.layouts: dict[Spot, User] = {}
        """The structures and data that use one."""
        self.passed_on: set[tuple[str, str]] = set()
        """The macros and inline functions that use one: their users use it, too.

        With each comes the only file that can use it, "" for any."""
        self._hooks = hooks
        self._is_tag = is_tag

    def add(self, items: FileItems, names: Iterable[str]) -> None:
        """Add the uses of names in a file."""
        text = items.source.skeleton
        for name in sorted(names):
            for offset in words_in(text, name):
                if not self._is_tag or _TAG.search(text, max(offset - _LONGEST_TAG, 0), offset):
                    self._add(items, name, offset)

    def _add(self, items: FileItems, name: str, offset: int) -> None:
        outline = items.outline
        body = outline.body_at(offset) or (outline.body_behind(offset) if self._is_tag else None)
        macro = outline.macro_at(offset)
        if macro:
            if macro.name != name:
                self.passed_on.add((macro.name, _scope(items.path)))
        elif body:
            if body.name != name:
                self._add_function(items, body)
        elif outline.body_behind(offset) is None and not outline.source.directive_at(offset):
            self._add_item(items, name, offset)

    def _add_function(self, items: FileItems, body: Body) -> None:
        spot = Spot(items.path, items.line(body.head))
        if is_inline(items, body) and not self._is_tag:
            self.passed_on.add((body.name, _scope(items.path)))
        elif spot not in self.functions and not items.is_dead(body.start):
            reasons = self._hooks.reasons(items, body)
            self.functions[spot] = (User(body.called, spot), bool(reasons))

    def _add_item(self, items: FileItems, name: str, offset: int) -> None:
        item = next((i for i in items.items if i.start <= offset < i.end), None)
        if item is None or item.name == name:
            return
        if item.kind in ("structure", "data") and _decides(item, name):
            spot = Spot(items.path, items.line(item.start))
            self.layouts[spot] = User(item.name, spot, item.kind)


def _scope(path: str) -> str:
    """The only file that can use what a file defines; "" if others can include it."""
    return path if path.endswith(".c") else ""


def _decides(item: Item, name: str) -> bool:
    """Whether a name in an item decides its layout or value, not only the type of a pointer."""
    return f"{name} *" not in item.text


def is_inline(items: FileItems, body: Body) -> bool:
    """Whether a function is meant to be part of its callers: it is marked inline."""
    words = items.source.statements[body.head : body.start].split()
    return any("inline" in word and "noinline" not in word for word in words)
