"""What a user should know of a check beyond its findings, on standard error."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.cli import console
from klplint.config.settings import Settings
from klplint.findings.finding import Result
from klplint.report.base import Report
from klplint.report.counts import counted
from klplint.report.formats import limits_exceeded


def print_notices(report: Report, settings: Settings) -> None:
    """Print the notices about a report, fewer with --quiet.

    A file that cannot be read is reported in spite of --quiet: the run failed.
    """
    result = report.result
    for problem in result.not_analysed:
        unreadable = problem.file in result.unreadable
        if unreadable or (problem.line == 0 and not settings.quiet):
            console.say(f"{problem.file}: {problem.reason}")
    if settings.strict and result.not_analysed:
        places = counted(len(result.not_analysed), "place")
        console.say(f"{places} could not be fully analysed (--strict)")
    if not settings.quiet:
        console.say(_account(result))
        for sentence in _limits_exceeded(report, settings):
            console.say(sentence)


def _limits_exceeded(report: Report, settings: Settings) -> Iterator[str]:
    """What GitHub will not accept, or not show, of what was written for it."""
    for name in sorted({settings.format, *settings.outputs.further}):
        if sentence := limits_exceeded(name, report):
            yield sentence


def _account(result: Result) -> str:
    """How many occurrences there are, in one line."""
    line = f"{counted(result.occurrences, 'occurrence')} in {counted(result.files, 'file')}"
    if result.from_tokens:
        line += f", {result.from_tokens:,} classified from tokens only (see klplint coverage)"
    return line
