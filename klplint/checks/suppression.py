"""KLP000: does each suppression suppress something, and is it well-formed?

Source: klplint's own rules for suppressions, docs/rules.md, "Suppressions".
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.base import Check, Review, place
from klplint.facts.file_facts import FileFacts, Suppression
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft

_CodeAndLine = tuple[str, int]
"""The rule of a finding, and the line that it is on."""


class SuppressionCheck(Check, frozen=True, kw_only=True):
    """Comments that should suppress findings, and suppress none."""

    @property
    def watch(self) -> Watch:
        """No names: every file that contains the word klplint is read anyway."""
        return Watch()

    @property
    def needs_tree(self) -> bool:
        """Comments can be read without a kernel."""
        return False

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """No findings: whether a suppression is used is clear only when all rules have run."""
        return iter(())

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """One finding for each suppression that is malformed or suppresses nothing."""
        places = frozenset((f.code, f.place.region.line) for f in review.findings)
        for suppression in facts.suppressions:
            message = _complaint(suppression, facts, review, places)
            if message:
                yield Draft(place=place(facts, suppression.region), message=message)


def _complaint(
    suppression: Suppression, facts: FileFacts, review: Review, places: frozenset[_CodeAndLine]
) -> str:
    """The message about a suppression; "" if there is nothing wrong with it."""
    if suppression.fault:
        return f"this comment suppresses nothing: {suppression.fault}"
    if review.code in suppression.codes:
        return (
            f"{review.code} cannot be suppressed by a comment: fix the suppression it reports, "
            f"or pass --ignore {review.code}"
        )
    if facts.problem:  # the rules may have missed findings in the file
        return ""
    idle = [
        code
        for code in suppression.codes
        if code in review.codes and not _hits(suppression, code, places)
    ]
    if not idle:
        return ""
    is_whole = len(idle) == len(suppression.codes)
    codes = " and ".join(idle)
    where = "in this file" if suppression.whole_file else f"on line {suppression.lines[-1]}"
    remedy = "this suppression" if is_whole else f"{codes} from the brackets"
    reports = "reports" if len(idle) == 1 else "report"
    return f"{codes} {reports} nothing {where}: remove {remedy}"


def _hits(suppression: Suppression, code: str, places: frozenset[_CodeAndLine]) -> bool:
    """Whether a suppression covers one of the findings of the rule `code` at `places`."""
    if suppression.whole_file:
        return any(found_by == code for found_by, _ in places)
    return any(
        (code, line) in places and suppression.covers(code, line) for line in suppression.lines
    )
