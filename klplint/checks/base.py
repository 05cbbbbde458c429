"""Checks: facts of a file in, findings out. No input, no output, no clang.

A check is a value: its fields are what a rule.toml may set, `watch` says what it wants to
know of a file, `run` judges the facts, `review` what all rules found. One module a check; the
catalogue finds it by the module's name.
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
    """What a review of a file looks at, once all rules have run on it."""

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
        """What this check wants to know of a file."""
        raise NotImplementedError

    @property
    def references(self) -> frozenset[str]:
        """The functions whose taken addresses it judges: they need not be told as not analysed."""
        return frozenset()

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The functions whose calls have to be followed, wherever they are.

        Asked again with the facts of the files that call them, until there are no new ones.
        """
        return iter(())

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What this check has to know of further files before it can judge those of `tree`.

        Asked again after each round of answers, until nothing new is asked.
        """
        return iter(())

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """The findings in all files of `tree`, which answers what was asked."""
        raise NotImplementedError

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """What there is to say of all findings in a file; for most checks nothing.

        Called when all rules have run on the file.
        """
        return iter(())


def place(facts: FileFacts, region: Region, label: str = "") -> Place:
    """A place in the file that `facts` are of."""
    return Place(facts.path, region, label)
