"""What a fix changes in a file outside of functions: structures, data, macros, exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from klplint.livepatching.assessment import (
    Change,
    ChangedItem,
    ItemKind,
    Reason,
    Spot,
    Users,
    not_patchable,
    with_care,
)
from klplint.livepatching.enumerators import enumerators, moved
from klplint.livepatching.file_items import FileItems, Item
from klplint.livepatching.layouts import (
    changed_callbacks,
    is_private_constant,
    same_layout,
    variable_parts,
)
from klplint.livepatching.macro_calls import macro_call_reasons
from klplint.livepatching.matching import Difference, Key, differences
from klplint.livepatching.user_texts import user_reasons
from klplint.livepatching.users import UserSearch

Outcome = tuple[list[Reason], Users | None]


class ItemChanges:
    """The items that differ between two states of a file."""

    def __init__(self, before: FileItems, after: FileItems, search: UserSearch) -> None:
        self._before = before
        self._after = after
        self._search = search
        self._ways: dict[ItemKind, Callable[[Difference[Item], Spot], Outcome]] = {
            "structure": self._structure,
            "enumeration": self._enumeration,
            "type": self._type,
            "macro": self._macro,
            "data": self._data,
            "macro call": self._macro_call,
            "include": self._include,
        }

    def all(self) -> Iterator[ChangedItem]:
        """The items that were changed, added or removed, but for mere declarations."""
        for change in differences(self._before.items, self._after.items, _key, _text):
            item = change.before or change.after
            assert item is not None
            if item.kind in self._ways:
                yield self._changed(change, item)

    def _changed(self, change: Difference[Item], item: Item) -> ChangedItem:
        state = self._before if change.before else self._after
        spot = Spot(state.path, state.line(item.start))
        is_moved = change.before and change.after and change.before.text == change.after.text
        reasons: list[Reason] = []
        users: Users | None = None
        if is_moved:
            if item.kind != "include":
                reasons.append(with_care("is compiled under another `#if` condition", spot))
        else:
            reasons, users = self._ways[item.kind](change, spot)
        return ChangedItem(
            kind=item.kind,
            name=f"{item.name})" if item.kind == "macro call" else item.name,
            spot=spot,
            change=_change(change),
            reasons=tuple(reasons),
            users=users,
        )

    def _structure(self, change: Difference[Item], spot: Spot) -> Outcome:
        if not (change.before and change.after):
            return [], None
        if same_layout(change.before.text, change.after.text):
            return [], None
        users = self._search.of_tag(change.before.name, self._before.path)
        names = changed_callbacks(change.before.text, change.after.text)
        text = (
            f"the type of its callback {names[0]} changes, but objects that are in memory hold "
            "functions of the old type"
            if names
            else "its layout changes, but objects that are in memory keep the old one; keep it as "
            "it is, and attach new data with klp_shadow_alloc()"
        )
        return [not_patchable(text, spot)], users

    def _enumeration(self, change: Difference[Item], spot: Spot) -> Outcome:
        if not (change.before and change.after):
            return [], None
        names = moved(enumerators(change.before.text), enumerators(change.after.text))
        if not names:
            return [], None
        listed = self._search.of(names, self._before.path)
        what = f"the value of {names[0]} changes" if len(names) == 1 else "values in it change"
        return list(user_reasons(listed, what, spot)), listed.users

    def _type(self, change: Difference[Item], spot: Spot) -> Outcome:
        if not (change.before and change.after):
            return [], None
        listed = self._search.of([change.before.name], self._before.path)
        return list(user_reasons(listed, "is another type now", spot)), listed.users

    def _macro(self, change: Difference[Item], spot: Spot) -> Outcome:
        if not (change.before and change.after):
            return [], None  # what used one that is gone changes, too
        listed = self._search.of([change.before.name], self._before.path)
        return list(user_reasons(listed, "is a macro", spot)), listed.users

    def _data(self, change: Difference[Item], spot: Spot) -> Outcome:
        if change.before is None or change.after is None:
            return [], None
        (old_type, old_value), (new_type, new_value) = map(
            variable_parts, (change.before.text, change.after.text)
        )
        if old_type == new_type and old_value == new_value:
            return [], None
        if is_private_constant(change.before.text):
            listed = self._search.of([change.before.name], self._before.path)
            what = (
                "is a constant, of which a livepatch can have a copy (pointers to the old one stay)"
            )
            return list(user_reasons(listed, what, spot)), listed.users
        if old_type != new_type:
            text = "its type changes, but the variable that is in memory keeps the old one"
        else:
            text = (
                "its initial value changes, but the variable that is in memory keeps its value; "
                "a pre_patch callback can store another"
            )
        return [not_patchable(text, spot)], None

    def _macro_call(self, change: Difference[Item], spot: Spot) -> Outcome:
        item = change.before or change.after
        assert item is not None
        return list(macro_call_reasons(item.name, _change(change), spot)), None

    def _include(self, change: Difference[Item], spot: Spot) -> Outcome:
        exported = sorted(self._before.exported)
        if not exported or not self._before.path.endswith(".c"):
            return [], None
        names = f"{exported[0]}{' and others' if len(exported) > 1 else ''}"
        text = (
            f"is in a file that exports symbols ({names}): where it completes types of these, "
            "their checksums change (CONFIG_MODVERSIONS), and the livepatch does not load"
        )
        return [with_care(text, spot)], None


def _key(item: Item) -> Key:
    return Key(item.kind, item.name, item.conditions)


def _text(item: Item) -> str:
    return item.text


def _change(change: Difference[Item]) -> Change:
    if change.before and change.after:
        return "changed"
    return "removed" if change.before else "added"
