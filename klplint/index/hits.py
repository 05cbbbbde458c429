"""What files hold of queries, as a pass over them gives it and the cache keeps it."""

from __future__ import annotations

import msgspec

from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import Definition
from klplint.facts.region import Fact


class Hit(Fact, frozen=True):
    """What a file holds of a query."""

    definitions: tuple[Definition, ...] = ()
    used: bool = False
    """Whether the file may have the name in its code; definitions count."""


class Scanned(msgspec.Struct, frozen=True):
    """The outcome of a pass: hits with the query's number and the file, and unreadable files."""

    hits: list[tuple[int, str, Hit]]
    unreadable: list[Unreadable]
