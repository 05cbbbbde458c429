"""An assessment as JSON, for programs. The schema in docs/livepatch.schema.json describes it."""

from __future__ import annotations

import msgspec

from klplint import __version__
from klplint.livepatching import assessment as parts
from klplint.livepatching.assessment import Assessment, Change, ItemKind, Verdict
from klplint.printable import encodable

VERSION = 1


class Place(msgspec.Struct, frozen=True):
    """A line of a file."""

    file: str
    """The path from the root of the tree."""
    line: int
    """Counted from 1; before the fix, for what is new after it."""


class Reason(msgspec.Struct, frozen=True):
    """Why something cannot be livepatched, or only with care."""

    verdict: Verdict
    """What follows: `with care` or `not patchable`."""
    text: str
    """A sentence whose subject is what changes."""
    place: Place
    """Where that shows."""


class User(msgspec.Struct, frozen=True):
    """What uses something that changes."""

    name: str
    """The name of a function."""
    place: Place
    """Where it is defined."""


class Users(msgspec.Struct, frozen=True):
    """What uses a changed macro, inline function or structure."""

    functions: int
    """How many functions use it."""
    files: int
    """How many files name it."""
    complete: bool
    """Whether all of these files were read."""
    first: tuple[User, ...]
    """A few of the functions."""
    objects: tuple[str, ...]
    """Some of the objects that they are in."""


class ChangedFunction(msgspec.Struct, frozen=True):
    """A function that the fix changes, adds or removes."""

    name: str
    """As it is called: sys_read for SYSCALL_DEFINE3(read, ...)."""
    place: Place
    """Where it is defined."""
    change: Change
    """What the fix does to it."""
    objects: tuple[str, ...]
    """vmlinux or the names of modules; empty if Makefiles do not say so plainly."""
    condition: str | None
    """The CONFIG_ option that decides whether it is built."""
    verdict: Verdict
    """The worst verdict of its reasons."""
    reasons: tuple[Reason, ...]
    """Why it cannot be patched, or only with care."""
    notes: tuple[str, ...]
    """What to know that does not change the verdict."""
    users: Users | None
    """For an inline function: the functions that it is part of."""


class ChangedItem(msgspec.Struct, frozen=True):
    """Anything else that the fix changes."""

    kind: ItemKind
    """What it is."""
    name: str
    """Its name; for a file its path."""
    place: Place
    """Where it is."""
    change: Change
    """What the fix does to it."""
    verdict: Verdict
    """The worst verdict of its reasons."""
    reasons: tuple[Reason, ...]
    """Why a livepatch cannot make the change, or only with care."""
    users: Users | None
    """What uses it; null where that does not matter."""


class File(msgspec.Struct, frozen=True):
    """A file, and what there is to say of it."""

    file: str
    """The path from the root of the tree."""
    reason: str
    """Why it is listed."""


class Document(msgspec.Struct, frozen=True):
    """The result of `klplint livepatch --format json`.

    The form is a promise: fields may be added, none renamed or dropped.
    """

    version: int
    """The version of this form."""
    klplint: str
    """The version of klplint."""
    verdict: Verdict
    """The worst verdict of all parts."""
    reasons: tuple[Reason, ...]
    """What follows from the fix as a whole."""
    functions: tuple[ChangedFunction, ...]
    """The functions that the fix changes, adds or removes."""
    items: tuple[ChangedItem, ...]
    """Structures, data, macros, and files that are not C code."""
    not_analysed: tuple[File, ...]
    """Files of which klplint cannot say what their change means."""
    without_effect: tuple[File, ...]
    """Files that do not matter for a kernel that runs."""
    unknowns: tuple[str, ...]
    """What sources alone cannot answer."""


def render(assessment: Assessment) -> str:
    """The assessment as JSON."""
    document = Document(
        version=VERSION,
        klplint=__version__,
        verdict=assessment.verdict,
        reasons=_reasons(assessment.reasons),
        functions=tuple(map(_function, assessment.functions)),
        items=tuple(map(_item, assessment.items)),
        not_analysed=tuple(map(_file, assessment.not_analysed)),
        without_effect=tuple(map(_file, assessment.without_effect)),
        unknowns=assessment.unknowns,
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _function(part: parts.ChangedFunction) -> ChangedFunction:
    return ChangedFunction(
        name=encodable(part.name),
        place=_place(part.spot),
        change=part.change,
        objects=part.objects,
        condition=part.condition or None,
        verdict=part.verdict,
        reasons=_reasons(part.reasons),
        notes=part.notes,
        users=_users(part.users),
    )


def _item(part: parts.ChangedItem) -> ChangedItem:
    return ChangedItem(
        kind=part.kind,
        name=encodable(part.name),
        place=_place(part.spot),
        change=part.change,
        verdict=part.verdict,
        reasons=_reasons(part.reasons),
        users=_users(part.users),
    )


def _users(users: parts.Users | None) -> Users | None:
    if users is None:
        return None
    first = tuple(User(user.name, _place(user.spot)) for user in users.first)
    return Users(users.functions, users.files, users.is_complete, first, users.objects)


def _reasons(reasons: tuple[parts.Reason, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(each.verdict, encodable(each.text), _place(each.spot)) for each in reasons)


def _file(skipped: parts.Skipped) -> File:
    return File(encodable(skipped.file), skipped.reason)


def _place(spot: parts.Spot) -> Place:
    return Place(encodable(spot.file), spot.line)
