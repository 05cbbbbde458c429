"""`klplint livepatch`: whether a fix can be livepatched."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from klplint.checks.base import Check
from klplint.checks.never_switching import NeverSwitchingCheck
from klplint.checks.unpatchable_function import UnpatchableFunctionCheck
from klplint.cli import console
from klplint.cli.output_files import OutputFile
from klplint.cli.plan import configured_catalogue
from klplint.compare.changed_files import fix_in_patch, fix_since
from klplint.config.choices import LIVEPATCH_FORMATS
from klplint.config.settings import Settings, expect_one_comparison
from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.errors import OutputError, TreeError, UsageError
from klplint.facts.queries import FilesNaming as NamingQuery
from klplint.kernel.build_directory import kernel_at
from klplint.kernel.objects import KernelObjects
from klplint.kernel.sources import Sources
from klplint.kernel.tree import Kernel
from klplint.livepatching.assess import assess
from klplint.livepatching.assessment import Assessment
from klplint.livepatching.fix import Fix
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.switching import Switching
from klplint.livepatching.users import FilesNaming
from klplint.modules.patchability import Unpatchable
from klplint.report import livepatch as reports
from klplint.source_text import source_or_nothing


def report_livepatch(paths: Sequence[Path], settings: Settings) -> int:
    """Assess the fix that the settings name, write a report, and return the exit status."""
    expect_one_comparison(settings)
    if settings.patch is None and settings.diff_from is None:
        raise UsageError("no fix given; add --patch FILE, or --diff-from REV for committed changes")
    sources = _sources(paths, settings)
    with contextlib.ExitStack() as stack:
        output = _output(settings, stack)
        fix = _fix(settings, sources)
        if not fix.files:
            raise UsageError("the fix changes no file of the tree; give another patch or revision")
        assessment = _assessed(fix, sources, settings)
        name = settings.format if settings.format in LIVEPATCH_FORMATS else "text"
        if output:
            output.write(reports.render(name, assessment))
        else:
            appearance = console.appearance(settings.display)
            console.write(reports.render(name, assessment, appearance))
    return 0 if assessment.verdict == "patchable" else 1


def _sources(paths: Sequence[Path], settings: Settings) -> Sources:
    """The tree that the fix is for. Its files are listed only if names are looked up in it."""
    if len(paths) > 1:
        raise UsageError("give one TREE, the kernel that the fix is for")
    place = paths[0].resolve()
    if settings.kernel is not None:
        kernel = kernel_at(Path(settings.kernel).resolve(), Path(settings.kernel))
    else:
        kernel = Kernel.around(place) or _build_at(place, paths[0])
    return Sources(kernel, kernel.root, ())


def _build_at(place: Path, given: Path) -> Kernel:
    """The kernel of a build directory; TreeError for a directory that is not one."""
    try:
        return kernel_at(place, given)
    except TreeError:
        raise TreeError(
            f"{given}: neither in a kernel tree nor a build of one; give the tree that the fix is "
            "for, as in klplint livepatch --patch FILE TREE"
        ) from None


def _output(settings: Settings, stack: contextlib.ExitStack) -> OutputFile | None:
    """The file to write to; None for standard output."""
    if settings.output is not None:
        return stack.enter_context(OutputFile(Path(settings.output)))
    if sys.stdout is None:
        raise OutputError("standard output is closed; give an output file with --output")
    return None


def _fix(settings: Settings, sources: Sources) -> Fix:
    if settings.patch is not None:
        return fix_in_patch(settings.patch, sources)
    assert settings.diff_from is not None
    return fix_since(settings.diff_from, sources)


def _assessed(fix: Fix, sources: Sources, settings: Settings) -> Assessment:
    kernel = sources.kernel
    checks = [rule.check for rule in configured_catalogue(settings.rule_choice)]
    hooks = Hooks(_unpatchable(checks), kernel.version, KernelObjects(kernel), _switching(checks))

    def read(path: str) -> str | None:
        return source_or_nothing(sources.root / path) or None

    with _looking_up(sources, settings) as files_naming:
        return assess(fix, hooks, files_naming, read)


@contextlib.contextmanager
def _looking_up(sources: Sources, settings: Settings) -> Iterator[FilesNaming]:
    """Looks up which files of the tree contain names; a search begins only when one is asked."""
    execution = settings.execution
    plan = Execution(jobs=execution.processes, cache=execution.cache_directory)
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(console.progress(settings.display))
        sessions: list[Session] = []

        def naming(names: Collection[str]) -> Mapping[str, Collection[str]]:
            if not sessions:
                sessions.append(stack.enter_context(Session(sources, plan, progress)))
            hits = sessions[0].index.find([NamingQuery(name) for name in names], progress)
            return {query.name: tuple(files) for query, files in hits.items()}

        yield naming


def _unpatchable(checks: Iterable[Check]) -> Unpatchable:
    """What keeps functions from being patched, as KLP022 has it."""
    data = (check.unpatchable for check in checks if isinstance(check, UnpatchableFunctionCheck))
    return next(data, Unpatchable((), ()))


def _switching(checks: Iterable[Check]) -> Switching:
    """What shows that a task stays in a function, as KLP024 has it."""
    for check in checks:
        if isinstance(check, NeverSwitchingCheck):
            return Switching(
                check.thread_starters, check.stop_tests, check.never_return, check.ending
            )
    return Switching()
