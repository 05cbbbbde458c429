"""The base of all checks: facts in, drafts of findings out. No input, no output, no clang.

A check is a value: its fields are what a rule.toml may set. Its properties and methods are hooks
that the engine calls in the order in which they stand here; override those that the check needs.
There is one check per module; the catalogue finds it by the module's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Finding, Place


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What a review of a file looks at, once all rules have run on the file."""

    findings: Sequence[Finding]
    """The findings in the file, suppressed ones marked as such."""
    codes: frozenset[str]
    """The codes of all rules that ran."""
    code: str
    """The code of the rule that reviews."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all checks: the settings of one, as its rule.toml gives them."""

    @property
    def watch(self) -> Watch:
        """The names that this check needs facts about."""
        raise NotImplementedError

    @property
    def references(self) -> frozenset[str]:
        """The functions whose taken addresses the check reports.

        The report leaves them out of the list of what could not be fully analysed.
        """
        return frozenset()

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The functions whose calls have to be followed, in all files of the tree.

        Called again with the facts of the files that call them, until there are no new ones.
        """
        return iter(())

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the check needs to know about other files before it can check those of `tree`.

        Called again after each round of answers, until there are no new queries.
        """
        return iter(())

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """The findings in all files of `tree`, which has the answers to the queries."""
        raise NotImplementedError

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """What the check reports about all findings in a file; most checks report nothing.

        Called when all rules have run on the file.
        """
        return iter(())


def place(facts: FileFacts, region: Region, label: str = "") -> Place:
    """A place in the file that `facts` are about."""
    return Place(facts.path, region, label)
