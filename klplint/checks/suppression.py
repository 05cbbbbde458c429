"""KLP000: does each suppression suppress something, and is it well-formed?

Source: klplint's own rules for suppressions, docs/rules.md, "Suppressions".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from klplint.checks.base import Check, Review, place
from klplint.facts.file_facts import FileFacts, Suppression
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft, Finding


class SuppressionCheck(Check, frozen=True, kw_only=True):
    """Comments that should suppress findings, and suppress none."""

    @property
    def watch(self) -> Watch:
        """No names: every file that contains the word klplint is read anyway."""
        return Watch()

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """No findings: whether a suppression is used is clear only when all rules have run."""
        return iter(())

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """One finding for each suppression that is malformed or suppresses nothing."""
        for suppression in facts.suppressions:
            message = _complaint(suppression, facts, review)
            if message:
                yield Draft(place=place(facts, suppression.region), message=message)


def _complaint(suppression: Suppression, facts: FileFacts, review: Review) -> str:
    """The message about a suppression; "" if there is nothing wrong with it."""
    if suppression.fault:
        return f"this comment suppresses nothing: {suppression.fault}"
    if review.code in suppression.codes:
        return f"no comment suppresses {review.code}: put the other comment right, or use --ignore"
    if facts.problem:  # the rules may have missed findings in the file
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
    where = "in this file" if suppression.whole_file else f"on line {suppression.lines[-1]}"
    return f"there is no finding of {' or '.join(idle)} {where} to suppress: {remedy}"


def _hits(suppression: Suppression, code: str, findings: Sequence[Finding]) -> bool:
    """Whether a suppression covers one of the findings of the rule `code`."""
    return any(
        finding.code == code and suppression.covers(code, finding.place.region.line)
        for finding in findings
    )
