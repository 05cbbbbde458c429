"""What every format is given: the report, and how text should look."""

from __future__ import annotations

import msgspec

from klplint.catalogue.rule import Rule
from klplint.findings.finding import Finding, Result


class Report(msgspec.Struct, frozen=True):
    """What there is to report of a run."""

    result: Result
    rules: tuple[Rule, ...]
    """The rules in force, by code."""
    version: str
    """klplint's version."""
    show_suppressed: bool = False
    """Whether findings that the source suppresses are shown, too."""
    show_baselined: bool = True
    """Whether SARIF has those of the baseline, marked as suppressed."""
    sarif_category: str = "klplint"
    """What hosts call this series of results."""

    @property
    def shows_baselined(self) -> bool:
        """Whether there is a baseline, and SARIF has its findings."""
        return self.result.has_baseline and self.show_baselined

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings to show, in order; only those of `result.findings` count."""
        if not self.show_suppressed:
            return self.result.findings
        both = (*self.result.findings, *self.result.suppressed)
        return tuple(sorted(both, key=lambda finding: finding.order))


class Appearance(msgspec.Struct, frozen=True):
    """How text for people should look."""

    colour: bool = False
    width: int = 100
    """The columns that lines may take."""
    by_pre_commit: bool = False
    """Whether pre-commit runs klplint. Only its hooks have klplint on their PATH."""


PLAIN = Appearance()
"""How text looks in a file."""
