"""The plan of a run: which files are linted, by which rules, and how the run works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from klplint.catalogue.file_ignores import FileIgnores
from klplint.catalogue.rule import Rule
from klplint.facts.watch import Watch
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.sources import Sources


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How a run works: processes, time limits, the compiler's arguments, the cache."""

    jobs: int
    """The number of processes."""
    seconds_per_file: float = 60.0
    """The longest time that one file may take, to analyse it or to search in it."""
    parse: bool = True
    """Whether libclang parses the files; comments alone can be read without a compiler."""
    architecture: str | None = None
    """The architecture for files outside arch/, where it is not the default."""
    commands: CompileCommands | None = None
    """The compilation database to take arguments from."""
    cache: Path | None = None
    """The cache's directory; None where nothing is cached."""
    partners: bool = True
    """Whether the partners of read barriers are searched in the code."""
    is_repeated: bool = False
    """Whether the same files are parsed again and again, as while somebody types."""
    keep: bool = True
    """Whether results are added to the cache; without, it is only read."""


class Plan(msgspec.Struct, frozen=True):
    """What a run is about. Every later stage starts from it."""

    sources: Sources
    """The files to lint, and their kernel."""
    rules: tuple[Rule, ...]
    """The rules in force."""
    execution: Execution
    catalogue: tuple[Rule, ...] = ()
    """All rules, the ones that are not in force included; empty where the rules are all.

    Suppressions may name any of them, and facts are collected for all of them: so cached facts
    serve whichever rules are in force.
    """

    file_ignores: FileIgnores | None = None
    """The rules that do not apply to single files."""
    left_out: tuple[str, ...] = ()
    """The codes of the selected rules that do not run, because there is no kernel tree."""
    to_cache: Mapping[bytes, object] = {}
    """Entries for the cache that came up when the plan was made."""

    def codes_ignored_in(self, path: str) -> frozenset[str]:
        """The codes of the rules that do not apply to a file of the sources."""
        if self.file_ignores is None:
            return frozenset()
        return self.file_ignores.codes(self.sources.home / path)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the rules in force."""
        return frozenset(rule.code for rule in self.rules)

    @property
    def all_codes(self) -> frozenset[str]:
        """The codes that a suppression may name."""
        return self.codes | {rule.code for rule in self.catalogue}

    @property
    def kernel_version(self) -> str:
        """The version of the kernel tree; "" without one."""
        kernel = self.sources.kernel
        return "" if kernel.is_absent else str(kernel.version)

    @property
    def watch(self) -> Watch:
        """What the rules in force watch."""
        return watch_of(self.rules)


def is_compared(sources: Sources, execution: Execution) -> bool:
    """Whether a run can compare all that its result depends on: not what lies elsewhere."""
    is_apart = sources.out_of_tree or sources.kernel.build or sources.kernel.is_absent
    is_changed = sources.origin or not execution.keep or sources.unreadable
    return not (is_apart or is_changed or execution.commands)


def watch_of(rules: Iterable[Rule]) -> Watch:
    """What some rules watch, together."""
    watch = Watch()
    for rule in rules:
        watch |= rule.check.watch
    return watch
