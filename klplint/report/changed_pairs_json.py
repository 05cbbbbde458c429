"""The pairs that a change touches as JSON, for reviewers and their programs."""

from __future__ import annotations

import msgspec

from klplint import __version__
from klplint.engine.pair_listing import ChangedPair, ChangedPairs, Touched
from klplint.report.pairs_json import ListedPair, listed

VERSION = 1
"""The version of the form. A field may be added without a new one."""


class Change(msgspec.Struct, frozen=True):
    """A pair before and after a change."""

    touched: tuple[Touched, ...]
    """What the change touches: the `barrier`, its `comment`, the `function` around it; the barrier
    on the `other-side`, the `other-function` around that; the `facts`, which are not the same."""
    before: ListedPair | None
    """The pair before the change; null if there was none."""
    after: ListedPair | None
    """The pair after it; null if there is none any more."""


class Document(msgspec.Struct, frozen=True):
    """The pairs that a change touches. Fields may be added to the form, none renamed or removed."""

    version: int
    """The version of this form; it changes if a field is renamed or removed."""
    klplint: str
    """The version of klplint that wrote it."""
    examined: int
    """How many barriers there are after the change, touched or not."""
    changed: tuple[Change, ...]
    """The pairs that are touched, sorted by file and line."""


def render(pairs: ChangedPairs) -> str:
    """The pairs as one JSON object, indented."""
    document = Document(VERSION, __version__, pairs.examined, tuple(map(_change, pairs.pairs)))
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _change(pair: ChangedPair) -> Change:
    return Change(
        pair.touched,
        before=listed(pair.before) if pair.before else None,
        after=listed(pair.after) if pair.after else None,
    )
