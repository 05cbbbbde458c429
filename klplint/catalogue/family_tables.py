"""The tables [families.KIND] of a configuration file: barriers that klplint does not know.

They are read here, without loading the checks; `own_families` adds them to the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, cast, get_args

import msgspec

from klplint.errors import nearest
from klplint.strict_toml import TomlFile

Kind = Literal["reader", "writer", "full", "load", "store"]
"""`reader`, `writer` and `full` stand between accesses; a `load` or `store` has an argument."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_NAME = re.compile(r"(?!\d)\w+", re.ASCII)


class FamilyEntry(msgspec.Struct, frozen=True):
    """A barrier in a table of families."""

    kind: Kind
    name: str
    partner: str


class FamilyTables(msgspec.Struct, frozen=True):
    """The tables of barriers, read but not yet compared with klplint's own."""

    entries: tuple[FamilyEntry, ...]
    source: TomlFile
    path: str
    """The path of keys at which the tables stand in the file, with dots."""

    def names(self, *kinds: Kind) -> tuple[str, ...]:
        """The names of the barriers of some kinds."""
        return tuple(entry.name for entry in self.entries if entry.kind in kinds)

    def partners(self, kind: Kind) -> dict[str, str]:
        """The barriers of a kind, each with its usual partner."""
        return {entry.name: entry.partner for entry in self.entries if entry.kind == kind}

    def steps(self, entry: FamilyEntry) -> list[str | int]:
        """The path to an entry, for messages."""
        return [*self.path.split("."), entry.kind, entry.name]


def read_families(source: TomlFile, tables: object, path: str) -> FamilyTables:
    """The tables at `path` of a configuration file; ConfigError for what is not a family."""
    content = source.decode(dict[str, object], tables, path)
    for kind in content:
        if kind not in KINDS:
            raise source.error(
                f"{path}.{kind}",
                f"unknown kind of barrier{nearest(kind, KINDS)}; expected one of "
                f"{', '.join(KINDS)}",
            )
    entries: dict[str, FamilyEntry] = {}
    for entry in _entries(source, content, path):
        taken = entries.setdefault(entry.name, entry)
        if taken is not entry:
            raise source.error_at(
                [*path.split("."), entry.kind, entry.name],
                f"is also in [families.{taken.kind}]; expected each name in one family",
            )
    return FamilyTables(tuple(entries.values()), source, path)


def _entries(source: TomlFile, content: dict[str, object], path: str) -> Iterator[FamilyEntry]:
    for kind, table in content.items():
        for name, value in source.decode(dict[str, object], table, f"{path}.{kind}").items():
            steps = [*path.split("."), kind, name]
            for word in (name, value):
                if not isinstance(word, str):
                    raise source.error_at(steps, "expected the name of its usual partner, as text")
                if not _NAME.fullmatch(word):
                    raise source.error_at(
                        steps,
                        f'"{word}" is not a name in C; expected a barrier and its usual partner, '
                        'as in smp_rmb = "smp_wmb"',
                    )
            yield FamilyEntry(cast("Kind", kind), name, str(value))
