"""Fixes: what a check proposes to change in the sources, so that a finding is gone.

A check says what should be changed. Where that is in the text, and how it is laid out, is decided
later from the text (klplint/fixes), because checks read no file. The kinds of changes are tagged,
because results are cached with their fixes.
"""

from __future__ import annotations

import msgspec

from klplint.facts.region import Region


class NamedPartner(msgspec.Struct, frozen=True, order=True):
    """A barrier as a comment names it."""

    barrier: str
    function: str
    """The function or macro that holds it."""


class Replacement(msgspec.Struct, frozen=True, tag=True):
    """Other text in place of some that is there."""

    file: str
    region: Region
    was: str
    """What is there now; if it is not, the fix does not fit any more."""
    text: str


class PartnerComment(msgspec.Struct, frozen=True, tag=True):
    """A comment that says which barriers one pairs with: a new one, or a sentence in another."""

    file: str
    region: Region
    """The barrier."""
    partners: tuple[NamedPartner, ...]
    comment: Region | None = None
    """The comment to which the sentence is added; None for a new one above the statement."""
    if_uncommented: bool = False
    """Whether nothing is changed where a comment is at the barrier."""


class SuppressionRemoval(msgspec.Struct, frozen=True, tag=True):
    """A suppression without some of its codes; without any, the comment is removed."""

    file: str
    region: Region
    codes: tuple[str, ...]


class LeftVariable(msgspec.Struct, frozen=True, tag=True):
    """The declaration of a variable, removed if the other changes leave the variable unused."""

    file: str
    name: str
    scope: Region
    """Where the name means the variable."""
    declared: Region | None
    """Where it is declared; None for a parameter, which stays."""
    values: tuple[str, ...]
    """The expressions with which it may be initialised: to compute them has no effect."""
    title: str
    """The title of the fix without this change."""
    is_kept: bool = False
    """Whether it stays in any case, because a macro of the file or of a header may use it."""


class BarrierMove(msgspec.Struct, frozen=True, tag=True):
    """The statement of a barrier, moved between two accesses in its block."""

    file: str
    region: Region
    """The barrier."""
    behind: Region
    """The access that has to be before the barrier."""
    before: Region
    """The access that has to be behind it."""


Change = Replacement | PartnerComment | SuppressionRemoval | BarrierMove | LeftVariable


class Edit(msgspec.Struct, frozen=True, order=True):
    """Text in place of a region; the region is empty where text is only inserted."""

    file: str
    region: Region
    text: str
    old_lines: tuple[str, ...] = ()
    """The lines that it changes, as they are; none where it only adds lines."""
    new_lines: tuple[str, ...] = ()
    """The lines that are there in their place."""


class Fix(msgspec.Struct, frozen=True):
    """A way to correct what a finding reports."""

    title: str
    """What it does, as an imperative: "name the partner in the comment"."""
    changes: tuple[Change, ...]
    safe: bool = False
    """Whether it can be applied without a review."""
    reason: str = ""
    """Why it is right, as sentences for a commit message."""
    gone: str = ""
    """The function that was renamed or removed, if that caused the finding."""
    edits: tuple[Edit, ...] = ()
    """The changes as edits of the text as it is now, in order; empty until they are resolved."""
