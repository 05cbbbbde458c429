"""The run: facts from the survey, judged by the rules; the same result for any number of jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from klplint.catalogue.rule import Rule
from klplint.csource.suppressions import checked
from klplint.engine.fact_collection import Survey
from klplint.engine.queries import ask
from klplint.engine.session import Session, Setup
from klplint.facts.file_facts import FileFacts, Occurrence, Unreadable
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Finding, NotAnalysed, Result, resolve, with_suppressed
from klplint.kernel.sources import Sources
from klplint.progress import Progress
from klplint.source_text import source_or_nothing
from klplint.statistics import Statistics


def watch_of(rules: Sequence[Rule]) -> Watch:
    """All that some rules want to know of a file."""
    watch = Watch()
    for rule in rules:
        watch |= rule.check.watch
    return watch


def lint(
    sources: Sources,
    rules: Sequence[Rule],
    setup: Setup,
    progress: Progress,
    catalogue: Sequence[Rule] = (),
    statistics: Statistics | None = None,
) -> Result:
    """Judge `sources` by `rules`, some of a `catalogue`, or all.

    Suppressions may name the codes of all; and facts tell what all want to know, so that those
    of an earlier run serve whichever rules were in force then.

    Raises OSError only where temporary files cannot be written; what cannot be read or parsed
    is in the result's `not_analysed`.
    """
    with Session(sources, setup, progress, statistics) as session:
        survey = Survey(session)
        names = watch_of(rules).names
        facts, unreadable = gather(survey.facts(watch_of(catalogue or rules), names))
        facts, gone = follow(facts, rules, sources, survey)
        unreadable = list(dict.fromkeys([*unreadable, *gone]))
        tree = ask(facts, [rule.check for rule in rules], session)
        codes = frozenset(rule.code for rule in (*rules, *catalogue))
        return judge(facts, unreadable, tree, sources, rules, codes, session.statistics)


def gather(
    surveyed: Iterable[FileFacts | Unreadable],
) -> tuple[dict[str, FileFacts], list[Unreadable]]:
    """Facts by file, the latest of each, in the order of files; and what could not be read."""
    facts: dict[str, FileFacts] = {}
    unreadable: list[Unreadable] = []
    for file in surveyed:
        if isinstance(file, Unreadable):
            unreadable.append(file)
        else:
            facts[file.path] = file
    return dict(sorted(facts.items())), unreadable


def follow(
    facts: dict[str, FileFacts], rules: Sequence[Rule], sources: Sources, survey: Survey
) -> tuple[dict[str, FileFacts], list[Unreadable]]:
    """Facts with those of all files that call what the rules follow: wrappers, and callers; and
    what could not be read of them.
    """
    followed: set[Callee] = set()
    unreadable: list[Unreadable] = []
    while True:
        tree = TreeFacts(sources.kernel.version, facts)
        found = {callee for rule in rules for callee in rule.check.callees(tree)}
        if found <= followed:
            return facts, unreadable
        more, gone = gather(survey.following(sorted(found - followed)))
        unreadable += gone
        followed |= found
        facts = dict(sorted({**facts, **more}.items()))


def judge(
    facts: Mapping[str, FileFacts],
    unreadable: Iterable[Unreadable],
    tree: TreeFacts,
    sources: Sources,
    rules: Sequence[Rule],
    known: frozenset[str] = frozenset(),
    statistics: Statistics | None = None,
) -> Result:
    """Judge the facts of the linted files by `rules`; those of others only help to."""
    linted = frozenset(sources.files)
    names = watch_of(rules).names
    facts = {path: file.about(names) for path, file in facts.items() if path in linted}
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    statistics = statistics or Statistics()
    for rule in rules:
        with statistics.rule(rule.code):
            for finding in rule.check.run(tree, rule):
                found[finding.place.file].append(finding)
    findings = [f for path, file in facts.items() for f in _kept(file, found[path], rules, known)]
    problems = [NotAnalysed(u.file, 0, f"cannot be read: {u.reason}") for u in unreadable]
    judged = frozenset(name for rule in rules for name in rule.check.references)
    problems += [problem for file in facts.values() for problem in _unjudged(file, judged)]
    resolved = resolve(findings, lambda path: source_or_nothing(sources.root / path))
    return Result(
        findings=tuple(finding for finding in resolved if not finding.suppressed),
        not_analysed=tuple(sorted(problems)),
        files=sum(file.is_concerned for file in facts.values()),
        occurrences=sum(len(file.occurrences) for file in facts.values()),
        from_tokens=sum(o.missed_by_ast for file in facts.values() for o in file.occurrences),
        unreadable=tuple(sorted(u.file for u in unreadable)),
        suppressed=tuple(finding for finding in resolved if finding.suppressed),
    )


def _kept(
    file: FileFacts, found: Sequence[Finding], rules: Sequence[Rule], known: frozenset[str]
) -> list[Finding]:
    """What the rules found in a file, as its suppressions have it, and what reviews find then.

    What a review finds is not suppressed: it may be about the suppressions.
    """
    codes = frozenset(rule.code for rule in rules)
    file = msgspec.structs.replace(file, suppressions=checked(file.suppressions, known | codes))
    kept = with_suppressed(found, file.suppressions)
    return kept + [f for rule in rules for f in rule.check.review(file, kept, codes, rule)]


def _unjudged(file: FileFacts, judged: frozenset[str]) -> Iterable[NotAnalysed]:
    """What of a file could not be judged in full: the file as a whole, or single occurrences.

    Of the functions in `judged`, a rule judges the addresses that are taken.
    """
    if file.problem:
        yield NotAnalysed(file.path, 0, f"{file.problem}; judged from its tokens only")
        return
    for occurrence in (*file.occurrences, *file.macro_calls):
        reason = _why_unjudged(occurrence, judged)
        if reason:
            yield NotAnalysed(file.path, occurrence.region.line, f"{occurrence.name}: {reason}")


def _why_unjudged(occurrence: Occurrence, judged: frozenset[str]) -> str:
    if occurrence.kind == "assembly" and occurrence.how == "tokens":
        return "assembly is not followed: what is passed to the function is not known"
    if occurrence.kind not in ("call", "reference"):
        return ""
    if occurrence.how == "tokens" and occurrence.reason:
        return f"{occurrence.reason}; judged from its tokens only"
    is_reference = occurrence.kind == "reference" and not occurrence.reason
    if is_reference and occurrence.name not in judged:
        return "its address is taken, and calls through it are not followed"
    return ""
