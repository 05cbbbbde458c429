"""The plan of a run, made from its settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from klplint.cache.directory import begin
from klplint.catalogue.file_ignores import FileIgnores
from klplint.catalogue.inputs import CatalogueInputs
from klplint.catalogue.remembered import read_catalogue
from klplint.catalogue.rule import Rule
from klplint.catalogue.select import select_rules
from klplint.cli import console
from klplint.config.settings import ExecutionSettings, RuleSettings, Settings, SourceSettings
from klplint.engine.plan import Execution, Plan
from klplint.errors import OutputError, TreeError, UsageError, nearest
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.existence import is_file
from klplint.kernel.file_listing import ListingAhead
from klplint.kernel.sources import Sources, find_sources
from klplint.kernel.tree import Kernel


def plan_run(
    paths: Sequence[Path],
    settings: Settings,
    commands: CompileCommands | None = None,
    *,
    may_lack_tree: bool = False,
    ahead: ListingAhead | None = None,
) -> Plan:
    """The plan of a run with `settings`; `commands` override a compilation database.

    With a patch, PATHs may be files that the patch creates. With `may_lack_tree`, the PATHs may be
    in no kernel tree, and the rules that need none run. Raises KlplintError where the
    settings cannot be met.
    """
    choice, cache = settings.rule_choice, settings.execution.cache_directory
    read = read_catalogue(_inputs(choice), cache)
    catalogue, rules = read.rules, rules_in_force(read.rules, choice)
    if settings.output is None and sys.stdout is None:
        raise OutputError("standard output is closed; give an output file with --output")
    execution, source = settings.execution, settings.source
    kernel = Path(source.kernel) if source.kernel else None
    comparison = settings.comparison
    compares = comparison.patch is not None or comparison.diff_from is not None
    without_tree = tuple(rule for rule in rules if not rule.needs_tree)
    sources = find_sources(
        paths,
        kernel,
        source.exclude,
        may_be_new=settings.patch is not None,
        may_lack_tree=may_lack_tree and bool(without_tree) and not compares,
        ahead=ahead,
    )
    left_out: tuple[str, ...] = ()
    if sources.kernel.is_absent:
        left_out = tuple(rule.code for rule in rules if rule.needs_tree)
        rules = without_tree
    else:
        _expect_architecture(source, sources.kernel)
    return Plan(
        sources=sources,
        rules=rules,
        execution=Execution(
            jobs=execution.processes,
            architecture=source.arch,
            commands=commands or _compile_commands(source, sources),
            parse=not sources.kernel.is_absent,
            # Which partner is certain depends on what else the tree holds.
            partners=execution.partners and not sources.kernel.is_absent,
            cache=_usable(cache, execution, quiet=settings.quiet),
        ),
        catalogue=catalogue,
        to_cache=read.news,
        file_ignores=FileIgnores(settings.per_file_ignores, catalogue),
        left_out=left_out,
    )


def configured_catalogue(settings: RuleSettings) -> tuple[Rule, ...]:
    """All rules, klplint's own and further ones, as the configuration overrides them."""
    return read_catalogue(_inputs(settings), None).rules


def _inputs(settings: RuleSettings) -> CatalogueInputs:
    """What makes the catalogue, without what selects rules from it."""
    return CatalogueInputs(tuple(map(Path, settings.rules)), settings.families, settings.rule)


def rules_in_force(catalogue: tuple[Rule, ...], settings: RuleSettings) -> tuple[Rule, ...]:
    """The rules of a catalogue that are selected; UsageError where there are none."""
    rules = select_rules(catalogue, settings.select, settings.ignore)
    if not rules:
        raise UsageError(
            "no rules selected: --ignore removes every rule that --select keeps", setting="ignore"
        )
    return rules


def _expect_architecture(source: SourceSettings, kernel: Kernel) -> None:
    """TreeError where the kernel does not have the architecture that is set."""
    names = kernel.architectures()
    if source.arch is not None and source.arch not in names:
        raise TreeError(
            f'the tree has no architecture "{source.arch}"'
            f"{nearest(source.arch, names)}; it has {', '.join(names) or 'none'}",
            setting="arch",
        )


def _usable(cache: Path | None, settings: ExecutionSettings, *, quiet: bool) -> Path | None:
    """The cache's directory; None, with a message, where the default one cannot be made.

    Where the user gave a directory that cannot be made, the run ends (see Cache).
    """
    if cache is None or settings.cache_dir is not None:
        return cache
    try:
        begin(cache)
    except OSError as error:
        if not quiet:
            console.say(
                f"{cache}: the cache cannot be created: {error.strerror}; running without one"
            )
        return None
    return cache


def _compile_commands(source: SourceSettings, sources: Sources) -> CompileCommands | None:
    """The compilation database that is set, else the one at the tree's root, if there is one."""
    if source.compile_commands is not None:
        return CompileCommands(Path(source.compile_commands))
    database = sources.kernel.output / DATABASE_NAME
    return CompileCommands(database) if is_file(database) else None
