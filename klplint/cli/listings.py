"""`klplint coverage`, `pairs` and `baseline`: commands that list, and report no findings."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from klplint.cli import console
from klplint.cli.output_files import OutputFile, open_outputs
from klplint.cli.plan import plan_run
from klplint.compare import baseline as baselines
from klplint.config.settings import Settings
from klplint.engine.coverage import cover
from klplint.engine.lint import lint
from klplint.engine.pair_listing import pair_up
from klplint.errors import KlplintError, UsageError
from klplint.findings.finding import NotAnalysed
from klplint.report import Style


def baseline(paths: Sequence[Path], settings: Settings) -> int:
    """Write today's findings as a baseline, and give the exit status."""
    file = settings.baseline
    if file is None:
        raise UsageError("name the file to write with -o FILE, or `baseline` in the configuration")
    # The baseline is what this run writes, and nothing that it reads.
    with _Listing(paths, msgspec.structs.replace(settings, output=file)) as listing:
        with console.progress(settings.display) as progress:
            result = lint(listing.plan, progress)
        _say_unreadable(p for p in result.not_analysed if p.file in result.unreadable)
        if result.unreadable:
            console.say(f"{file}: not written, for files could not be read")
            return KlplintError.exit_status
        listing.write(lambda *_: baselines.render(result.findings))
    if not settings.quiet:
        console.say(f"{file}: findings written: {len(result.findings):,}")
    return 0


def coverage(paths: Sequence[Path], settings: Settings) -> int:
    """Account for every occurrence, write the account, and give the exit status."""
    from klplint.report import coverage as coverage_report  # rich's tables take their time

    with _Listing(paths, settings) as listing:
        with console.progress(settings.display) as progress:
            covered = cover(listing.plan, progress)
        listing.write(lambda name, style: coverage_report.render(name, covered, style))
    _say_unreadable(covered.unreadable)
    incomplete = settings.strict and covered.unreached()
    if incomplete:
        console.say(f"{len(covered.unreached())} not reached by libclang, and --strict is on")
    return KlplintError.exit_status if covered.unreadable or incomplete else 0


def pairs(paths: Sequence[Path], settings: Settings) -> int:
    """List every read barrier with its counterparts, and give the exit status."""
    from klplint.report import pairs as pairs_report

    with _Listing(paths, settings) as listing:
        with console.progress(settings.display) as progress:
            pairs = pair_up(listing.plan, progress)
        listing.write(lambda name, style: pairs_report.render(name, pairs, style))
    _say_unreadable(pairs.unreadable)
    return KlplintError.exit_status if pairs.unreadable else 0


class _Listing(contextlib.ExitStack):
    """The plan of a command that lists, and its output, which is opened before the work begins."""

    def __init__(self, paths: Sequence[Path], settings: Settings) -> None:
        super().__init__()
        self.plan = plan_run(paths, settings)
        self._outputs = settings.outputs.for_listing()
        self._display = settings.display
        self._files: list[tuple[str, OutputFile]] = []

    def __enter__(self) -> Self:
        super().__enter__()
        self._files = open_outputs(self._outputs, self.plan.sources, self)
        return self

    def write(self, rendered: Callable[[str, Style], str]) -> None:
        """Write what is `rendered` in a format and a style to the file, else to standard output."""
        for name, file in self._files:
            file.write(rendered(name, Style()))
        if self._outputs.output is None:
            console.write(rendered(self._outputs.format, console.style(self._display)))


def _say_unreadable(problems: Iterable[NotAnalysed]) -> None:
    for problem in problems:
        console.say(f"{problem.file}: {problem.reason}")
