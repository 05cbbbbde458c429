"""Which findings of a changed tree count: those on changed lines, and what these cause elsewhere.

To find out what a change causes elsewhere, the state before it is linted, too, where that can
matter. One of the two states is the tree itself, the other a shadow of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import msgspec

from klplint.compare.causes import explained
from klplint.compare.changed_lines import Changes, caused
from klplint.compare.changed_texts import changed_by_patch, changed_since
from klplint.compare.comparison import Comparison
from klplint.compare.shadow_tree import Texts, shadow
from klplint.config.settings import ComparisonSettings, SourceSettings
from klplint.engine.plan import Plan
from klplint.errors import TreeError
from klplint.findings.finding import Finding, Result
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.excludes import excludes_beside
from klplint.kernel.existence import is_missing

_APPLIED = "the tree has this patch already; it is compared with the tree without the patch"


class ComparisonOfChange(Comparison, frozen=True, kw_only=True):
    """The states of a tree before and after a change."""

    changes: Changes
    before: Plan

    def needs_state_before(self, result: Result) -> bool:
        """Whether the state before has to be linted to know which findings of `result` count."""
        return bool(self._elsewhere(result))

    def _elsewhere(self, result: Result) -> list[Finding]:
        """The findings that do not stand on changed lines."""
        return [finding for finding in result.findings if not self.changes.is_on(finding)]

    def of_changes(self, result: Result, before: Result | None) -> Result:
        """The findings on changed lines, and those caused by them elsewhere."""
        elsewhere = self._elsewhere(result)
        findings_before = before.findings if before else ()
        unrelated = {finding.order for finding in elsewhere}
        unrelated -= {finding.order for finding in caused(elsewhere, findings_before, self.changes)}
        return msgspec.structs.replace(
            result,
            findings=explained(
                [
                    self.changes.with_cause(finding)
                    for finding in result.findings
                    if finding.order not in unrelated
                ],
                self.changes,
                self._watched,
            ),
            suppressed=tuple(f for f in result.suppressed if self.changes.is_on(f)),
            not_analysed=tuple(
                missed
                for missed in result.not_analysed
                if self.changes.concerns(missed) or missed.file in result.unreadable
            ),
        )

    @property
    def _watched(self) -> frozenset[str]:
        """The names that the rules watch, on both sides of pairs."""
        watches = [rule.check.watch for rule in self.plan.rules]
        return frozenset(name for watch in watches for name in (*watch.names, *watch.opposite))


@contextlib.contextmanager
def comparing_states(
    plain: Comparison,
    paths: Sequence[Path],
    settings: ComparisonSettings,
    source: SourceSettings,
) -> Iterator[Comparison]:
    """The comparison with a patch, or with a git revision, that `settings` name.

    `plain` is the one without changes. The shadow tree exists as long as the context.
    """
    plan, names = plain.plan, plain.paths
    if settings.patch is not None:
        changes, texts, is_applied = changed_by_patch(settings.patch, plan.sources)
        _expect_created(paths, names, texts)
        with _shadowed(plan, names, texts, source) as other:
            after, before = (plan, other) if is_applied else (other, plan)
            linted = {*plan.sources.files, *other.sources.files}
            note = _note(texts, linted) or (_APPLIED if is_applied else "")
            yield _of_change(plain, changes, after, before, note)
    elif settings.diff_from is not None:
        changes, texts, unknown = changed_since(settings.diff_from, plan.sources, names)
        with _shadowed(plan, names, texts, source) as before:
            note = _unknown_note(settings.diff_from, unknown)
            yield _of_change(plain, changes, plan, before, note)


def _of_change(
    plain: Comparison, changes: Changes, after: Plan, before: Plan, note: str
) -> Comparison:
    return ComparisonOfChange(
        plan=after,
        paths=plain.paths,
        changes=changes,
        before=before,
        baseline=plain.baseline,
        note=note,
    )


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
