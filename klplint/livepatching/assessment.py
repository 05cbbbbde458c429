"""The result: what a fix changes, whether each part can be livepatched, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

Verdict = Literal["patchable", "with care", "not patchable"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts, the best first."""

Change = Literal["changed", "added", "removed"]
ItemKind = Literal[
    "structure",
    "enumeration",
    "type",
    "macro",
    "data",
    "declaration",
    "macro call",
    "include",
    "assembly",
    "Kconfig",
    "Makefile",
    "linker script",
    "device tree",
    "file",
]


class Spot(msgspec.Struct, frozen=True, order=True):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Reason(msgspec.Struct, frozen=True):
    """Why a part of a fix cannot be livepatched, or only with care."""

    verdict: Verdict
    """What follows from it: `with care` or `not patchable`."""
    text: str
    """A sentence without its subject: "is marked __init: it is gone after boot"."""
    spot: Spot


class User(msgspec.Struct, frozen=True, order=True):
    """A function, or another place, that uses what is changed."""

    name: str
    spot: Spot
    kind: ItemKind | None = None
    """What it is, if it is not a function."""


class Users(msgspec.Struct, frozen=True):
    """What uses a changed macro, inline function or structure."""

    functions: int = 0
    """How many functions do."""
    files: int = 0
    """How many files name it."""
    first: tuple[User, ...] = ()
    """A few of them."""
    objects: tuple[str, ...] = ()
    """The objects that these files are built into."""
    is_complete: bool = True
    """Whether all files were read; where very many name it, they are only counted."""


class ChangedFunction(msgspec.Struct, frozen=True, kw_only=True):
    """A function that a fix changes."""

    name: str
    spot: Spot
    """Where it is: before the fix, or for a new function after it."""
    change: Change
    objects: tuple[str, ...] = ()
    """The objects that it is built into; empty where Makefiles do not say so plainly."""
    condition: str = ""
    """The option that decides whether it is built."""
    reasons: tuple[Reason, ...] = ()
    users: Users | None = None
    """For an inline function: what it is part of."""
    notes: tuple[str, ...] = ()
    """What to know of it that does not change the verdict."""

    @property
    def verdict(self) -> Verdict:
        """Whether it can be patched."""
        return worst(self.reasons)


class ChangedItem(msgspec.Struct, frozen=True, kw_only=True):
    """Anything else that a fix changes: a structure, data, a macro, another kind of file."""

    kind: ItemKind
    name: str
    spot: Spot
    change: Change
    reasons: tuple[Reason, ...] = ()
    users: Users | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether a livepatch can make this change."""
        return worst(self.reasons)


class Skipped(msgspec.Struct, frozen=True):
    """A file that was not analysed, or that does not matter for a livepatch."""

    file: str
    reason: str


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What a fix changes, and whether it can be livepatched."""

    functions: tuple[ChangedFunction, ...] = ()
    items: tuple[ChangedItem, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """What follows from the fix as a whole."""
    not_analysed: tuple[Skipped, ...] = ()
    without_effect: tuple[Skipped, ...] = ()
    """Files that are not part of a kernel, such as documentation."""
    unknowns: tuple[str, ...] = ()
    """What sources alone cannot answer."""

    @property
    def parts(self) -> tuple[ChangedFunction | ChangedItem, ...]:
        """All that the fix changes: functions first."""
        return (*self.functions, *self.items)

    @property
    def verdict(self) -> Verdict:
        """The verdict for the whole: the worst of its parts."""
        parts = [part.verdict for part in self.parts]
        if self.not_analysed:
            parts.append("with care")
        return max([worst(self.reasons), *parts], key=VERDICTS.index)


def worst(reasons: Iterable[Reason]) -> Verdict:
    """The verdict that some reasons lead to."""
    verdicts = [reason.verdict for reason in reasons]
    return max(verdicts, key=VERDICTS.index, default="patchable")


def not_patchable(text: str, spot: Spot) -> Reason:
    """A reason why something cannot be livepatched."""
    return Reason("not patchable", text, spot)


def with_care(text: str, spot: Spot) -> Reason:
    """A reason to look closer before something is livepatched."""
    return Reason("with care", text, spot)
