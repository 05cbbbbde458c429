"""The functions that a fix changes in a file, and why each can be patched or not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from klplint.csource.function_details import details_of
from klplint.csource.outline import Body, call_names
from klplint.csource.words import words_in
from klplint.livepatching.assessment import (
    ChangedFunction,
    Reason,
    Spot,
    Users,
    not_patchable,
    with_care,
)
from klplint.livepatching.file_items import FileItems
from klplint.livepatching.matching import Difference, Key, differences
from klplint.livepatching.namesakes import Namesakes
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.signatures import signature_of
from klplint.livepatching.user_texts import shortened, user_reasons
from klplint.livepatching.users import UserSearch, is_inline

_MOST_CALLERS = 4


class FunctionChanges:
    """The functions that differ between two states of a file."""

    def __init__(
        self,
        before: FileItems,
        after: FileItems,
        hooks: Hooks,
        search: UserSearch,
        namesakes: Namesakes,
    ) -> None:
        """`before` has the path of the file before the fix, `after` the one behind it."""
        self._namesakes = namesakes
        self._before = before
        self._after = after
        self._hooks = hooks
        self._search = search

    @property
    def names(self) -> frozenset[str]:
        """The names of the functions that a livepatch would name."""
        return frozenset(
            each.before.body.called
            for each in self._differences
            if each.before and each.after and not self._is_part_of_callers(each.before.body)
        )

    @property
    def exist(self) -> bool:
        """Whether there are any."""
        return bool(self._differences)

    def all(self) -> Iterator[ChangedFunction]:
        """The functions that were changed, added or removed."""
        for change in self._differences:
            if change.before is None and change.after is not None:
                yield self._added(change.after)
            elif change.after is None and change.before is not None:
                yield self._removed(change.before)
            elif change.before is not None and change.after is not None:
                yield self._changed(change.before, change.after)

    @cached_property
    def _differences(self) -> list[Difference[_Function]]:
        before = [_Function(self._before, body) for body in self._before.functions]
        after = [_Function(self._after, body) for body in self._after.functions]
        return list(differences(before, after, lambda f: f.key, lambda f: f.text))

    @cached_property
    def _names_changed(self) -> frozenset[str]:
        bodies = [d.before.body for d in self._differences if d.before]
        return frozenset(body.name for body in bodies)

    def _added(self, new: _Function) -> ChangedFunction:
        names, condition = self._hooks.names(self._before.path or self._after.path)
        return ChangedFunction(
            name=new.body.called,
            spot=new.spot,
            change="added",
            objects=names,
            condition=condition,
        )

    def _removed(self, old: _Function) -> ChangedFunction:
        names, condition = self._hooks.names(self._before.path)
        reasons: list[Reason] = []
        if old.body.name in self._before.exported:
            text = "is exported: modules that use it go on calling the old one"
            reasons.append(with_care(text, old.spot))
        return ChangedFunction(
            name=old.body.called,
            spot=old.spot,
            change="removed",
            objects=names,
            condition=condition,
            reasons=tuple(reasons),
            notes=("it stays in memory; a livepatch does not remove it",),
        )

    def _changed(self, old: _Function, new: _Function) -> ChangedFunction:
        names, condition = self._hooks.names(self._before.path)
        reasons = list(self._reasons(old, new))
        users = None
        notes = [*self._notes(old, names)]
        if self._is_part_of_callers(old.body):
            notes = []
            reasons, users = self._of_inline(old, reasons)
        elif not any(reason.verdict == "not patchable" for reason in reasons):
            called = old.body.called
            reasons += self._namesakes.reasons(called, self._before.path, names)
            notes += self._namesakes.notes(called, self._before.path, names)
        return ChangedFunction(
            name=old.body.called,
            spot=old.spot,
            change="changed",
            objects=names or (users.objects if users else ()),
            condition=condition,
            reasons=tuple(reasons),
            users=users,
            notes=tuple(notes),
        )

    def _is_part_of_callers(self, body: Body) -> bool:
        """Whether a function is in the files that use it: an inline one, or one of a header."""
        return is_inline(self._before, body) or not self._before.path.endswith((".c", ".S"))

    def _reasons(self, old: _Function, new: _Function) -> Iterator[Reason]:
        yield from self._hooks.reasons(self._before, old.body)
        path = self._before.path
        if self._hooks.objects.is_left_out(path):
            text = (
                "is in a file that the .config of the tree leaves out: its kernel has no such code"
            )
            yield with_care(text, old.spot)
        elif path.endswith(".c") and not self._hooks.names(path)[0]:
            text = (
                "is in a file that no Makefile plainly puts into vmlinux or a module; code for the "
                "boot loader or the vDSO cannot be patched"
            )
            yield with_care(text, old.spot)
        yield from self._prototype(old, new)
        yield from _static_locals(old, new)
        if old.key.conditions != new.key.conditions and old.text == new.text:
            yield with_care("is compiled under another `#if` condition", old.spot)
        if old.body.is_system_call:
            yield with_care(
                f"is defined by {old.body.macro}(): the function in memory is the entry that this "
                f"macro makes (such as __x64_sys_{old.body.name} on x86); patch that",
                old.spot,
            )
        details = details_of(old.items.outline, old.items.path, old.body)
        yield from self._hooks.switching.reasons(old.items, old.body, details)

    def _prototype(self, old: _Function, new: _Function) -> Iterator[Reason]:
        """Why a changed type matters: who calls the function with the old one."""
        if old.signature == new.signature or old.body.macro != new.body.macro:
            return
        if old.body.name in self._before.exported:
            text = "its type changes, and it is exported: modules call it with the old type"
            yield not_patchable(text, old.spot)
            return
        callers = [f"{body.name}()" for body in self._callers(old.body)]
        left = [name for name in callers if name[:-2] not in self._names_changed]
        text = "its type changes: give the new function another name, and patch all callers"
        if old.body.static and callers and not left:
            text += f", which change with it ({shortened(callers, _MOST_CALLERS)})"
        elif left:
            text += f"; {shortened(left, _MOST_CALLERS)} of this file did not change"
        yield with_care(text, old.spot)
        pointer = next(self._address_taken(old.body), None)
        if pointer:
            yield with_care(
                "its type changes, and it is called through a pointer, with the old type", pointer
            )

    def _address_taken(self, body: Body) -> Iterator[Spot]:
        """Where a function is stored or passed on."""
        source = self._before.source
        for offset in words_in(source.skeleton, body.name):
            behind = source.skeleton[source.next_visible(offset + len(body.name)) :][:1]
            is_value = behind in (",", ";", ")", "}") and not source.directive_at(offset)
            is_head = self._before.outline.body_behind(offset) is body
            if is_value and not is_head and not self._is_export(offset):
                yield Spot(self._before.path, self._before.line(offset))

    def _is_export(self, offset: int) -> bool:
        """Whether a place is in a macro called outside of functions, such as EXPORT_SYMBOL()."""
        return any(
            item.start <= offset < item.end
            for item in self._before.items
            if item.kind == "macro call"
        )

    def _of_inline(self, old: _Function, reasons: list[Reason]) -> tuple[list[Reason], Users]:
        """The reasons for a function that is part of its callers, and these.

        That ftrace cannot hook it does not matter, but its callers have to be patched.
        """
        listed = self._search.of([old.body.name], self._before.path)
        kept = [reason for reason in reasons if reason.verdict != "not patchable"]
        what = "is inline" if is_inline(self._before, old.body) else "is defined in a header"
        return [*kept, *user_reasons(listed, what, old.spot)], listed.users

    def _notes(self, old: _Function, names: tuple[str, ...]) -> Iterator[str]:
        statics = details_of(old.items.outline, old.items.path, old.body).statics
        if statics:
            listed = ", ".join(dict.fromkeys(static.name for static in statics))
            yield f"it has static variables ({listed}): the new function has to use the old ones"
        if len(set(names) - {"vmlinux"}) > 1:
            yield f"it is in several modules ({', '.join(names)}): each has to be patched"
        callers = [f"{b.called}()" for b in self._callers(old.body)] if old.body.static else []
        if callers:
            yield (
                "it is static: where the compiler made it part of its callers "
                f"({shortened(callers, _MOST_CALLERS)}), these have to be patched, too"
            )

    def _callers(self, body: Body) -> list[Body]:
        """The functions of the file that call a function."""
        return [other for other in self._calling.get(body.name, ()) if other.name != body.name]

    @cached_property
    def _calling(self) -> Mapping[str, list[Body]]:
        """The functions of the file that call a name, by the name."""
        text = self._before.source.statements
        calling: defaultdict[str, list[Body]] = defaultdict(list)
        for body in self._before.functions:
            for name in dict.fromkeys(m[0] for m in call_names(text, body.start, body.end)):
                calling[name].append(body)
        return calling


class _Function:
    """A function in one state of a file."""

    def __init__(self, items: FileItems, body: Body) -> None:
        self.items = items
        self.body = body
        self.key = Key("function", body.name, items.conditions(body.start))
        self.text = items.tokens(body.head, body.end)
        name = re.compile(rf"\b{re.escape(body.name)}\b").search(
            items.source.code, body.head, body.start
        )
        self.spot = Spot(items.path, items.line(name.start() if name else body.head))

    @property
    def signature(self) -> tuple[str, tuple[str, ...]]:
        return signature_of(self.items, self.body)


def _static_locals(old: _Function, new: _Function) -> Iterator[Reason]:
    """What a fix does to the static variables of a function."""
    before, after = (
        {s.name: s for s in details_of(f.items.outline, f.items.path, f.body).statics}
        for f in (old, new)
    )
    for name in after.keys() - before.keys():
        spot = Spot(new.items.path, after[name].region.line)
        yield with_care(
            f"gets the static variable {name}, which begins with its initial value when the "
            "livepatch is loaded, and is lost with it",
            spot,
        )
    for name in before.keys() - after.keys():
        spot = Spot(old.items.path, before[name].region.line)
        yield with_care(
            f"loses the static variable {name}: the value that it has is lost; if it only has "
            "another name now, copy the value",
            spot,
        )
