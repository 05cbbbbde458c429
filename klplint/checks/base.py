"""The base of all checks, and the hooks that one may fill in.

A check is a value. Its fields are what a rule.toml may set; the catalogue finds its class by
the name of its module. It takes facts and yields drafts of findings. It does no input or output,
and knows no clang.

The hooks, in the order in which the engine calls them. Start with the first two; fill in a later
one only where they are not enough:

1. `watch`: which names have to be found in the sources? Asked once.
2. `run`: which places are wrong? Called once, with the facts of all files.
3. `queries`: what do other files say about a name? The answers are in `TreeFacts.answers` when
   `run` is called. Asked again after each round of answers, until nothing new is asked.
4. `callees`: which other functions count as watched ones, because they call one? The files that
   call these are collected too. Asked again with their facts, until nothing new is asked.
5. `references`: for which functions does this check report addresses that are taken?
6. `unclear`: what could not be checked, and why? Called after `run`.
7. `review`: what do the findings of all rules in a file say about its suppressions? Called last,
   once a file.

docs/writing-a-check.md has an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import msgspec

from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Finding, NotAnalysed, Place

Texts = Annotated[tuple[str, ...], msgspec.Meta(extra={"holds": "texts"})]
"""A setting that lists texts. What is in other lists are names, or patterns of names."""


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
        """The names that this check needs to find in the sources."""
        raise NotImplementedError

    @property
    def needs_tree(self) -> bool:
        """Whether this check can say nothing of files that are in no kernel tree."""
        return True

    @property
    def is_per_file(self) -> bool:
        """Whether what this check asks and finds about a file needs no facts of other files.

        Then it all follows from the facts of the file, its partners and the answers to these
        queries. If they are as in an earlier run, the findings of that run are used again.
        """
        return False

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """The findings in all files of `tree`, which holds the answers to this check's queries."""
        raise NotImplementedError

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What this check has to know about names in other files before it can run."""
        return iter(())

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The functions whose calls this check follows as it does those of a watched one."""
        return iter(())

    @property
    def references(self) -> frozenset[str]:
        """The functions whose taken addresses it checks; others are reported as not analysed."""
        return frozenset()

    def unclear(self, tree: TreeFacts) -> Iterator[NotAnalysed]:
        """What this check could not analyse, with the reason; for most checks nothing."""
        return iter(())

    def review(self, facts: FileFacts, review: Review) -> Iterator[Draft]:
        """What to report about a file once all rules have run on it; for most checks nothing."""
        return iter(())


def expect_patterns(patterns: Iterable[str]) -> None:
    """Raise ValueError for a setting that is not a regular expression."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"`{pattern}` is not a valid regular expression: {error}") from None


def place(facts: FileFacts, region: Region, label: str = "") -> Place:
    """A place in the file that `facts` are about."""
    return Place(facts.path, region, label)
