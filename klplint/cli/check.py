"""`klplint check`: plan, lint, compare, report."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from klplint import __version__
from klplint.cli import console
from klplint.cli.output_files import open_outputs
from klplint.cli.plan import plan_run
from klplint.compare import baseline as baselines
from klplint.compare.comparison import comparing
from klplint.config.settings import Settings, VerdictSettings, expect_one_comparison
from klplint.engine.lint import lint
from klplint.errors import KlplintError
from klplint.findings.finding import Result, at_least
from klplint.report import Report, Style, render
from klplint.statistics import Statistics


def check(paths: Sequence[Path], settings: Settings) -> int:
    """Lint, write all outputs, and give the exit status."""
    expect_one_comparison(settings)
    plan = plan_run(paths, settings)
    statistics = Statistics()
    with contextlib.ExitStack() as stack:
        read = settings.comparison.files
        files = open_outputs(settings.outputs, plan.sources, stack, read)
        comparison = stack.enter_context(
            comparing(plan, paths, settings.comparison, settings.source)
        )
        if comparison.note and not settings.quiet:
            console.say(comparison.note)
        with console.progress(settings.display) as progress:
            result, before = lint(comparison.plan, progress, statistics), None
            if comparison.before is not None and comparison.needs_state_before(result):
                before = lint(comparison.before, progress, statistics)
        counted = comparison.counted(result, before)
        report = Report(counted.result, plan.rules, __version__, settings.show_suppressed)
        for name, file in files:
            file.write(render(name, report, Style()))
    if settings.output is None:
        console.write(render(settings.format, report, console.style(settings.display)))
    console.warn(report, settings)
    if settings.statistics:
        known = counted.baseline
        lines = baselines.statistics_lines(known) if known else ()
        console.tell_statistics([*statistics.lines(), *lines])
    return exit_status(counted.result, settings.verdict)


def exit_status(result: Result, settings: VerdictSettings) -> int:
    """The exit status of a run that lints."""
    if result.unreadable or (settings.strict and result.not_analysed):
        return KlplintError.exit_status
    if settings.exit_zero:
        return 0
    return int(any(at_least(finding.level, settings.fail_on) for finding in result.findings))
