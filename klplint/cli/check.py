"""`klplint check`: plan, lint, compare, report."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from klplint import __version__
from klplint.cli import console
from klplint.cli.notices import print_left_out, print_notices, print_rules_left_out
from klplint.cli.output_files import open_outputs
from klplint.cli.plan import plan_run
from klplint.compare.baseline import BaselineMatch, statistics_lines
from klplint.compare.comparing import comparing
from klplint.compare.ratchet import Ratchet
from klplint.config.settings import (
    Settings,
    VerdictSettings,
    expect_one_comparison,
    expect_patch_for_reply,
)
from klplint.engine.lint import lint
from klplint.engine.plan import Plan
from klplint.errors import KlplintError
from klplint.findings.finding import Result
from klplint.findings.levels import at_least
from klplint.kernel.file_listing import ListingAhead
from klplint.progress import Progress
from klplint.report.base import Gone, Report, Trend
from klplint.report.formats import expect_available, render
from klplint.statistics import Statistics

if TYPE_CHECKING:  # loaded only for the formats that show pairs
    from klplint.engine.pair_listing import PairList


def lint_and_report(
    paths: Sequence[Path], settings: Settings, ahead: ListingAhead | None = None
) -> int:
    """Lint, write all outputs, and return the exit status."""
    expect_one_comparison(settings)
    expect_patch_for_reply(settings)
    formats = settings.outputs.formats
    for name in sorted(formats):
        expect_available(name)
    statistics = Statistics()
    with contextlib.ExitStack() as stack:
        plan = plan_run(paths, settings, may_lack_tree=True, ahead=ahead)
        ratchet = Ratchet(settings.max_findings, plan.catalogue)
        inputs = settings.comparison.files
        files = open_outputs(settings.outputs, plan.sources, stack, inputs)
        comparison = stack.enter_context(
            comparing(plan, paths, settings.comparison, settings.source)
        )
        if comparison.note and not settings.quiet:
            console.say(comparison.note)
        with console.progress(settings.display) as progress:
            result, before = lint(comparison.plan, progress, statistics), None
            if comparison.before is not None and comparison.needs_state_before(result):
                before = lint(comparison.before, progress, statistics)
            pairs = _map_of_pairs(comparison.plan, progress) if "html" in formats else None
        counted = comparison.counted(result, before)
        report = Report(
            counted.result,
            plan.rules,
            __version__,
            settings.show_suppressed,
            settings.show_baselined,
            settings.sarif_category,
            kernel=plan.kernel_version,
            trend=_trend(counted.baseline) if counted.baseline else None,
            pairs=pairs,
        )
        for name, file in files:
            file.write(render(name, report))
    if settings.output is None:
        console.write(render(settings.format, report, console.appearance(settings.display)))
    if not settings.quiet:
        print_left_out(plan.sources, paths)
        print_rules_left_out(plan)
    print_notices(report, settings)
    limits = ratchet.limits(counted.result.findings)
    if settings.statistics:
        lines = [*statistics.lines(), *map(str, limits)]
        if counted.baseline is not None:
            lines += statistics_lines(counted.baseline)
        console.write_lines(lines)
    return _limited_status(counted.result, ratchet, settings.verdict)


def _limited_status(result: Result, ratchet: Ratchet, settings: VerdictSettings) -> int:
    """The exit status of a run with limits: findings that these are about count by number only."""
    others = msgspec.structs.replace(result, findings=ratchet.others(result.findings))
    status = exit_status(others, settings)
    passed = [limit for limit in ratchet.limits(result.findings) if limit.is_passed]
    for limit in passed:
        console.say(f"{limit}; mend what is new, or raise the limit (max-findings)")
    return 1 if passed and not status and not settings.exit_zero else status


def _map_of_pairs(plan: Plan, progress: Progress) -> PairList | None:
    """The pairs with both sides, if a rule is about them."""
    from klplint.engine.pair_excerpts import with_sides
    from klplint.engine.pair_listing import has_pairs, pair_up

    return with_sides(pair_up(plan, progress), plan.sources.root) if has_pairs(plan) else None


def _trend(match: BaselineMatch) -> Trend:
    """How a run compares with its baseline, for reports."""
    return Trend(
        new=Counter(finding.code for finding in match.new),
        old=Counter(finding.code for finding in match.old),
        gone=tuple(
            Gone(entry.code, entry.file, entry.function, number) for entry, number in match.gone
        ),
    )


def exit_status(result: Result, settings: VerdictSettings) -> int:
    """The exit status of a run that lints."""
    if result.unreadable or (settings.strict and result.not_analysed):
        return KlplintError.exit_status
    if settings.exit_zero:
        return 0
    return int(any(at_least(finding.level, settings.fail_on) for finding in result.findings))
