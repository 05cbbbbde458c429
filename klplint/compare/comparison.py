"""Which findings of a run count: all, or those that no baseline has.

Where only what a change is behind counts, `changed_tree` has another kind of comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from klplint.compare.baseline import Baseline, BaselineMatch, Entry, match_findings
from klplint.engine.plan import Plan
from klplint.findings.finding import GoneFinding, Result
from klplint.kernel.existence import is_missing

if TYPE_CHECKING:  # most runs have no changes
    from klplint.compare.changed_lines import Changes


class Counted(msgspec.Struct, frozen=True):
    """What counts of a run."""

    result: Result
    """The result with only the findings that count."""
    baseline: BaselineMatch | None = None
    """How all findings compare with the baseline, if there is one."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The states of a tree to lint, and what their findings are compared with."""

    plan: Plan
    """The state whose findings are reported."""
    paths: tuple[str, ...]
    """The PATHs of the run, from the root of the sources."""
    changes: Changes | None = None
    """What was changed before this state; None where all findings count."""
    before: Plan | None = None
    """The state before the changes."""
    baseline: Baseline | None = None
    note: str = ""
    """What the user should know of the comparison; mostly nothing."""

    def needs_state_before(self, result: Result) -> bool:
        """Whether the state before has to be linted to know which findings of `result` count."""
        return False

    def of_changes(self, result: Result, before: Result | None) -> Result:
        """The findings that changes are behind, given the result of the state before; else all."""
        return result

    def counted(self, result: Result, before: Result | None) -> Counted:
        """The findings of `result` that count; `before` is the result of the state before."""
        counting = self.of_changes(result, before)
        if self.baseline is None:
            return Counted(counting)
        changed = {finding.order for finding in counting.findings}
        # Of findings that are alike, the baseline has those on unchanged lines: these come first.
        match = match_findings(
            self.baseline,
            sorted(result.findings, key=lambda finding: finding.order in changed),
            lambda file: not is_missing(self.plan.sources.root / file),
            lambda entry: self._was_linted(entry, result),
        )
        old = {finding.order for finding in match.old}
        new = tuple(finding for finding in counting.findings if finding.order not in old)
        old_ones = tuple(finding for finding in counting.findings if finding.order in old)
        gone = [GoneFinding(*entry, number) for entry, number in match.gone]
        return Counted(
            msgspec.structs.replace(
                counting,
                findings=new,
                baselined=len(old_ones),
                in_baseline=old_ones,
                gone=() if self.changes else tuple(gone),
                has_baseline=True,
            ),
            match,
        )

    def _was_linted(self, entry: Entry, result: Result) -> bool:
        """Whether the run would have found an entry of the baseline again."""
        sources = self.plan.sources
        if entry.code not in self.plan.codes or entry.file in result.unreadable:
            return False
        if entry.file in sources.files:
            return True
        is_gone = is_missing(sources.root / entry.file)
        return is_gone and any(n == "." or entry.file.startswith(f"{n}/") for n in self.paths)
