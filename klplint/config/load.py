"""Settings from klplint.toml or [tool.klplint] in pyproject.toml, and from the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from klplint.catalogue.override_tables import read_file_ignores, read_override_tables
from klplint.config.settings import CONFIG_NAME, TABLES, Settings
from klplint.errors import ConfigError, UsageError
from klplint.kernel.excludes import is_pattern
from klplint.strict_toml import TomlFile

_PATHS = (
    "rules",
    "output",
    "sarif_output",
    "json_output",
    "markdown_output",
    "kernel",
    "compile_commands",
    "cache_dir",
    "baseline",
    "patch",
)


def find_config(start: Path) -> Path | None:
    """The configuration file for `start`: the nearest one in its folder or above it.

    A pyproject.toml counts if it has a table [tool.klplint]. There is none for a current folder
    that was removed.
    """
    try:
        folder = start.resolve()
    except FileNotFoundError:
        return None
    for parent in (folder, *folder.parents):
        own, project = parent / CONFIG_NAME, parent / "pyproject.toml"
        if os.path.lexists(own):  # a folder of that name, too: to pass over it would hide a mistake
            return own
        # Path.is_file() may fail, in a folder that must not be looked into.
        is_there = os.path.isfile(project)  # noqa: PTH113
        if is_there and _table(TomlFile.read(project)) is not None:
            return project
    return None


def read_config(path: Path) -> Settings:
    """The settings of a file; ConfigError where a key or value is wrong."""
    source = TomlFile.read(path)
    table, below = own_table(source)
    if isinstance(table.get("rules"), dict):
        raise source.error(
            f"{below}.rules".lstrip("."),
            "is a list of folders; what changes a rule is a table [rule.CODE] (did you mean rule?)",
        )
    # What [rule.CODE] may hold is known only once the rules are: see catalogue/overrides.py.
    plain = {key: value for key, value in table.items() if key not in TABLES}
    settings = source.decode(Settings, plain, below)
    for key in plain:
        if fault := _fault(key, getattr(settings, key.replace("-", "_"))):
            raise source.error(f"{below}.{key}".lstrip("."), fault)
    overrides = read_override_tables(source, table.get("rule", {}), f"{below}.rule".lstrip("."))
    ignores = None
    if "per-file-ignores" in table:
        ignores = read_file_ignores(
            source, table["per-file-ignores"], f"{below}.per-file-ignores".lstrip(".")
        )
    settings = msgspec.structs.replace(settings, rule=overrides, per_file_ignores=ignores)
    return _anchored(settings, path.parent)


def own_table(source: TomlFile) -> tuple[dict[str, object], str]:
    """klplint's part of a configuration file, and the path of keys at which it stands."""
    if source.path.name != "pyproject.toml":
        return source.content, ""
    table = _table(source)
    if table is None:
        raise ConfigError(f"{source.path}: has no table [tool.klplint]")
    return table, "tool.klplint"


def merged(settings: Settings, options: Mapping[str, object]) -> Settings:
    """`settings` overridden by the options of the command line; None and () stand for no choice.

    Raises UsageError for an empty path, and for a pattern that is not valid.
    """
    chosen = {key: value for key, value in options.items() if value is not None and value != ()}
    for key, value in chosen.items():
        if fault := _fault_of_option(key, value):
            raise UsageError(f"--{key.replace('_', '-')}: {fault}")
    return msgspec.structs.replace(settings, **chosen)


def _fault_of_option(key: str, value: object) -> str | None:
    """What is wrong with an option's value; None if nothing is."""
    if key in _PATHS and value == "":
        return "the name is empty; give one, or leave it out"
    return _fault(key, value)


def _fault(key: str, value: object) -> str | None:
    """What is wrong with a setting's value that is of the right type; None if nothing is."""
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str) and "\0" in text:
            return "holds a NUL character, which no name can; take it out"
        if isinstance(text, str) and key == "exclude" and not is_pattern(text):
            return f'"{text}" is no pattern as in .gitignore; mend it, or leave it out'
    return None


def _table(source: TomlFile) -> dict[str, object] | None:
    tool = source.content.get("tool")
    table = tool.get("klplint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise source.error("tool.klplint", "expected a table: [tool.klplint]")
    return table


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Relative paths made relative to the configuration file's folder."""

    def anchor(value: str) -> str:
        return str(folder / value)

    changes: dict[str, object] = {}
    for key in _PATHS:
        value = getattr(settings, key)
        if isinstance(value, tuple):
            changes[key] = tuple(anchor(entry) for entry in value)
        elif value is not None and (key, value) != ("patch", "-"):
            changes[key] = anchor(value)
    return msgspec.structs.replace(settings, **changes)


def config_start(paths: Sequence[Path]) -> Path:
    """Where the search for a configuration file begins: the first PATH's folder."""
    first = paths[0] if paths else Path()
    # Path.is_dir() may fail, as for a name that is too long.
    return first if os.path.isdir(first) else first.parent  # noqa: PTH112
