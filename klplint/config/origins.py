"""Every setting in force, with where it comes from: the default, a file's line, an option."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from klplint.config.load import config_table, merged, read_config
from klplint.config.settings import TABLES, Settings
from klplint.strict_toml import TomlFile


class Setting(msgspec.Struct, frozen=True):
    """A setting in force, and where its value comes from."""

    key: str
    """The key, as in a configuration file."""
    value: object
    origin: Literal["default", "file", "option"] = "default"
    file: str | None = None
    """The configuration file that sets it, if one does."""
    line: int | None = None
    """The line of the configuration file."""
    option: str | None = None
    """The option that sets it, if one does."""

    @property
    def place(self) -> str:
        """Where the value comes from: "default", a file and line, or an option."""
        return self.option or (f"{self.file}:{self.line}" if self.file else self.origin)


def settings_in_force(config: Path | None, options: Mapping[str, object]) -> tuple[Setting, ...]:
    """All settings of `config`, a file, and of the command line's `options`, which override them.

    Tables come last, with an entry for each of their keys. Raises ConfigError or
    UsageError where a value is wrong.
    """
    settings = read_config(config) if config else Settings()
    plain = _plain_settings(merged(settings, options), options, config)
    return (*plain, *_file_ignores(settings), *_families(settings), *_settings_of_rules(settings))


def _plain_settings(
    settings: Settings, options: Mapping[str, object], config: Path | None
) -> Iterator[Setting]:
    """The settings outside the tables of rules."""
    source = TomlFile.read(config) if config else None
    table, prefix = config_table(source) if source else ({}, "")
    for field in msgspec.structs.fields(Settings):
        key, value = field.encode_name, getattr(settings, field.name)
        if key in TABLES:
            continue
        if options.get(field.name) not in (None, ()):
            option = f"--no-{key}" if value is False else f"--{key}"
            yield Setting(key, value, "option", option=option)
        elif source and key in table:
            yield Setting(key, value, "file", str(source.path), source.line_of(f"{prefix}{key}"))
        else:
            yield Setting(key, value)


def _file_ignores(settings: Settings) -> Iterator[Setting]:
    """What the table [per-file-ignores] sets."""
    table = settings.per_file_ignores
    if table is None:
        return
    for pattern, words in table.words.items():
        line = table.source.line_at([*table.path.split("."), pattern])
        yield Setting(f'per-file-ignores."{pattern}"', words, "file", str(table.source.path), line)


def _families(settings: Settings) -> Iterator[Setting]:
    """What the tables [families.KIND] set."""
    tables = settings.families
    if tables is None:
        return
    for entry in tables.entries:
        line = tables.source.line_at(tables.steps(entry))
        key = f"families.{entry.kind}.{entry.name}"
        yield Setting(key, entry.partner, "file", str(tables.source.path), line)


def _settings_of_rules(settings: Settings) -> Iterator[Setting]:
    """What the tables [rule.CODE] set."""
    for override in settings.rule:
        source = override.source
        for key, value in override.table.items():
            line = source.line_of(f"{override.path}.{key}")
            yield Setting(f"rule.{override.rule}.{key}", value, "file", str(source.path), line)
