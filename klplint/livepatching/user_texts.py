"""Sentences about what uses a changed macro, inline function or structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from klplint.livepatching.assessment import Reason, Spot, User, Users, not_patchable, with_care
from klplint.livepatching.users import UserList

_SHOWN = 3


def user_reasons(listed: UserList, what: str, spot: Spot) -> Iterator[Reason]:
    """Why a change of what functions contain needs care: these have to be patched.

    `what` begins the sentence, as in "is inline".
    """
    users = listed.users
    if users.functions or not users.is_complete:
        yield with_care(f"{what}: {_functions(users)} to be patched for it", spot)
    if listed.untraced:
        names = shortened([f"{user.name}()" for user in listed.untraced], _SHOWN)
        one = len(listed.untraced) == 1
        text = f"{what}, and {names}, which {'uses' if one else 'use'} it, cannot be patched"
        yield with_care(text, listed.untraced[0].spot)
    yield from _layout_reasons(listed.layouts)


def _layout_reasons(layouts: Sequence[User]) -> Iterator[Reason]:
    """Why a change does not reach the data that exists."""
    structures = [user for user in layouts if user.kind == "structure"]
    data = [user for user in layouts if user.kind != "structure"]
    if structures:
        names = shortened([user.name for user in structures], _SHOWN)
        text = f"decides the layout of {names}, of which there are objects in memory"
        yield not_patchable(text, structures[0].spot)
    if data:
        names = shortened([user.name for user in data], _SHOWN)
        yield not_patchable(f"decides the type or value of {names} in memory", data[0].spot)


def _functions(users: Users) -> str:
    """The functions that use something, as "3 functions in 2 files (a(), b(), ...) have"."""
    if not users.is_complete:
        return f"more functions than were read use it, in {users.files:,} files, and have"
    files = f"{users.files} file{'' if users.files == 1 else 's'}"
    number = f"{users.functions:,} function{'' if users.functions == 1 else 's'}"
    names = shortened([f"{user.name}()" for user in users.first], _SHOWN, users.functions)
    return f"{number} in {files} ({names}) {'has' if users.functions == 1 else 'have'}"


def shortened(names: Sequence[str], most: int, count: int = 0) -> str:
    """The first of some names: "a, b and 3 more". `count` is their number, if there are more."""
    listed = list(dict.fromkeys(names))
    left = (count or len(listed)) - min(most, len(listed))
    shown = ", ".join(listed[:most])
    return f"{shown} and {left:,} more" if left > 0 else shown
