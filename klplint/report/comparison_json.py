"""The differences of two reports as JSON."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from klplint import __version__
from klplint.findings.differences import Differences, Item, Kind, Match

VERSION = 1
"""The version of the form. A field may be added without a new one."""


class Listed(msgspec.Struct, frozen=True):
    """A finding or a pair."""

    name: str
    """The code of a finding's rule; of a pair, its barrier."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    function: str
    """The function around it; empty outside of functions."""
    state: str
    """The level of a finding; of a pair, what is said of it in a few words."""
    message: str
    """What is wrong; empty for a pair."""


class InBoth(msgspec.Struct, frozen=True):
    """What both reports have."""

    old: Listed
    """As the first report has it."""
    new: Listed
    """As the second report has it."""


class Document(msgspec.Struct, frozen=True):
    """The differences of two reports. Fields may be added to the form, none renamed or removed."""

    version: int
    """The version of this form; it changes if a field is renamed or removed."""
    klplint: str
    """The version of klplint that compared them."""
    kind: Kind
    """What the reports have: `finding` or `pair`."""
    in_both: int
    """How many both have."""
    only_old: tuple[Listed, ...]
    """What only the first report has, sorted by file and line."""
    only_new: tuple[Listed, ...]
    """What only the second report has, sorted by file and line."""
    changed: tuple[InBoth, ...]
    """What both have, in another state."""
    moved: tuple[InBoth, ...]
    """What both have, in files or functions with different names."""


def render(differences: Differences) -> str:
    """The differences as one JSON object, indented."""
    document = Document(
        version=VERSION,
        klplint=__version__,
        kind=differences.kind,
        in_both=len(differences.both),
        only_old=tuple(map(_listed, differences.only_old)),
        only_new=tuple(map(_listed, differences.only_new)),
        changed=_matches(differences.changed),
        moved=_matches(differences.moved),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _matches(matches: Iterable[Match]) -> tuple[InBoth, ...]:
    return tuple(InBoth(_listed(match.old), _listed(match.new)) for match in matches)


def _listed(item: Item) -> Listed:
    return Listed(item.name, item.file, item.line, item.function, item.state, item.text)
