"""Which findings of a run count: all, those of changed lines, those that no baseline has.

To find out what a change causes elsewhere, the state before it is linted, too, where that can
matter. One of the two states is the tree itself, the other a shadow of it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import msgspec

from klplint.compare.baseline import Baseline, BaselineMatch, Entry, match_findings, read_baseline
from klplint.compare.causes import explained
from klplint.compare.changed_lines import Changes, caused
from klplint.compare.changed_texts import changed_by_patch, changed_since
from klplint.compare.shadow_tree import Texts, shadow
from klplint.config.settings import ComparisonSettings, SourceSettings
from klplint.engine.plan import Plan
from klplint.errors import TreeError
from klplint.findings.finding import Finding, GoneFinding, Result
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.excludes import excludes_beside
from klplint.kernel.existence import is_missing

_APPLIED = "the tree has this patch already; it is compared with the tree without the patch"


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
        return self.before is not None and bool(self._elsewhere(result))

    def counted(self, result: Result, before: Result | None) -> Counted:
        """The findings of `result` that count; `before` is the result of the state before."""
        counting = self._of_changes(result, before)
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

    def _elsewhere(self, result: Result) -> list[Finding]:
        """The findings that do not stand on changed lines."""
        if self.changes is None:
            return []
        return [finding for finding in result.findings if not self.changes.is_on(finding)]

    def _of_changes(self, result: Result, before: Result | None) -> Result:
        """The findings on changed lines, and those caused by them elsewhere."""
        changes = self.changes
        if changes is None:
            return result
        elsewhere = self._elsewhere(result)
        findings_before = before.findings if before else ()
        unrelated = {finding.order for finding in elsewhere}
        unrelated -= {finding.order for finding in caused(elsewhere, findings_before, changes)}
        return msgspec.structs.replace(
            result,
            findings=explained(
                [
                    changes.with_cause(finding)
                    for finding in result.findings
                    if finding.order not in unrelated
                ],
                changes,
                self._watched,
            ),
            suppressed=tuple(f for f in result.suppressed if changes.is_on(f)),
            not_analysed=tuple(
                missed
                for missed in result.not_analysed
                if changes.concerns(missed) or missed.file in result.unreadable
            ),
        )

    @property
    def _watched(self) -> frozenset[str]:
        """The names that the rules watch, on both sides of pairs."""
        watches = [rule.check.watch for rule in self.plan.rules]
        return frozenset(name for watch in watches for name in (*watch.names, *watch.opposite))

    def _was_linted(self, entry: Entry, result: Result) -> bool:
        """Whether the run would have found an entry of the baseline again."""
        sources = self.plan.sources
        if entry.code not in self.plan.codes or entry.file in result.unreadable:
            return False
        if entry.file in sources.files:
            return True
        is_gone = is_missing(sources.root / entry.file)
        return is_gone and any(n == "." or entry.file.startswith(f"{n}/") for n in self.paths)


@contextlib.contextmanager
def comparing(
    plan: Plan, paths: Sequence[Path], settings: ComparisonSettings, source: SourceSettings
) -> Iterator[Comparison]:
    """The comparison that `settings` ask for; its shadow tree exists as long as the context.

    Raises PatchError, BaselineError or TreeError where the settings cannot be met.
    """
    root = plan.sources.root
    names = tuple(Path(os.path.relpath(path.resolve(), root)).as_posix() for path in paths)
    baseline = read_baseline(Path(settings.baseline)) if settings.baseline else None
    plain = Comparison(plan=plan, paths=names, baseline=baseline)
    if settings.patch is not None:
        changes, texts, is_applied = changed_by_patch(settings.patch, plan.sources)
        _expect_created(paths, names, texts)
        with _shadowed(plan, names, texts, source) as other:
            after, before = (plan, other) if is_applied else (other, plan)
            linted = {*plan.sources.files, *other.sources.files}
            note = _note(texts, linted) or (_APPLIED if is_applied else "")
            yield msgspec.structs.replace(
                plain, plan=after, changes=changes, before=before, note=note
            )
    elif settings.diff_from is not None:
        changes, texts, unknown = changed_since(settings.diff_from, plan.sources, names)
        with _shadowed(plan, names, texts, source) as before:
            yield msgspec.structs.replace(
                plain,
                changes=changes,
                before=before,
                note=_unknown_note(settings.diff_from, unknown),
            )
    else:
        yield plain


def _note(texts: Texts, linted: AbstractSet[str]) -> str:
    """A note for the user where a patch changes nothing that is linted, else ""."""
    return "the patch changes none of the linted files" if linted.isdisjoint(texts) else ""


def _unknown_note(revision: str, repositories: Sequence[str]) -> str:
    """A note for the user where nested repositories do not have a revision, else ""."""
    if not repositories:
        return ""
    return (
        f"{', '.join(repositories)}: nothing in here counts as changed, because this git "
        f"repository has no revision {revision}; name it as a PATH, with a revision that it has"
    )


def _expect_created(paths: Sequence[Path], names: Sequence[str], texts: Texts) -> None:
    """TreeError for a PATH that does not exist and that the patch does not create."""
    created = [f"{name}/" for name, text in texts.items() if text is not None]
    for path, name in zip(paths, names, strict=True):
        if is_missing(path) and not any(file.startswith(f"{name}/") for file in created):
            raise TreeError(f"{path}: no such file or directory, and the patch does not create it")


@contextlib.contextmanager
def _shadowed(
    plan: Plan, names: tuple[str, ...], texts: Texts, source: SourceSettings
) -> Iterator[Plan]:
    """The plan for a shadow of its tree, in which some files have other texts."""
    database = source.compile_commands or plan.sources.kernel.output / DATABASE_NAME
    exclude = excludes_beside(source.exclude, names)
    with shadow(plan.sources, texts, names, exclude, Path(database)) as (shadowed, translated):
        commands = CompileCommands(translated) if translated else None
        # Results from a shadow name files that go with it, so none of them may be kept.
        execution = msgspec.structs.replace(plan.execution, commands=commands, keep=False)
        yield msgspec.structs.replace(plan, sources=shadowed, execution=execution)
