"""What every format is given: the report, and how text should look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from klplint.catalogue.rule import Rule
from klplint.findings.finding import Finding, Result

if TYPE_CHECKING:  # few formats show pairs; most runs do without the modules that list them
    from klplint.engine.pair_listing import PairList


class Gone(msgspec.Struct, frozen=True):
    """Findings of a baseline that a run did not find again."""

    code: str
    file: str
    function: str
    """The function; "" outside all functions."""
    number: int


class Trend(msgspec.Struct, frozen=True):
    """A run compared with its baseline, whatever findings count."""

    new: Mapping[str, int]
    """Findings that the baseline does not have, by the code of the rule."""
    old: Mapping[str, int]
    """Findings that it has."""
    gone: tuple[Gone, ...]


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
    kernel: str = ""
    """The version of the kernel tree; "" without one."""
    trend: Trend | None = None
    """The comparison with the baseline; None without one."""
    pairs: PairList | None = None
    """The read barriers with both sides; None where the format does not show them."""

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
