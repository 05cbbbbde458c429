"""The run: facts from the survey, judged by the rules; the same result for any number of jobs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from klplint.catalogue import Rule
from klplint.coverage import is_unreached
from klplint.facts import FileFacts, Occurrence, Watch
from klplint.findings import Finding, NotAnalysed, Result, resolve
from klplint.progress import Progress
from klplint.search import Unreadable
from klplint.survey import Setup, Survey
from klplint.textfile import source_or_nothing
from klplint.tree import Sources


def watch_of(rules: Sequence[Rule]) -> Watch:
    """All that some rules want to know of a file."""
    watch = Watch()
    for rule in rules:
        watch |= rule.check.watch
    return watch


def lint(sources: Sources, rules: Sequence[Rule], setup: Setup, progress: Progress) -> Result:
    """Judge `sources` by `rules`.

    Raises OSError only where temporary files cannot be written; what cannot be read or parsed
    is in the result's `not_analysed`.
    """
    with tempfile.TemporaryDirectory(prefix="klplint-") as folder:
        survey = Survey(sources, setup, progress, Path(folder))
        return judge(survey.facts(watch_of(rules)), sources, rules, progress)


def judge(
    surveyed: Iterable[FileFacts | Unreadable],
    sources: Sources,
    rules: Sequence[Rule],
    progress: Progress,
) -> Result:
    """Judge facts, in whatever order they come, by `rules`."""
    facts: dict[str, FileFacts] = {}
    findings: dict[str, list[Finding]] = {}
    unreadable: list[Unreadable] = []
    for file in surveyed:
        if isinstance(file, Unreadable):
            unreadable.append(file)
            continue
        found = [f for rule in rules for f in rule.check.run(file, sources.kernel.version, rule)]
        progress.found(len(found) - len(findings.get(file.path, ())))
        facts[file.path], findings[file.path] = file, found
    problems = [NotAnalysed(u.file, 0, f"cannot be read: {u.reason}") for u in unreadable]
    problems += [problem for file in facts.values() for problem in _unjudged(file)]
    return Result(
        findings=resolve(
            [finding for found in findings.values() for finding in found],
            lambda path: source_or_nothing(sources.root / path),
        ),
        not_analysed=tuple(sorted(problems)),
        files=len(facts),
        occurrences=sum(len(file.occurrences) for file in facts.values()),
        from_tokens=sum(is_unreached(o) for file in facts.values() for o in file.occurrences),
        unreadable=tuple(sorted(u.file for u in unreadable)),
    )


def _unjudged(file: FileFacts) -> Iterable[NotAnalysed]:
    """What of a file could not be judged in full: the file as a whole, or single occurrences."""
    if file.problem:
        yield NotAnalysed(file.path, 0, f"{file.problem}; judged from its tokens only")
        return
    for occurrence in (*file.occurrences, *file.macro_calls):
        reason = _why_unjudged(occurrence)
        if reason:
            yield NotAnalysed(file.path, occurrence.region.line, f"{occurrence.name}: {reason}")


def _why_unjudged(occurrence: Occurrence) -> str:
    if occurrence.kind == "assembly" and occurrence.how == "tokens":
        return "assembly is not followed: what is passed to the function is not known"
    if occurrence.kind not in ("call", "reference"):
        return ""
    if occurrence.how == "tokens" and occurrence.reason:
        return f"{occurrence.reason}; judged from its tokens only"
    if occurrence.kind == "reference" and not occurrence.reason:
        return "its address is taken, and calls through it are not followed"
    return ""
