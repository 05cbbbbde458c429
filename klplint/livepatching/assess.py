"""A fix as a whole: each file by its kind, then what follows for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from klplint.livepatching.assessment import (
    Assessment,
    ChangedFunction,
    ChangedItem,
    Reason,
    Skipped,
    Spot,
    not_patchable,
    with_care,
)
from klplint.livepatching.changed_functions import FunctionChanges
from klplint.livepatching.changed_items import ItemChanges
from klplint.livepatching.file_items import FileItems
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.other_files import file_reason, is_same, kind_of, reason_to_ignore
from klplint.livepatching.users import FilesNaming, UserSearch

_C_CODE = (".c", ".h")
_INLINING = (
    "Which functions a compiler makes part of their callers, splits or clones is not in the "
    "sources. Compare the objects (kpatch-build and klp-build do), or look at the debug "
    "information, and patch the callers as well."
)
_CONFIGURATION = (
    "The tree is not configured, so all `#if` arms count, and what can be a module may be one or "
    "be part of vmlinux."
)
_MEANING = (
    "Whether the old and the new code may run at the same time in different tasks (locking order, "
    "the meaning of data) needs a person."
)


class FileChange(msgspec.Struct, frozen=True):
    """A file before and after a fix."""

    old: str | None
    """Its path before; None for a new file."""
    new: str | None
    """Its path after; None for a deleted one."""
    before: str
    after: str


class Fix(msgspec.Struct, frozen=True):
    """The changes of a fix."""

    files: tuple[FileChange, ...]
    unread: tuple[Skipped, ...] = ()
    """What it changes that is not text, and why that was not read."""


def assess(
    fix: Fix, hooks: Hooks, files_naming: FilesNaming, read: Callable[[str], str | None]
) -> Assessment:
    """What a fix changes, and whether it can be livepatched.

    `files_naming` says which files of the tree contain each of some names; `read` has the texts of
    files before the fix.
    """
    assessing = _Assessing(hooks, UserSearch(files_naming, _reader(fix, read), hooks))
    for change in fix.files:
        assessing.add(change)
    return assessing.result(fix)


def _reader(fix: Fix, read: Callable[[str], str | None]) -> Callable[[str], FileItems | None]:
    """A reader of files as they were before the fix; each is read once."""
    texts = {change.old: change.before for change in fix.files if change.old}
    cache: dict[str, FileItems | None] = {}

    def items(path: str) -> FileItems | None:
        if path not in cache:
            text = texts[path] if path in texts else read(path)
            cache[path] = None if text is None else FileItems(path, text)
        return cache[path]

    return items


class _Assessing:
    """The parts that were assessed so far."""

    def __init__(self, hooks: Hooks, search: UserSearch) -> None:
        self._hooks = hooks
        self._search = search
        self._functions: list[ChangedFunction] = []
        self._items: list[ChangedItem] = []
        self._not_analysed: list[Skipped] = []
        self._without_effect: list[Skipped] = []
        self._first = Spot("", 1)

    def add(self, change: FileChange) -> None:
        """Assess the change of a file."""
        path = change.old or change.new or ""
        if not self._first.file:
            self._first = Spot(path, 1)
        ignored = reason_to_ignore(path)
        kind = kind_of(path)
        if ignored:
            self._without_effect.append(Skipped(path, ignored))
        elif path.endswith(_C_CODE) and kind is None:
            self._add_code(change, path)
        elif kind is None:
            reason = "it is neither C code nor a file of the build"
            self._not_analysed.append(Skipped(path, reason))
        elif kind == "assembly":
            self._add_assembly(change, path)
        elif is_same(kind, change.before, change.after):
            self._without_effect.append(Skipped(path, "only comments or help texts change"))
        else:
            self._add_file(change, path)

    def _add_code(self, change: FileChange, path: str) -> None:
        before, after = FileItems(path, change.before), FileItems(path, change.after)
        functions = list(FunctionChanges(before, after, self._hooks, self._search).all())
        items = list(ItemChanges(before, after, self._search).all())
        self._functions += functions
        self._items += [item for item in items if item.change != "added" or item.reasons]
        if change.old != change.new:
            self._add_whole_file(change, path)
        elif not functions and not items:
            self._without_effect.append(
                Skipped(path, "only comments, white space or declarations change")
            )

    def _add_whole_file(self, change: FileChange, path: str) -> None:
        """Report a file that a fix creates, deletes or renames."""
        spot = Spot(path, 1)
        if change.old is None and path.endswith(".c"):
            text = "is a new file, which has to be compiled into the livepatch"
            reasons, what = [with_care(text, spot)], "added"
        elif change.new is None and path.endswith(".c"):
            text = "is deleted: its code and data stay in memory, and go on being used"
            reasons, what = [with_care(text, spot)], "removed"
        elif change.old and change.new:
            text = f"is {change.new} after the fix; compile the livepatch from that"
            reasons, what = [with_care(text, spot)], "changed"
        else:
            return
        self._items.append(
            ChangedItem(
                kind="file",
                name=path,
                spot=spot,
                change="added"
                if what == "added"
                else "removed"
                if what == "removed"
                else "changed",
                reasons=tuple(reasons),
            )
        )

    def _add_assembly(self, change: FileChange, path: str) -> None:
        before, after = FileItems(path, change.before), FileItems(path, change.after)
        if before.source.code.split() == after.source.code.split():
            self._without_effect.append(Skipped(path, "only comments or white space change"))
        else:
            self._add_file(change, path)

    def _add_file(self, change: FileChange, path: str) -> None:
        kind = kind_of(path)
        assert kind is not None
        spot = Spot(path, _first_difference(change.before, change.after))
        what = "changed" if change.old and change.new else "added" if change.new else "removed"
        self._items.append(
            ChangedItem(
                kind=kind,
                name=path,
                spot=spot,
                change=what,  # type: ignore[arg-type]
                reasons=(file_reason(kind, spot),),
            )
        )

    def result(self, fix: Fix) -> Assessment:
        """What a fix changes, and what follows for all of it."""
        unknowns = [_INLINING, _MEANING] if self._functions else []
        if not self._hooks.objects.is_configured:
            unknowns.insert(1, _CONFIGURATION)
        return Assessment(
            functions=tuple(self._functions),
            items=tuple(self._items),
            reasons=tuple(self._reasons()),
            not_analysed=(*self._not_analysed, *fix.unread),
            without_effect=tuple(self._without_effect),
            unknowns=tuple(unknowns),
        )

    def _reasons(self) -> Iterable[Reason]:
        """Why the fix as a whole cannot be livepatched although no part of it says so."""
        is_code = any(f.change == "changed" for f in self._functions)
        if is_code or any(item.reasons for item in self._items) or self._not_analysed:
            return
        if self._functions:
            yield with_care(
                "no function that is in memory changes: nothing calls the new ones, unless "
                "callbacks of the livepatch do",
                self._functions[0].spot,
            )
        elif not self._items:
            yield not_patchable(
                "no code changes, so there is nothing to patch: only comments, white space, line "
                "numbers or files that are not part of the kernel",
                self._first,
            )


def _first_difference(before: str, after: str) -> int:
    """The first line that differs, counted in the state before."""
    old, new = before.split("\n"), after.split("\n")
    same = next((i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    return min(same + 1, max(len(old), 1))
