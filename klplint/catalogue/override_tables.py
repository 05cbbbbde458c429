"""The tables [rule.CODE] of a configuration file, read but not yet checked.

They are apart from `overrides`, which knows all checks: a configuration file can be read without
loading those.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from klplint.kernel.excludes import is_pattern
from klplint.strict_toml import TomlFile


class OverrideTable(msgspec.Struct, frozen=True):
    """A table that changes a rule."""

    rule: str
    """The rule, by code or name."""
    table: dict[str, object]
    """The keys to change, with their new values."""
    source: TomlFile
    """The file that the table is in."""
    path: str
    """The path of keys at which the table stands in the file, with dots."""


class FileIgnoreTable(msgspec.Struct, frozen=True):
    """The table [per-file-ignores]: which rules do not apply to which files."""

    base: Path
    """The directory of the configuration file, to which the patterns are relative."""
    words: dict[str, tuple[str, ...]]
    """The rules (codes, code prefixes or names) by pattern."""
    source: TomlFile
    path: str
    """The path of keys at which the table stands in the file, with dots."""


def read_file_ignores(source: TomlFile, table: object, path: str) -> FileIgnoreTable:
    """The table at `path` of a configuration file; ConfigError for a pattern that is not one."""
    words = source.decode(dict[str, tuple[str, ...]], table, path)
    for pattern in words:
        if pattern.startswith("!") or not is_pattern(pattern):
            raise source.error_at(
                [*path.split("."), pattern],
                "is not a pattern as in .gitignore, or begins with !; write one that matches the "
                "files",
            )
    return FileIgnoreTable(Path(os.path.realpath(source.path.parent)), words, source, path)


def read_override_tables(source: TomlFile, tables: object, path: str) -> tuple[OverrideTable, ...]:
    """The tables at `path` of a configuration file, one for each rule."""
    return tuple(
        OverrideTable(rule, _table(source, table, f"{path}.{rule}"), source, f"{path}.{rule}")
        for rule, table in _table(source, tables, path).items()
    )


def _table(source: TomlFile, value: object, path: str) -> dict[str, object]:
    """A value that has to be a table; ConfigError where it is not."""
    return source.decode(dict[str, object], value, path)
