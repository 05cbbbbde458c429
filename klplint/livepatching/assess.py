"""A fix as a whole: each file by its kind, then what follows for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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
from klplint.livepatching.fix import FileChange, Fix
from klplint.livepatching.namesakes import Namesakes
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.other_files import (
    changed_file,
    is_same,
    kind_of,
    moved_file,
    reason_to_ignore,
)
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


def assess(
    fix: Fix, hooks: Hooks, files_naming: FilesNaming, read: Callable[[str], str | None]
) -> Assessment:
    """What a fix changes, and whether it can be livepatched.

    `files_naming` says which files of the tree contain each of some names; `read` has the texts of
    files before the fix.
    """
    reader = _reader(fix, read)
    namesakes = Namesakes(files_naming, reader, hooks)
    assessing = _Assessing(hooks, UserSearch(files_naming, reader, hooks), namesakes)
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

    def __init__(self, hooks: Hooks, search: UserSearch, namesakes: Namesakes) -> None:
        self._hooks = hooks
        self._search = search
        self._namesakes = namesakes
        self._changes: list[FunctionChanges] = []
        self._items: list[ChangedItem] = []
        self._not_analysed: list[Skipped] = []
        self._without_effect: list[Skipped] = []
        self._first = Spot("", 1)

    def add(self, change: FileChange) -> None:
        """Assess the change of a file."""
        path = change.path
        if not self._first.file:
            self._first = Spot(path, 1)
        ignored = reason_to_ignore(path)
        kind = kind_of(path)
        if ignored:
            self._without_effect.append(Skipped(path, ignored))
        elif path.endswith(_C_CODE) and kind is None:
            self._add_code(change)
        elif kind is None:
            reason = "it is neither C code nor a file of the build"
            self._not_analysed.append(Skipped(path, reason))
        elif kind == "assembly":
            self._add_assembly(change)
        elif is_same(kind, change.before, change.after):
            self._without_effect.append(Skipped(path, "only comments or help texts change"))
        else:
            self._items.append(changed_file(change, kind))

    def _add_code(self, change: FileChange) -> None:
        path = change.path
        before, after = FileItems(path, change.before), FileItems(path, change.after)
        functions = FunctionChanges(before, after, self._hooks, self._search, self._namesakes)
        items = list(ItemChanges(before, after, self._search).all())
        self._changes.append(functions)
        self._items += [item for item in items if item.change != "added" or item.reasons]
        if moved := moved_file(change):
            self._items.append(moved)
        elif not functions.exist and not items:
            self._without_effect.append(
                Skipped(path, "only comments, white space or declarations change")
            )

    def _add_assembly(self, change: FileChange) -> None:
        before, after = (FileItems(change.path, t) for t in (change.before, change.after))
        if before.source.code.split() == after.source.code.split():
            reason = "only comments or white space change"
            self._without_effect.append(Skipped(change.path, reason))
        else:
            self._items.append(changed_file(change, "assembly"))

    def result(self, fix: Fix) -> Assessment:
        """What a fix changes, and what follows for all of it."""
        self._namesakes.look_up({name for each in self._changes for name in each.names})
        functions = tuple(function for each in self._changes for function in each.all())
        unknowns = [_INLINING, _MEANING] if functions else []
        if not self._hooks.objects.is_configured:
            unknowns.insert(1, _CONFIGURATION)
        return Assessment(
            functions=functions,
            items=tuple(self._items),
            reasons=tuple(self._reasons(functions)),
            not_analysed=(*self._not_analysed, *fix.unread),
            without_effect=tuple(self._without_effect),
            unknowns=tuple(unknowns),
        )

    def _reasons(self, functions: Sequence[ChangedFunction]) -> Iterable[Reason]:
        """Why the fix as a whole cannot be livepatched although no part of it says so."""
        is_code = any(f.change == "changed" for f in functions)
        if is_code or any(item.reasons for item in self._items) or self._not_analysed:
            return
        if functions:
            yield with_care(
                "no function that is in memory changes: nothing calls the new ones, unless "
                "callbacks of the livepatch do",
                functions[0].spot,
            )
        else:
            yield not_patchable(
                "no function that is in memory changes, so there is nothing to patch: only "
                "comments, white space, line numbers, declarations or what is not part of a kernel",
                self._first,
            )
