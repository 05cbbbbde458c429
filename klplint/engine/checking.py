"""The rules' checks run on the facts, and a result is made of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from klplint.catalogue.rule import Rule
from klplint.checks.base import Review
from klplint.csource.suppressions import checked
from klplint.engine.plan import Plan
from klplint.engine.replay import Findings
from klplint.facts.file_facts import FileFacts, Occurrence, Unreadable
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Finding, NotAnalysed, Place, Result
from klplint.findings.resolve import with_suppressed
from klplint.printable import readable
from klplint.statistics import Statistics


def check(
    rules: Sequence[Rule],
    tree: TreeFacts,
    alone: Sequence[TreeFacts],
    earlier: Findings,
    statistics: Statistics,
) -> Findings:
    """The findings of rules in each file, in the order of the rules.

    `tree` has the facts of all files and the answers, each of `alone` those of a single file.
    The files in `earlier` have the findings there, as far as these need only the file's own facts.
    """
    findings: defaultdict[str, list[Finding]] = defaultdict(list)
    for rule in rules:
        with statistics.rule(rule.code):
            for facts in alone if rule.check.is_per_file else [tree]:
                for draft in rule.check.run(facts):
                    findings[draft.place.file].append(_finding(rule, draft))
    for path, each in earlier.items():
        findings[path] += each
    order = {rule.code: number for number, rule in enumerate(rules)}
    return {path: sorted(each, key=lambda f: order[f.code]) for path, each in findings.items()}


def reviewed(
    plan: Plan, unreadable: Iterable[Unreadable], tree: TreeFacts, findings: Findings
) -> Result:
    """The result of a plan before it is `completed`, given what `check` found.

    Only the plan's own files have findings; facts of others serve to answer for these. Suppressed
    findings are among the others, and there is no excerpt, fingerprint or edit yet, because these
    need the texts of files.
    """
    facts = _linted_facts(plan, tree)
    kept = [
        f for path, file in facts.items() for f in _reviewed(file, findings.get(path, ()), plan)
    ]
    problems = [*map(cannot_read, unreadable)]
    handled = frozenset(name for rule in plan.rules for name in rule.check.references)
    if plan.execution.parse:  # else nothing that runs needs it
        problems += [p for file in facts.values() for p in _not_analysed(file, handled)]
    problems += _unclear(plan, tree, facts)
    return Result(
        findings=tuple(kept),
        not_analysed=tuple(sorted(problems)),
        files=sum(file.is_concerned or file.livepatch is not None for file in facts.values()),
        occurrences=sum(len(file.occurrences) for file in facts.values()),
        from_tokens=sum(
            o.missed_by_ast
            for file in facts.values()
            for o in file.occurrences
            if plan.execution.parse
        ),
        unreadable=tuple(sorted(u.file for u in unreadable)),
        gaps=tree.gaps,
    )


def cannot_read(unreadable: Unreadable) -> NotAnalysed:
    """A file that could not be read, as reports have it."""
    return NotAnalysed(unreadable.file, 0, f"cannot be read: {unreadable.reason}")


def _linted_facts(plan: Plan, tree: TreeFacts) -> dict[str, FileFacts]:
    """The facts of the linted files, reduced to what the rules in force watch."""
    linted, names = frozenset(plan.sources.files), plan.watch.names
    return {path: file.about(names) for path, file in tree.files.items() if path in linted}


def _unclear(plan: Plan, tree: TreeFacts, linted: Mapping[str, FileFacts]) -> list[NotAnalysed]:
    """What the rules could not check in the linted files."""
    each = (problem for rule in plan.rules for problem in rule.check.unclear(tree))
    return [
        msgspec.structs.replace(problem, reason=readable(problem.reason))
        for problem in dict.fromkeys(each)
        if problem.file in linted
    ]


def _finding(rule: Rule, draft: Draft) -> Finding:
    """A check's draft as a finding of its rule."""
    return Finding(
        code=rule.code,
        level=draft.level or rule.header.level,
        message=readable(draft.message),
        place=draft.place,
        function=draft.function,
        refuted=draft.refuted,
        caused_level=rule.header.level if draft.refuted else None,
        related=tuple(map(_readable_place, draft.related)),
        steps=tuple(map(_readable_place, draft.steps)),
        fix=draft.fix,
    )


def _readable_place(place: Place) -> Place:
    return msgspec.structs.replace(place, label=readable(place.label))


def _reviewed(file: FileFacts, findings: Sequence[Finding], plan: Plan) -> list[Finding]:
    """A file's findings with its suppressions applied, and what the rules' reviews add.

    What a review finds is not suppressed: it may be about the suppressions.
    """
    ignored = plan.codes_ignored_in(file.path)
    findings = [finding for finding in findings if finding.code not in ignored]
    suppressions = checked(file.suppressions, plan.all_codes)
    file = msgspec.structs.replace(file, suppressions=suppressions)
    kept = with_suppressed(findings, suppressions)
    reviews = [
        _finding(rule, draft)
        for rule in plan.rules
        if rule.code not in ignored
        for draft in rule.check.review(
            file, Review(findings=kept, codes=plan.codes - ignored, code=rule.code)
        )
    ]
    return kept + reviews


def _not_analysed(file: FileFacts, handled: frozenset[str]) -> Iterator[NotAnalysed]:
    """What of a file could not be analysed in full: the file as a whole, or single occurrences.

    Of the functions in `handled`, a rule checks the addresses that are taken.
    """
    if file.problem:
        yield NotAnalysed(file.path, 0, f"{readable(file.problem)}; classified from tokens only")
        return
    for occurrence in (*file.occurrences, *file.macro_calls):
        reason = _why_not_analysed(occurrence, handled)
        if reason:
            text = readable(f"{occurrence.name}: {reason}")
            yield NotAnalysed(file.path, occurrence.region.line, text)


def _why_not_analysed(occurrence: Occurrence, handled: frozenset[str]) -> str:
    """Why an occurrence could not be analysed in full; empty where it was."""
    if occurrence.kind == "assembly" and occurrence.how == "tokens":
        return "assembly is not analysed, so the arguments of the call are not known"
    if occurrence.missed_by_ast:
        return f"{occurrence.reason}; classified from tokens only"
    if occurrence.takes_address and occurrence.name not in handled:
        return "its address is taken; calls through the pointer are not followed"
    return ""
