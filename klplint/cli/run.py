"""One run as the command line and the configuration ask for it, from settings to outputs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from klplint import __version__
from klplint.cache.directory import begin, is_there
from klplint.catalogue.overrides import adjusted
from klplint.catalogue.rule import Rule, load_catalogue, select_rules
from klplint.cli import console
from klplint.cli.output_files import OutputFile
from klplint.compare import baseline as baselines
from klplint.compare.baseline import Comparison
from klplint.compare.comparison import scope
from klplint.config.settings import Settings, expect_one_comparison
from klplint.engine.coverage import cover
from klplint.engine.lint import lint, watch_of
from klplint.engine.pair_listing import pair_up
from klplint.engine.session import Setup
from klplint.errors import UsageError, nearest
from klplint.findings.finding import NotAnalysed, Result, at_least
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.file_listing import SOURCE_SUFFIXES
from klplint.kernel.sources import Sources, find_sources
from klplint.process_pool import begin_server
from klplint.report import LISTING_FORMATS, Report, Style, render
from klplint.statistics import Statistics

USAGE_STATUS = 2
# What no output may replace; report files bear other names.
_SOURCES = (
    *(f"*{suffix}" for suffix in SOURCE_SUFFIXES),
    *("Makefile*", "Kbuild*", "Kconfig*", ".config", "*.mk", "*.lds*", "*.dts*"),
)


class Task(msgspec.Struct, frozen=True):
    """What a run is about: the rules in force and the files to look at."""

    rules: tuple[Rule, ...]
    sources: Sources
    setup: Setup
    catalogue: tuple[Rule, ...]
    """All rules, those that are not in force too."""


def catalogue(settings: Settings) -> tuple[Rule, ...]:
    """All rules, klplint's own and further ones, as the configuration has them."""
    return adjusted(load_catalogue(map(Path, settings.rules)), settings.rule)


def selected(listed: tuple[Rule, ...], settings: Settings) -> tuple[Rule, ...]:
    """Those of the `listed` rules that are in force; UsageError where that is none."""
    rules = select_rules(listed, settings.select, settings.ignore)
    if not rules:
        raise UsageError("no rule is left: --ignore takes away all that --select leaves")
    return rules


def prepare(
    paths: Sequence[Path],
    settings: Settings,
    commands: CompileCommands | None = None,
    *,
    is_patched: bool = False,
) -> Task:
    """The task that `settings` ask for; UsageError where they cannot be met.

    `commands` go before a compilation database. What `is_patched` may have PATHs that the patch
    creates: see `scope`.
    """
    listed = catalogue(settings)
    rules = selected(listed, settings)
    if settings.output is None and sys.stdout is None:
        raise UsageError("standard output is closed; name a file with --output")
    cache = settings.cache_folder()
    if settings.processes() > 1 and not is_there(cache):
        begin_server()  # there will be work for it, once the files are listed
    kernel = Path(settings.kernel) if settings.kernel else None
    sources = find_sources(paths, kernel, settings.exclude, may_be_new=is_patched)
    known = sources.kernel.architectures()
    if settings.arch is not None and settings.arch not in known:
        raise UsageError(
            f'the tree has no architecture "{settings.arch}"'
            f"{nearest(settings.arch, known)}; it has {', '.join(known) or 'none'}",
            "arch",
        )
    setup = Setup(
        jobs=settings.processes(),
        architecture=settings.arch,
        commands=commands or _compile_commands(settings, sources),
        cache=_usable(cache, settings),
    )
    return Task(rules, sources, setup, listed)


def _usable(cache: Path | None, settings: Settings) -> Path | None:
    """The cache's folder; none, and that is told, where the usual one cannot be made.

    One that the user named is a matter of its own: then the run ends (see Cache).
    """
    if cache is None or settings.cache_dir is not None:
        return cache
    try:
        begin(cache)
    except OSError as error:
        if not settings.quiet:
            console.say(f"{cache}: no cache can be kept here: {error.strerror}; nothing is kept")
        return None
    return cache


def _compile_commands(settings: Settings, sources: Sources) -> CompileCommands | None:
    """The compilation database that is named, else the one at the tree's root, if there is one."""
    if settings.compile_commands is not None:
        return CompileCommands(Path(settings.compile_commands))
    usual = sources.kernel.root / DATABASE_NAME
    return CompileCommands(usual) if usual.is_file() else None


def check(paths: Sequence[Path], settings: Settings) -> int:
    """Lint, write all outputs, and give the exit status."""
    expect_one_comparison(settings)
    task = prepare(paths, settings, is_patched=settings.patch is not None)
    codes = frozenset(rule.code for rule in task.rules)
    with contextlib.ExitStack() as stack:
        files = _open_outputs(settings, task.sources, stack)
        own = stack.enter_context(scope(paths, settings, (task.sources, task.setup), codes))
        statistics = Statistics()
        with console.progress(settings) as progress:
            result, compared = own.lint(
                lambda s, setup: lint(s, task.rules, setup, progress, task.catalogue, statistics)
            )
        report = Report(result, task.rules, __version__, settings.show_suppressed)
        for name, file in files:
            file.write(render(name, report, Style()))
    if settings.output is None:
        console.write(render(settings.format, report, console.style(settings)))
    console.warn(report, settings)
    if settings.statistics:
        console.tell_statistics([*statistics.lines(), *gone_lines(compared)])
    return exit_status(result, settings)


