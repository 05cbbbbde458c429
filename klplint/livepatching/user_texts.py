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
    for user in listed.untraced[:_SHOWN]:
        yield with_care(f"{what}, and {user.name}(), which uses it, cannot be patched", user.spot)
    yield from layout_reasons(listed.layouts)


def layout_reasons(layouts: Sequence[User]) -> Iterator[Reason]:
    """Why a change does not reach the data that exists."""
    for user in layouts[:_SHOWN]:
        if user.kind == "structure":
            text = f"decides the layout of {user.name}, of which there are objects in memory"
        else:
            text = f"decides the type or value of {user.name}, which is in memory"
        yield not_patchable(text, user.spot)


def _functions(users: Users) -> str:
    """The functions that use something, as "3 functions in 2 files (a(), b(), ...) have"."""
    if not users.is_complete:
        return f"more functions than were read use it, in {users.files:,} files, and have"
    files = f"{users.files} file{'' if users.files == 1 else 's'}"
    number = f"{users.functions:,} function{'' if users.functions == 1 else 's'}"
    names = shortened([user.name for user in users.first], _SHOWN, users.functions)
    return f"{number} in {files} ({names}) {'has' if users.functions == 1 else 'have'}"


def shortened(names: Sequence[str], most: int, count: int = 0) -> str:
    """The first of some functions: "a(), b() and 3 more"."""
    listed = list(dict.fromkeys(names))
    count = count or len(listed)
    shown = ", ".join(f"{name}()" for name in listed[:most])
    left = count - min(most, len(listed))
    return f"{shown} and {left} more" if left > 0 else shown
