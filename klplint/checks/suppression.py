"""KLP000: does each suppression suppress something, and is it written as one?

Source: klplint's own contract, README.md, "Suppressing a finding".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from klplint.checks.base import Check, Reporter, place
from klplint.facts.file_facts import FileFacts, Suppression
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import Finding


class SuppressionCheck(Check, frozen=True, kw_only=True):
    """Comments that are meant to suppress findings, and do not."""

    @property
    def watch(self) -> Watch:
        """Nothing: every file that names klplint is read anyway."""
        return Watch()

    def run(self, tree: TreeFacts, rule: Reporter) -> Iterator[Finding]:
        """Nothing: what a suppression is good for shows when all rules have run."""
        return iter(())

    def review(
        self, facts: FileFacts, found: Sequence[Finding], codes: frozenset[str], rule: Reporter
    ) -> Iterator[Finding]:
        """One finding for each suppression that is not what it is meant to be."""
        for suppression in facts.suppressions:
            message = _complaint(suppression, facts, found, codes, rule)
            if message:
                yield rule.finding(place(facts, suppression.region), message)


def _complaint(
    suppression: Suppression,
    facts: FileFacts,
    found: Sequence[Finding],
    codes: frozenset[str],
    rule: Reporter,
) -> str:
    """What is to be said against a suppression; "" if nothing is."""
    if suppression.fault:
        return f"this comment suppresses nothing: {suppression.fault}"
    if rule.code in suppression.codes:
        return f"no comment suppresses {rule.code}: put the other comment right, or use --ignore"
    if facts.problem:  # what the rules would find in the file is not known in full
        return ""
    idle = [
        code for code in suppression.codes if code in codes and not _hits(suppression, code, found)
    ]
    if not idle:
        return ""
    whole = len(idle) == len(suppression.codes)
    remedy = "remove this comment" if whole else f"take {' and '.join(idle)} out of the brackets"
    where = f"on line {suppression.lines[-1]}"
    return f"there is no finding of {' or '.join(idle)} {where} to suppress: {remedy}"


def _hits(suppression: Suppression, code: str, found: Sequence[Finding]) -> bool:
    return any(
        finding.code == code and suppression.covers(code, finding.place.region.line)
        for finding in found
    )