def gone_lines(compared: Comparison | None) -> list[str]:
    """What --statistics has to say of a baseline."""
    return [*baselines.statistics_lines(compared)] if compared else []


def baseline(paths: Sequence[Path], settings: Settings) -> int:
    """Write today's findings as a baseline, and give the exit status."""
    if settings.baseline is None:
        raise UsageError("name the file to write with -o FILE, or `baseline` in the configuration")
    settings = msgspec.structs.replace(_for_listing(settings), output=settings.baseline)
    task = prepare(paths, settings)
    with _listing(settings, task.sources) as files:
        with console.progress(settings) as progress:
            result = lint(task.sources, task.rules, task.setup, progress, task.catalogue)
        _tell_unreadable(p for p in result.not_analysed if p.file in result.unreadable)
        if result.unreadable:
            console.say(f"{settings.baseline}: not written, for files could not be read")
            return USAGE_STATUS
        for _, file in files:
            file.write(baselines.render(result.findings))
    if not settings.quiet:
        console.say(f"{settings.baseline}: findings written: {len(result.findings):,}")
    return 0


def coverage(paths: Sequence[Path], settings: Settings) -> int:
    """Account for every occurrence, write the account, and give the exit status."""
    from klplint.report import coverage as coverage_report  # rich's tables take their time

    settings = _for_listing(settings)
    task = prepare(paths, settings)
    with _listing(settings, task.sources) as files:
        with console.progress(settings) as progress:
            found = cover(task.sources, watch_of(task.rules), task.setup, progress)
        _write(settings, files, lambda name, style: coverage_report.render(name, found, style))
    _tell_unreadable(found.unreadable)
    incomplete = settings.strict and found.unreached()
    if incomplete:
        console.say(f"{len(found.unreached())} not reached by libclang, and --strict is on")
    return USAGE_STATUS if found.unreadable or incomplete else 0


def pairs(paths: Sequence[Path], settings: Settings) -> int:
    """List every read barrier with its counterparts, and give the exit status."""
    from klplint.report import pairs as pairs_report

    settings = _for_listing(settings)
    task = prepare(paths, settings)
    with _listing(settings, task.sources) as files:
        with console.progress(settings) as progress:
            found = pair_up(task.sources, task.rules, task.setup, progress)
        _write(settings, files, lambda name, style: pairs_report.render(name, found, style))
    _tell_unreadable(found.unreadable)
    return USAGE_STATUS if found.unreadable else 0


def _for_listing(settings: Settings) -> Settings:
    """Settings without what a configuration file says to `check` only."""
    if settings.format not in LISTING_FORMATS:
        settings = msgspec.structs.replace(settings, format="text")
    return msgspec.structs.replace(
        settings, sarif_output=None, json_output=None, markdown_output=None
    )


@contextlib.contextmanager
def _listing(settings: Settings, sources: Sources) -> Iterator[list[tuple[str, OutputFile]]]:
    with contextlib.ExitStack() as stack:
        yield _open_outputs(settings, sources, stack)


def _write(
    settings: Settings,
    files: list[tuple[str, OutputFile]],
    rendered: Callable[[str, Style], str],
) -> None:
    """Write a listing to its file, else to standard output."""
    for name, file in files:
        file.write(rendered(name, Style()))
    if settings.output is None:
        console.write(rendered(settings.format, console.style(settings)))


def _tell_unreadable(problems: Iterable[NotAnalysed]) -> None:
    for problem in problems:
        console.say(f"{problem.file}: {problem.reason}")


def _open_outputs(
    settings: Settings, sources: Sources, stack: contextlib.ExitStack
) -> list[tuple[str, OutputFile]]:
    """The formats to write to files.

    UsageError if one path is named twice, is a source of the tree, or cannot be written.
    """
    wanted: list[tuple[str, str]] = list(settings.beside().items())
    if settings.output is not None:
        wanted.insert(0, (settings.format, settings.output))
    if len({os.path.realpath(path) for _, path in wanted}) < len(wanted):
        raise UsageError("two outputs name the same file; give each a file of its own")
    linted = frozenset(sources.files)
    for _, path in wanted:
        real = os.path.relpath(os.path.realpath(path), sources.root)
        if Path(real).as_posix() in linted:
            raise UsageError(f"{path}: is one of the files to lint; name another output file")
        if _is_source(Path(path), sources):
            raise UsageError(f"{path}: is a source of the tree; name another output file")
    return [(name, stack.enter_context(OutputFile(Path(path)))) for name, path in wanted]


def _is_source(path: Path, sources: Sources) -> bool:
    """Whether a file is there, in the tree, that people write and git keeps: no output's place."""
    real = Path(os.path.realpath(path))
    is_inside = any(real.is_relative_to(root) for root in (sources.root, sources.kernel.root))
    return is_inside and any(map(real.match, _SOURCES)) and real.is_file()


def exit_status(result: Result, settings: Settings) -> int:
    """The exit status of a run that lints."""
    if result.unreadable or (settings.strict and result.not_analysed):
        return USAGE_STATUS
    if settings.exit_zero:
        return 0
    return int(any(at_least(finding.level, settings.fail_on) for finding in result.findings))
