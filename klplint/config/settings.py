"""Settings of a run: from klplint.toml or [tool.klplint] in pyproject.toml, and the command line.

Every key but `rule` has a command-line option of the same name, which goes before it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from klplint.cache.directory import usual_folder
from klplint.catalogue.overrides import Adjustment, read_adjustments
from klplint.errors import UsageError
from klplint.findings.finding import Level
from klplint.kernel.excludes import DEFAULT_EXCLUDES, is_pattern
from klplint.strict_toml import TomlFile

Format = Literal["text", "concise", "json", "sarif", "github", "markdown"]
Colour = Literal["auto", "always", "never"]
MOST_JOBS = 256
CONFIG_NAME = "klplint.toml"


class Settings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True
):
    """All settings of a run, with their defaults. Paths in a file are relative to that file.

    `rules` are folders of further rules, `rule` is what the tables [rule.CODE] change in rules.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    rule: tuple[Adjustment, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    format: Format = "text"
    output: str | None = None
    sarif_output: str | None = None
    json_output: str | None = None
    markdown_output: str | None = None
    kernel: str | None = None
    arch: str | None = None
    compile_commands: str | None = None
    jobs: Annotated[int, msgspec.Meta(ge=0, le=MOST_JOBS)] = 0
    cache: bool = True
    cache_dir: str | None = None
    statistics: bool = False
    baseline: str | None = None
    diff_from: str | None = None
    patch: str | None = None
    fail_on: Level = "warning"
    exit_zero: bool = False
    show_suppressed: bool = False
    strict: bool = False
    quiet: bool = False
    color: Colour = "auto"
    progress: bool = True

    def beside(self) -> dict[Format, str]:
        """The files to write besides the output proper, by format."""
        files: dict[Format, str | None] = {
            "sarif": self.sarif_output,
            "json": self.json_output,
            "markdown": self.markdown_output,
        }
        return {name: path for name, path in files.items() if path is not None}

    def cache_folder(self) -> Path | None:
        """Where the cache lies; None where there is to be none."""
        if not self.cache:
            return None
        return Path(self.cache_dir) if self.cache_dir is not None else usual_folder()

    def processes(self) -> int:
        """How many processes to use: `jobs`, or one for each processor at hand."""
        return self.jobs or len(os.sched_getaffinity(0))


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
    """The settings of a file; UsageError where a key or value is wrong."""
    source = TomlFile.read(path)
    table, below = own_table(source)
    if isinstance(table.get("rules"), dict):
        raise source.error(
            f"{below}.rules".lstrip("."),
            "is a list of folders; what changes a rule is a table [rule.CODE] (did you mean rule?)",
        )
    # What [rule.CODE] may hold is known only once the rules are: see adjust.py.
    plain = {key: value for key, value in table.items() if key != "rule"}
    settings = source.decode(Settings, plain, below)
    for key in plain:
        if fault := _fault(key, getattr(settings, key.replace("-", "_"))):
            raise source.error(f"{below}.{key}".lstrip("."), fault)
    adjustments = read_adjustments(source, table.get("rule", {}), f"{below}.rule".lstrip("."))
    return _anchored(msgspec.structs.replace(settings, rule=adjustments), path.parent)


def own_table(source: TomlFile) -> tuple[dict[str, object], str]:
    """klplint's part of a configuration file, and the path of keys at which it stands."""
    if source.path.name != "pyproject.toml":
        return source.content, ""
    table = _table(source)
    if table is None:
        raise UsageError(f"{source.path}: has no table [tool.klplint]")
    return table, "tool.klplint"


def merged(settings: Settings, options: dict[str, object]) -> Settings:
    """`settings` with the command line's choices before them; None and () stand for no choice.

    Raises UsageError for a file or folder without a name, and for a pattern that is none.
    """
    chosen = {key: value for key, value in options.items() if value is not None and value != ()}
    for key in _PATHS:
        if chosen.get(key) == "":
            option = f"--{key.replace('_', '-')}"
            raise UsageError(f"{option}: the name is empty; give one, or leave it out")
    for key, value in chosen.items():
        if fault := _fault(key, value):
            raise UsageError(f"--{key.replace('_', '-')}: {fault}")
    return msgspec.structs.replace(settings, **chosen)


def expect_one_comparison(settings: Settings) -> None:
    """UsageError for settings that ask for changed lines in two ways."""
    if settings.patch is not None and settings.diff_from is not None:
        raise UsageError("--patch and --diff-from exclude each other; give one of them", "patch")


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
