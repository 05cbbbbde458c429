"""Settings from klplint.toml or [tool.klplint] in pyproject.toml, and from the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from klplint.catalogue.family_tables import read_families
from klplint.catalogue.override_tables import read_file_ignores, read_override_tables
from klplint.config.settings import CONFIG_NAME, TABLES, Settings
from klplint.errors import ConfigError, UsageError
from klplint.kernel.excludes import is_pattern
from klplint.strict_toml import TomlFile

# The settings that are paths.
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
    """The configuration file for `start`: the nearest one in its directory or above it.

    A pyproject.toml counts if it has a table [tool.klplint]. Nothing is found from a current
    directory that was removed.
    """
    try:
        directory = start.resolve()
    except FileNotFoundError:
        return None
    for parent in (directory, *directory.parents):
        config, project = parent / CONFIG_NAME, parent / "pyproject.toml"
        if os.path.lexists(config):  # a directory, too: to pass over it would hide a mistake
            return config
        # Path.is_file() raises an error in a directory that must not be read.
        is_file = os.path.isfile(project)  # noqa: PTH113
        if is_file and _project_table(TomlFile.read(project)) is not None:
            return project
    return None


def config_start(paths: Sequence[Path]) -> Path:
    """Where the search for a configuration file begins: the first PATH's directory."""
    first = paths[0] if paths else Path()
    # Path.is_dir() raises an error for a name that is too long.
    return first if os.path.isdir(first) else first.parent  # noqa: PTH112


def read_config(path: Path) -> Settings:
    """The settings of a file; ConfigError where a key or value is wrong."""
    source = TomlFile.read(path)
    table, prefix = config_table(source)
    if isinstance(table.get("rules"), dict):
        raise source.error(
            f"{prefix}rules",
            "expected a list of directories; a table that changes a rule is called [rule.CODE] "
            "(did you mean rule?)",
        )
    # What [rule.CODE] may contain depends on the rule: see catalogue/overrides.py.
    plain = {key: value for key, value in table.items() if key not in TABLES}
    settings = source.decode(Settings, plain, prefix.rstrip("."))
    for key in plain:
        if fault := _fault(key, getattr(settings, key.replace("-", "_"))):
            raise source.error(f"{prefix}{key}", fault)
    overrides = read_override_tables(source, table.get("rule", {}), f"{prefix}rule")
    ignores = None
    if "per-file-ignores" in table:
        ignores = read_file_ignores(source, table["per-file-ignores"], f"{prefix}per-file-ignores")
    families = None
    if "families" in table:
        families = read_families(source, table["families"], f"{prefix}families")
    settings = msgspec.structs.replace(
        settings, rule=overrides, per_file_ignores=ignores, families=families
    )
    return _anchored(settings, path.parent)


def config_table(source: TomlFile) -> tuple[dict[str, object], str]:
    """klplint's part of a configuration file, and what comes before its keys in their full names.

    That is "" in klplint.toml and "tool.klplint." in pyproject.toml.
    """
    if source.path.name != "pyproject.toml":
        return source.content, ""
    table = _project_table(source)
    if table is None:
        raise ConfigError(f"{source.path}: no table [tool.klplint]; add one, or give another file")
    return table, "tool.klplint."


def _project_table(source: TomlFile) -> dict[str, object] | None:
    """The table [tool.klplint] of a pyproject.toml; None if it has none."""
    tool = source.content.get("tool")
    table = tool.get("klplint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise source.error("tool.klplint", "expected a table: [tool.klplint]")
    return table


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
        return "the value is empty; give a path, or omit the option"
    return _fault(key, value)


def _fault(key: str, value: object) -> str | None:
    """What is wrong with a setting's value that is of the right type; None if nothing is."""
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str) and "\0" in text:
            return "contains a NUL character; remove it"
        if isinstance(text, str) and key == "exclude" and not is_pattern(text):
            return f'"{text}" is not a valid .gitignore pattern; fix or remove it'
    return None


def _anchored(settings: Settings, directory: Path) -> Settings:
    """`settings` with relative paths made relative to the configuration file's directory."""

    def anchor(value: str) -> str:
        return str(directory / value)

    changes: dict[str, object] = {}
    for key in _PATHS:
        value = getattr(settings, key)
        if isinstance(value, tuple):
            changes[key] = tuple(anchor(entry) for entry in value)
        elif value is not None and (key, value) != ("patch", "-"):
            changes[key] = anchor(value)
    return msgspec.structs.replace(settings, **changes)
