"""Every setting in force, with where it comes from: the default, a file's line, an option."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from klplint.config.load import merged, own_table, read_config
from klplint.config.settings import TABLES, Settings
from klplint.strict_toml import TomlFile


class Setting(msgspec.Struct, frozen=True):
    """A setting: its key in a configuration file, its value in force, and whence it has that.

    `file` and `line` say where a configuration file sets it, `option` which option does.
    """

    key: str
    value: object
    origin: Literal["default", "file", "option"] = "default"
    file: str | None = None
    line: int | None = None
    option: str | None = None

    @property
    def place(self) -> str:
        """Where the value comes from, in a word."""
        return self.option or (f"{self.file}:{self.line}" if self.file else self.origin)


def settings_in_force(config: Path | None, options: Mapping[str, object]) -> tuple[Setting, ...]:
    """All settings of `config`, a file, and of the command line's `options`, which go before it.

    Tables [rule.CODE] come last, one entry for each of their keys. Raises ConfigError where the
    file is wrong.
    """
    own = read_config(config) if config else Settings()
    chosen = {key for key, value in options.items() if value is not None and value != ()}
    in_force = merged(own, options)
    return (*_plain(own, in_force, chosen, config), *_of_files(own), *_of_rules(own))


def _plain(
    own: Settings, in_force: Settings, chosen: set[str], config: Path | None
) -> Iterator[Setting]:
    source = TomlFile.read(config) if config else None
    table, below = own_table(source) if source else ({}, "")
    for field in msgspec.structs.fields(Settings):
        key, value = field.encode_name, getattr(in_force, field.name)
        if key in TABLES:
            continue
        if field.name in chosen:
            option = f"--no-{key}" if value is False else f"--{key}"
            yield Setting(key, value, "option", option=option)
        elif source and key in table:
            line = source.line_of(f"{below}.{key}".lstrip("."))
            yield Setting(key, value, "file", str(source.path), line)
        else:
            yield Setting(key, value)


def _of_files(settings: Settings) -> Iterator[Setting]:
    table = settings.per_file_ignores
    for pattern, words in table.words.items() if table else ():
        assert table is not None
        line = table.source.line_at([*table.path.split("."), pattern])
        yield Setting(f'per-file-ignores."{pattern}"', words, "file", str(table.source.path), line)


def _of_rules(settings: Settings) -> Iterator[Setting]:
    for adjustment in settings.rule:
        source = adjustment.source
        for key, value in adjustment.table.items():
            line = source.line_of(f"{adjustment.path}.{key}")
            yield Setting(f"rule.{adjustment.rule}.{key}", value, "file", str(source.path), line)
