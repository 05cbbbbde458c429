"""What a user should know of a check beyond its findings, on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from klplint.cli import console
from klplint.config.settings import Settings
from klplint.engine.plan import Plan
from klplint.findings.finding import NotAnalysed, Result
from klplint.kernel.completeness import NO_TREE
from klplint.kernel.lintable import nothing_to_lint
from klplint.kernel.sources import Sources
from klplint.report.base import Report
from klplint.report.counts import counted
from klplint.report.formats import limits_exceeded

_MOST_NAMES = 5
"""How many parts that a tree lacks are listed; a package of headers lacks a dozen."""
_MOST_ALIKE = 20
"""Up to this many files that cannot be read for the same reason have a line each."""


def print_notices(report: Report, settings: Settings) -> None:
    """Print the notices about a report, fewer with --quiet.

    A file that cannot be read, or not be parsed, is reported in spite of --quiet: some formats
    have findings only, and more is missing from them than a user would expect.
    """
    result = report.result
    print_unreadable(problem for problem in result.not_analysed if problem.line == 0)
    if settings.strict and result.not_analysed:
        places = counted(len(result.not_analysed), "place")
        console.say(f"{places} could not be fully analysed (--strict)")
    if not settings.quiet:
        print_gaps(result.gaps)
        if not (settings.format == "text" and settings.outputs.output is None):
            console.say(_account(result))  # a text report on standard output says it
        for sentence in _limits_exceeded(report, settings):
            console.say(sentence)


def print_unreadable(problems: Iterable[NotAnalysed]) -> None:
    """Print why each of some files could not be read, or not be parsed.

    If thousands have the same problem, the machine has it: they share a line.
    """
    alike: dict[str, list[str]] = {}
    for problem in problems:
        alike.setdefault(problem.reason, []).append(problem.file)
    for reason, files in alike.items():
        if len(files) > _MOST_ALIKE:
            console.say(f"{shortened(files)}: {reason}")
        else:
            for file in files:
                console.say(f"{file}: {reason}")


def print_gaps(gaps: Sequence[str]) -> None:
    """Print a note where a kernel tree is only a part of one."""
    if gaps and gaps != (NO_TREE,):  # print_left_out() says more about that
        console.say(
            f"the kernel tree lacks {shortened(gaps)}: names in comments that are not found are "
            "not reported, because they may be there"
        )


def print_left_out(sources: Sources, paths: Sequence[Path]) -> None:
    """Print a note for each PATH with nothing to lint, and for each git repository left out."""
    for sentence in nothing_to_lint(paths, sources):
        console.say(sentence)
    for name in sources.ignored:
        console.say(
            f"{name}: left out, because it is a git repository that the one around it ignores, or "
            "a kernel tree of its own; name it as a PATH to lint it"
        )


def print_rules_left_out(plan: Plan) -> None:
    """Print which rules did not run, and how to run them, where there is no kernel tree."""
    if plan.left_out:
        console.say(
            f"not in a kernel tree: {shortened(plan.left_out)} did not run; give the tree to "
            "compile against with --kernel"
        )


def shortened(names: Sequence[str]) -> str:
    """Names as a sentence lists them, but not more than a few."""
    if len(names) > _MOST_NAMES:
        names = [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} more"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


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
