"""Settings of a run: from klplint.toml or [tool.klplint] in pyproject.toml, and the command line.

Every key that is not a table has a command-line option of the same name, which overrides it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from klplint.cache.directory import default_directory
from klplint.catalogue.family_tables import FamilyTables
from klplint.catalogue.override_tables import FileIgnoreTable, OverrideTable
from klplint.config.choices import LISTING_FORMATS, MOST_JOBS, Colour, Format
from klplint.errors import UsageError
from klplint.findings.levels import Level
from klplint.kernel.excludes import DEFAULT_EXCLUDES

CONFIG_NAME = "klplint.toml"
TABLES = ("rule", "per-file-ignores", "families")
"""The keys that are tables. They have no option."""


_Count = Annotated[int, msgspec.Meta(ge=0)]
Limits = dict[str, _Count | dict[str, _Count]]
"""How many findings of each rule there may be, in all and in directories."""


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules there are, and which of them are in force."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    rules: tuple[str, ...]
    rule: tuple[OverrideTable, ...]
    per_file_ignores: FileIgnoreTable | None
    families: FamilyTables | None


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are linted, and how they are compiled."""

    exclude: tuple[str, ...]
    kernel: str | None
    arch: str | None
    compile_commands: str | None


class ExecutionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How many processes a run uses, and what it caches."""

    partners: bool
    jobs: int
    cache: bool
    cache_dir: str | None

    @property
    def cache_directory(self) -> Path | None:
        """The cache's directory; None where nothing is cached."""
        if not self.cache:
            return None
        return Path(self.cache_dir) if self.cache_dir is not None else default_directory()

    @property
    def processes(self) -> int:
        """How many processes to use: `jobs`, or one for each processor."""
        return self.jobs or len(os.sched_getaffinity(0))


class ComparisonSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings count."""

    baseline: str | None
    diff_from: str | None
    patch: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the comparison reads."""
        return tuple(path for path in (self.baseline, self.patch) if path is not None)


class OutputSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is written, and where to."""

    format: Format
    output: str | None
    sarif_output: str | None
    json_output: str | None
    markdown_output: str | None
    show_suppressed: bool
    show_baselined: bool
    sarif_category: str

    @property
    def further(self) -> dict[Format, str]:
        """The files to write in addition to the main output, by format."""
        files: dict[Format, str | None] = {
            "sarif": self.sarif_output,
            "json": self.json_output,
            "markdown": self.markdown_output,
        }
        return {name: path for name, path in files.items() if path is not None}

    @property
    def files(self) -> list[tuple[Format, str]]:
        """The files to write, each with its format; the main output comes first."""
        main = [] if self.output is None else [(self.format, self.output)]
        return [*main, *self.further.items()]

    @property
    def formats(self) -> set[Format]:
        """All formats that are written."""
        return {self.format, *self.further}

    def for_listing(self, formats: Sequence[Format] = LISTING_FORMATS) -> OutputSettings:
        """These settings without what a configuration file says for `check` only."""
        form = self.format if self.format in formats else "text"
        return msgspec.structs.replace(
            self, format=form, sarif_output=None, json_output=None, markdown_output=None
        )


class VerdictSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What decides the exit status."""

    fail_on: Level
    max_findings: Limits | None
    exit_zero: bool
    strict: bool


class DisplaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user sees on the terminal."""

    quiet: bool
    color: Colour
    progress: bool
    statistics: bool


Part = TypeVar("Part", bound=msgspec.Struct)


class Settings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True
):
    """All settings of a run, with their defaults. Paths in a file are relative to that file.

    The options of the command line explain each setting: see cli/options.py.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Directories of further rules."""
    rule: tuple[OverrideTable, ...] = ()
    """The tables [rule.CODE], which change single rules."""
    per_file_ignores: FileIgnoreTable | None = None
    """The table [per-file-ignores], which switches rules off for some files."""
    families: FamilyTables | None = None
    """The tables [families.KIND], which add barriers."""
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    format: Format = "text"
    output: str | None = None
    sarif_output: str | None = None
    json_output: str | None = None
    markdown_output: str | None = None
    kernel: str | None = None
    arch: str | None = None
    compile_commands: str | None = None
    partners: bool = True
    jobs: Annotated[int, msgspec.Meta(ge=0, le=MOST_JOBS)] = 0
    cache: bool = True
    cache_dir: str | None = None
    statistics: bool = False
    baseline: str | None = None
    diff_from: str | None = None
    patch: str | None = None
    fail_on: Level = "warning"
    max_findings: Limits | None = None
    exit_zero: bool = False
    show_suppressed: bool = False
    show_baselined: bool = True
    sarif_category: str = "klplint"
    strict: bool = False
    quiet: bool = False
    color: Colour = "auto"
    progress: bool = True

    @property
    def rule_choice(self) -> RuleSettings:
        """Which rules there are, and which of them are in force."""
        return self._part(RuleSettings)

    @property
    def source(self) -> SourceSettings:
        """Which files are linted, and how they are compiled."""
        return self._part(SourceSettings)

    @property
    def execution(self) -> ExecutionSettings:
        """How many processes a run uses, and what it caches."""
        return self._part(ExecutionSettings)

    @property
    def comparison(self) -> ComparisonSettings:
        """Which findings count."""
        return self._part(ComparisonSettings)

    @property
    def outputs(self) -> OutputSettings:
        """What is written, and where to."""
        return self._part(OutputSettings)

    @property
    def verdict(self) -> VerdictSettings:
        """What decides the exit status."""
        return self._part(VerdictSettings)

    @property
    def display(self) -> DisplaySettings:
        """What the user sees on the terminal."""
        return self._part(DisplaySettings)

    def _part(self, kind: type[Part]) -> Part:
        """The settings that `kind` has fields for."""
        names = (field.name for field in msgspec.structs.fields(kind))
        return kind(**{name: getattr(self, name) for name in names})


def expect_one_comparison(settings: Settings) -> None:
    """UsageError for settings that ask for changed lines in two ways."""
    if settings.patch is not None and settings.diff_from is not None:
        raise UsageError(
            "--patch and --diff-from cannot be combined; give only one of them", setting="patch"
        )


def expect_patch_for_reply(settings: Settings) -> None:
    """UsageError for a reply to no change."""
    if settings.format == "mail" and settings.patch is None and settings.diff_from is None:
        raise UsageError(
            "the format mail is a reply to a patch; give one with --patch or --diff-from",
            setting="format",
        )
