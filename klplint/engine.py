"""The run: search, parse, check, in parallel processes; the result is the same for any number.

A file on which libclang crashes or takes too long costs only itself: it is told, and judged
from its tokens.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from klplint.catalogue import Rule
from klplint.facts import FileFacts, Occurrence, Watch
from klplint.findings import Finding, NotAnalysed, Result, resolve
from klplint.frontend.architecture import architecture_of
from klplint.frontend.collect import collect_facts
from klplint.frontend.unit import Platform, Unit, build_platform
from klplint.progress import Progress
from klplint.search import Unreadable, files_naming
from klplint.textfile import read_source
from klplint.tree import Sources
from klplint.workers import Failure, Workers

_SEARCH_CHUNK = 2000


class Limits(msgspec.Struct, frozen=True):
    """How many processes work, and how many seconds one file may take in one of them."""

    jobs: int
    seconds_per_file: float = 60.0


def lint(
    sources: Sources,
    rules: Sequence[Rule],
    limits: Limits,
    progress: Progress,
    architecture: str | None = None,
) -> Result:
    """Judge `sources` by `rules`; files of no architecture are parsed for `architecture`, else x86.

    Raises OSError only where temporary files cannot be written; what cannot be read or parsed
    is in the result's `not_analysed`.
    """
    watch = Watch()
    for rule in rules:
        watch |= rule.check.watch
    facts: list[FileFacts] = []
    findings: list[Finding] = []
    with (
        tempfile.TemporaryDirectory(prefix="klplint-") as folder,
        Workers(limits.jobs, limits.seconds_per_file) as workers,
    ):
        progress.begin("searching", len(sources.files))
        files, unreadable = _search(sources, watch, workers, progress)
        progress.begin("analysing", len(files))
        units = _units(sources, files, watch, Path(folder), architecture)
        for file in _collect(units, watch, workers):
            progress.advance(1)
            if isinstance(file, Unreadable):
                unreadable.append(file)
                continue
            facts.append(file)
            found = [
                f for rule in rules for f in rule.check.run(file, sources.kernel.version, rule)
            ]
            findings += found
            progress.found(len(found))
    return _result(sources, facts, findings, unreadable)


def _result(
    sources: Sources,
    facts: list[FileFacts],
    findings: list[Finding],
    unreadable: list[Unreadable],
) -> Result:
    """The outcome in report order, whatever the order in which the files came."""
    problems = [NotAnalysed(u.file, 0, f"cannot be read: {u.reason}") for u in unreadable]
    problems += [problem for file in facts for problem in _unjudged(file)]
    return Result(
        findings=resolve(findings, lambda path: read_source(sources.root / path)),
        not_analysed=tuple(sorted(problems)),
        files=len(facts),
        occurrences=sum(len(file.occurrences) for file in facts),
        unreadable=tuple(sorted(u.file for u in unreadable)),
    )


def _search(
    sources: Sources, watch: Watch, workers: Workers, progress: Progress
) -> tuple[list[str], list[Unreadable]]:
    files = sources.files
    chunks = [files[i : i + _SEARCH_CHUNK] for i in range(0, len(files), _SEARCH_CHUNK)]
    tasks = [(sources.root, chunk, watch.names) for chunk in chunks]
    hits: list[str] = []
    unreadable: list[Unreadable] = []
    for index, found in workers.run(files_naming, tasks):
        progress.advance(len(chunks[index]))
        if isinstance(found, Failure):
            unreadable += [Unreadable(name, found.reason) for name in chunks[index]]
        else:
            hits += found[0]
            unreadable += found[1]
    return sorted(hits), unreadable


def _collect(units: list[Unit], watch: Watch, workers: Workers) -> Iterator[FileFacts | Unreadable]:
    """The facts of each file, as they come."""
    for index, facts in workers.run(_facts_or_reason, [(unit, watch) for unit in units]):
        if isinstance(facts, Failure):
            yield _facts_or_reason(units[index], watch, facts.reason)
        else:
            yield facts


def _units(
    sources: Sources, files: Iterable[str], watch: Watch, folder: Path, default: str | None
) -> list[Unit]:
    """The files with what each is compiled against; each platform is built once."""
    platforms: dict[str, Platform] = {}
    units = []
    for name in files:
        path = "" if sources.out_of_tree else name
        architecture = architecture_of(path, sources.kernel, default)
        if architecture not in platforms:
            platforms[architecture] = build_platform(
                folder, sources.kernel, architecture, watch.barriers
            )
        units.append(Unit(sources.root / name, name, sources.kernel, platforms[architecture]))
    return units


def _facts_or_reason(unit: Unit, watch: Watch, problem: str = "") -> FileFacts | Unreadable:
    """A file's facts, or why it could not be read; runs in a worker.

    `problem` says that libclang failed on the file, and how: then only its tokens are read.
    """
    try:
        return collect_facts(unit, watch, problem)
    except OSError as error:
        return Unreadable(unit.path, error.strerror or str(error))


def _unjudged(file: FileFacts) -> Iterable[NotAnalysed]:
    """What of a file could not be judged in full: the file as a whole, or single occurrences."""
    if file.problem:
        yield NotAnalysed(file.path, 0, f"{file.problem}; judged from its tokens only")
        return
    for occurrence in file.occurrences:
        reason = _why_unjudged(occurrence)
        if reason:
            yield NotAnalysed(file.path, occurrence.region.line, f"{occurrence.name}: {reason}")


def _why_unjudged(occurrence: Occurrence) -> str:
    if occurrence.kind == "assembly" and occurrence.how == "tokens":
        return "assembly is not followed"
    if occurrence.kind not in ("call", "reference"):
        return ""
    if occurrence.how == "tokens" and occurrence.reason:
        return f"{occurrence.reason}; judged from its tokens only"
    if occurrence.kind == "reference" and not occurrence.reason:
        return "its address is taken, and calls through it are not followed"
    return ""
