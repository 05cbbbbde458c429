"""What of a run's findings counts: all, those of changed lines, those that no baseline has.

The state that changed lines are held against is linted as well, where that can matter. One of
the two states is the tree itself, the other a shadow of it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from klplint.cli import console
from klplint.compare import baseline as baselines
from klplint.compare.baseline import Baseline, Comparison, Known
from klplint.compare.changed_lines import Changes, caused
from klplint.compare.patches.git import changes_since
from klplint.compare.patches.mail import read_patch
from klplint.compare.patches.series import apply_series
from klplint.compare.shadow_tree import Texts, shadow
from klplint.config.settings import Settings
from klplint.engine.session import Setup
from klplint.errors import UsageError
from klplint.findings.finding import Result
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.excludes import excludes_beside
from klplint.kernel.sources import Sources
from klplint.kernel.tree import Kernel
from klplint.source_text import to_text

_STANDARD_INPUT = "-"

State = tuple[Sources, Setup]
"""What to lint, and how."""
Lint = Callable[[Sources, Setup], Result]


class Scope(msgspec.Struct, frozen=True):
    """The state to lint, and what its findings are held against.

    `before` is the state before the `changes`. `named` are the PATHs from the root, `codes` the
    rules in force.
    """

    state: State
    named: tuple[str, ...]
    codes: frozenset[str]
    changes: Changes | None = None
    before: State | None = None
    baseline: Baseline | None = None

    def lint(self, lint: Lint) -> tuple[Result, Comparison | None]:
        """The result with the findings that count, and what the baseline makes of all."""
        whole = lint(*self.state)
        result = self._of_changes(whole, lint)
        if self.baseline is None:
            return result, None
        counting = {finding.order for finding in result.findings}
        comparison = baselines.compare(
            self.baseline,
            # Of findings that are alike, those on lines that are as they were are the old ones.
            sorted(whole.findings, key=lambda finding: finding.order in counting),
            lambda file: (self.state[0].root / file).exists(),
            lambda known: self._looked_at(known, whole),
        )
        known = {finding.order for finding in comparison.known}
        new = tuple(finding for finding in result.findings if finding.order not in known)
        left_out = len(result.findings) - len(new)
        return msgspec.structs.replace(result, findings=new, baselined=left_out), comparison

    def _of_changes(self, whole: Result, lint: Lint) -> Result:
        """The findings on changed lines, and those caused by them elsewhere."""
        changes = self.changes
        if changes is None or self.before is None:
            return whole
        elsewhere = [finding for finding in whole.findings if not changes.is_on(finding)]
        # The state before is linted only if something has to be held against it.
        before = lint(*self.before).findings if elsewhere else ()
        others = {finding.order for finding in elsewhere}
        others -= {finding.order for finding in caused(elsewhere, before, changes)}
        return msgspec.structs.replace(
            whole,
            findings=tuple(changes.explained(f) for f in whole.findings if f.order not in others),
            suppressed=tuple(f for f in whole.suppressed if changes.is_on(f)),
            not_analysed=tuple(
                missed
                for missed in whole.not_analysed
                if changes.concerns(missed) or missed.file in whole.unreadable
            ),
        )

    def _looked_at(self, known: Known, result: Result) -> bool:
        """Whether the run would have found again what a baseline has."""
        sources = self.state[0]
        if known.code not in self.codes or known.file in result.unreadable:
            return False
        if known.file in sources.files:
            return True
        is_gone = not (sources.root / known.file).exists()
        return is_gone and any(n == "." or known.file.startswith(f"{n}/") for n in self.named)


@contextlib.contextmanager
def scope(
    paths: Sequence[Path], settings: Settings, state: State, codes: frozenset[str]
) -> Iterator[Scope]:
    """The scope that `settings` ask for; UsageError where they cannot be met."""
    read = {os.path.realpath(p) for p in (settings.baseline, settings.patch) if p is not None}
    for output in (settings.output, *settings.beside().values()):
        if output is not None and os.path.realpath(output) in read:
            raise UsageError(f"{output}: is read by this run; name another output file")
    sources = state[0]
    named = tuple(Path(os.path.relpath(p.resolve(), sources.root)).as_posix() for p in paths)
    baseline = baselines.read(Path(settings.baseline)) if settings.baseline else None
    own = Scope(state, named, codes, baseline=baseline)
    with contextlib.ExitStack() as stack:
        if settings.patch is not None:
            changes, texts = _of_patch(settings.patch, sources)
            _check_created(paths, named, texts)
            patched = stack.enter_context(_shadowed(own, texts, settings))
            if not settings.quiet and texts.keys().isdisjoint({*sources.files, *patched[0].files}):
                console.say("the patch changes no file that is linted")
            own = msgspec.structs.replace(own, state=patched, changes=changes, before=state)
        elif settings.diff_from is not None:
            changes, texts = _of_git(settings.diff_from, sources)
            before = stack.enter_context(_shadowed(own, texts, settings))
            own = msgspec.structs.replace(own, changes=changes, before=before)
        yield own


def default_paths(settings: Settings) -> tuple[Path, ...]:
    """What to lint if no PATH is given: the current folder; with a patch the tree around it."""
    kernel = Kernel.around(Path.cwd()) if settings.patch is not None else None
    return (kernel.root if kernel and settings.kernel is None else Path(),)


def _of_patch(patch: str, sources: Sources) -> tuple[Changes, Texts]:
    """What a patch file changes, and what the changed files hold afterwards."""
    name = "<stdin>" if patch == _STANDARD_INPUT else patch
    content = _content(patch, name)

    def read(path: str) -> str | None:
        file = sources.root / path
        try:
            return to_text(file.read_bytes()) if file.is_file() else None
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror}") from None

    def is_folder(path: str) -> bool:
        return (sources.root / path).is_dir()

    series = apply_series(read_patch(content, name), read, name, is_folder)
    texts: dict[str, str | None] = {c.old: None for c in series.changes if c.old is not None}
    texts |= {change.new: change.text for change in series.changes if change.new is not None}
    return Changes(series.changes, series.edits, Path(name).name), texts


def _check_created(paths: Sequence[Path], named: Sequence[str], texts: Texts) -> None:
    """UsageError for a PATH that is not there, and that the patch does not create."""
    for path, name in zip(paths, named, strict=True):
        created = (n for n, text in texts.items() if text is not None)
        if not path.exists() and not any(f"{n}/".startswith(f"{name}/") for n in created):
            raise UsageError(f"{path}: no such file or folder")


def _content(patch: str, name: str) -> bytes:
    """What a patch file, or standard input, holds."""
    try:
        if patch != _STANDARD_INPUT:
            return Path(patch).read_bytes()
        if sys.stdin is not None:  # as it is where a caller closed it
            return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"{name}: the patch cannot be read: {error.strerror}") from None
    raise UsageError("--patch -: standard input is closed; give the patch there, or a file")


def _of_git(revision: str, sources: Sources) -> tuple[Changes, Texts]:
    """What was changed since a revision, and what the changed files held then."""
    patch, old = changes_since(revision, sources.root)
    texts: dict[str, str | None] = {c.new: None for c in patch.changes if c.new is not None}
    return Changes(patch.changes), texts | old


@contextlib.contextmanager
def _shadowed(own: Scope, texts: Texts, settings: Settings) -> Iterator[State]:
    """The same state with other texts."""
    sources, setup = own.state
    database = settings.compile_commands or sources.kernel.root / DATABASE_NAME
    exclude = excludes_beside(settings.exclude, own.named)
    with shadow(sources, texts, own.named, exclude, Path(database)) as (other, commands):
        found = CompileCommands(commands) if commands else None
        # What is made from a shadow names files that go with it: nothing of it may be kept.
        yield other, msgspec.structs.replace(setup, commands=found, keep=False)
