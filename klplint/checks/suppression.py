"""KLP000: does each suppression suppress something, and is it written as one?

Source: klplint's own contract, README.md, "Suppressing a finding".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from klplint.checks.base import Check, Review, place
from klplint.facts.file_facts import FileFacts, Suppression
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft, Finding


class SuppressionCheck(Check, frozen=True, kw_only=True):
    """Comments that are meant to suppress findings, and do not."""

    @property
    def watch(self) -> Watch:
        """Nothing: every file that names klplint is read anyway."""
        return Watch()

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """Nothing: what a suppression is good for shows when all rules have run."""
        return iter(())

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """One finding for each suppression that is not what it is meant to be."""
        for suppression in facts.suppressions:
            message = _complaint(suppression, facts, review)
            if message:
                yield Draft(place=place(facts, suppression.region), message=message)


def _complaint(suppression: Suppression, facts: FileFacts, review: Review) -> str:
    """What is to be said against a suppression; "" if nothing is."""
    if suppression.fault:
        return f"this comment suppresses nothing: {suppression.fault}"
    if review.code in suppression.codes:
        return f"no comment suppresses {review.code}: put the other comment right, or use --ignore"
    if facts.problem:  # what the rules would find in the file is not known in full
        return ""
    idle = [
        code
        for code in suppression.codes
        if code in review.codes and not _hits(suppression, code, review.findings)
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
