"""`klplint fix`: the fixes of findings as a diff, as patches, or written to the sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from klplint.cli import console
from klplint.cli.drop_parameter import dropped
from klplint.cli.notices import print_left_out, print_unreadable
from klplint.cli.output_files import OutputFile
from klplint.cli.patch_mails import write_mails
from klplint.cli.plan import plan_run
from klplint.cli.source_diff import diff
from klplint.config.settings import Settings
from klplint.engine.lint import lint
from klplint.engine.plan import Plan
from klplint.errors import KlplintError, OutputError, UsageError
from klplint.findings.finding import Finding, Result
from klplint.fixes.planning import FixedFile, FixPlan, NotFixed, plan_fixes
from klplint.kernel.git_listing import not_committed
from klplint.report.counts import counted
from klplint.source_text import to_text

_SOME_LEFT = 1


class Delivery(msgspec.Struct, frozen=True):
    """What becomes of fixes: without any of these, they are printed as a diff."""

    apply: bool = False
    """Whether the files are written."""
    allow_dirty: bool = False
    """Whether also those that git could not restore."""
    mails: Path | None = None
    """The directory for mails."""

    def check(self) -> None:
        """UsageError for what does not go together."""
        if self.allow_dirty and not self.apply:
            raise UsageError("--allow-dirty is about files that are written; add --apply")
        if self.apply and self.mails is not None:
            raise UsageError("--apply and --format-patch exclude each other; give one of them")


def valid_name(name: str) -> str:
    """The name for a function, or ""; UsageError for what cannot be one."""
    if name and not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise UsageError(f'--second-name: "{name}" is not a C identifier')
    return name


def fix(paths: Sequence[Path], settings: Settings, *, unsafe: bool, delivery: Delivery) -> int:
    """Print a diff of all fixes, write them to the files, or write mails; the exit status."""
    delivery.check()
    plan = plan_run(paths, settings)
    with console.progress(settings.display) as progress:
        result = lint(plan, progress)
    print_unreadable(result.unread)
    chosen = [f for f in result.findings if f.fix and (f.fix.safe or unsafe)]
    fixes = plan_fixes(chosen, frozenset(plan.sources.files), plan.sources.root)
    left = _deliver(plan, fixes, delivery)
    if not settings.quiet:
        print_left_out(plan.sources, paths)
        _summarise(result, chosen, _delivered(fixes, left), delivery)
    if result.unreadable:
        return KlplintError.exit_status
    return _SOME_LEFT if left else 0


def drop_task_parameter(
    paths: Sequence[Path], settings: Settings, *, second: str, delivery: Delivery
) -> int:
    """Print, or write, the tree with a switching function that has no parameter."""
    delivery.check()
    if delivery.mails is not None:
        raise UsageError(
            "--drop-task-parameter is one patch over several directories; redirect the diff to a "
            "file instead of --format-patch"
        )
    plan, files, others = dropped(paths, settings, second)
    left = _deliver(plan, FixPlan(tuple(files), ()), delivery)
    if not settings.quiet:
        for call in others:
            console.say(f"{call.where}: now calls {second}(): {call.reason}")
        done = "written" if delivery.apply else "shown; --apply writes them"
        console.say(f"changes of {counted(len(files) - len(left), 'file')} {done}")
    return _SOME_LEFT if left else 0


def _deliver(plan: Plan, fixes: FixPlan, delivery: Delivery) -> list[NotFixed]:
    """Print or write fixes; what is left as it is, which is said."""
    left = [*fixes.left]
    if delivery.apply:
        left += _write(plan, fixes, allow_dirty=delivery.allow_dirty)
    elif delivery.mails is not None:
        for path in write_mails(fixes.files, plan.sources.root, delivery.mails):
            console.write(f"{path}\n")
    else:
        for file in fixes.files:
            console.write("".join(diff(file.file, to_text(file.before), to_text(file.after))))
    for each in left:
        console.say(f"{each.where}: not fixed: {each.reason}")
    return left


def _write(plan: Plan, fixes: FixPlan, *, allow_dirty: bool) -> list[NotFixed]:
    """Write the fixed files, each whole or not at all; those that could not be written."""
    root = plan.sources.root
    dirty = frozenset() if allow_dirty else not_committed(root, [f.file for f in fixes.files])
    left = []
    for file in fixes.files:
        reason = "it has changes that are not committed; --allow-dirty writes it anyway"
        if file.file not in dirty:
            reason = write_fixed(root, file)
        if reason:
            left.append(NotFixed(file.file, reason))
    return left


def write_fixed(root: Path, file: FixedFile) -> str:
    """Write a file below `root`, whole or not at all; why not, or "" if it was written."""
    path = root / file.file
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        return f"it is a link to {real}, outside of the tree"
    if path.exists() and not os.access(path, os.W_OK):
        return "it is read-only"  # it could be replaced in its directory all the same
    try:
        with OutputFile(path) as output:
            if path.read_bytes() != file.before:
                return "it changed while klplint ran; run it again"
            output.write(to_text(file.after))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except OutputError as error:
        return str(error).removeprefix(f"{path}: ")
    return ""


def _delivered(fixes: FixPlan, left: Iterable[NotFixed]) -> list[FixedFile]:
    """The files that are not left as they are."""
    names = {each.where for each in left}
    return [file for file in fixes.files if file.file not in names]


def _summarise(
    result: Result, chosen: Sequence[Finding], files: Sequence[FixedFile], delivery: Delivery
) -> None:
    """Say how many findings were fixed, and how to get the others."""
    fixed = {finding for file in files for finding in file.findings}
    done = "written" if delivery.apply else "shown; --apply writes them"
    if delivery.mails is not None:
        done = "written as mails"
    number = f"{counted(len(fixed), 'fix')} in {counted(len(files), 'file')}"
    console.say(f"{number} {done}" if fixed else number)
    further = sum(f.fix is not None for f in result.findings) - len(chosen)
    if further:
        console.say(f"{counted(further, 'fix')} more to review with --unsafe")
