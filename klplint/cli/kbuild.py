"""klplint as kbuild's checker: `make C=1 CHECK="klplint --kbuild"` calls it for each file compiled.

kbuild calls it as it calls sparse: flags for sparse, then the compiler's, then the file. The file
is parsed with these flags. Findings go to standard error, as a compiler's do, so that they can be
separated from what make prints; paths are written as kbuild writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from klplint import __version__
from klplint.cli import console
from klplint.cli.check import exit_status
from klplint.cli.notices import print_notices
from klplint.cli.plan import plan_run
from klplint.compare.comparing import comparing
from klplint.config.settings import Settings
from klplint.engine.lint import lint
from klplint.errors import TreeError, UsageError
from klplint.findings.finding import Finding, Place, Result
from klplint.kernel.compile_commands import CompilerCall
from klplint.kernel.excludes import Excludes
from klplint.kernel.sources import Sources
from klplint.kernel.tree import Kernel
from klplint.progress import Silence
from klplint.report.base import Report
from klplint.report.formats import render

_HOW = 'let kbuild run klplint: make C=1 CHECK="klplint --kbuild"'


def lint_built_file(words: Sequence[str], settings: Settings) -> int:
    """Lint the file that kbuild compiles, and return the exit status.

    `words` are the flags and the file.

    Raises UsageError where the call is not kbuild's, and TreeError where the file is missing or in
    no kernel tree.
    """
    if settings.patch is not None or settings.diff_from is not None:
        raise UsageError(
            "--kbuild cannot be combined with `patch` or `diff-from`; remove them from the "
            "configuration, or pass --isolated"
        )
    file = _file(words)
    call = CompilerCall(Path.cwd(), file, words[:-1])
    plan = plan_run([Path(file)], _adapted(settings, call, file), call)
    (name,) = plan.sources.files
    if Excludes(settings.exclude).covers(name):
        return 0  # make named the file, not a person
    with comparing(plan, [Path(file)], settings.comparison, settings.source) as comparison:
        result = comparison.counted(lint(plan, Silence()), None).result
    result = with_paths(result, _spelling(file, plan.sources))
    report = Report(result, plan.rules, __version__, settings.show_suppressed)
    console.write_error(render("concise", report))
    print_notices(report, msgspec.structs.replace(settings, quiet=True))
    return exit_status(result, settings.verdict)


def _file(words: Sequence[str]) -> str:
    """The file, which is the last word."""
    file = words[-1] if words else ""
    if not file or file.startswith("-"):
        instead = f', not "{file}"' if file else ""
        raise UsageError(f"--kbuild: expected a file as the last word{instead}; {_HOW}")
    if Path(file).is_dir():
        raise UsageError(f"{file}: is a directory, not a file; {_HOW}")
    return file


def _adapted(settings: Settings, call: CompilerCall, file: str) -> Settings:
    """The settings, with what can be learnt from the call where they leave it open."""
    kernel = Path(settings.kernel) if settings.kernel else _kernel(call, file)
    return msgspec.structs.replace(
        settings,
        kernel=str(kernel),
        arch=settings.arch or _architecture(call, kernel),
        jobs=settings.jobs or 1,  # make gives all processors work
    )


def _kernel(call: CompilerCall, file: str) -> Path:
    """The tree of the file, else the one that -I flags lead into, else that of the directory."""
    path = Path(file).resolve()
    if not path.exists():
        raise TreeError(f"{file}: no such file")
    for place in (path, *call.include(), Path.cwd()):
        if kernel := Kernel.around(place):
            return kernel.root
    raise TreeError(
        f"{file}: not in a kernel tree, and no -I flag leads into one; give the tree: "
        'CHECK="klplint --kernel TREE --kbuild"'
    )


def _architecture(call: CompilerCall, kernel: Path) -> str | None:
    """The architecture whose headers the flags name first; None where they name none."""
    above = kernel.resolve() / "arch"
    names = (f.parent.name for f in call.include() if f.parent.parent == above)
    return next(names, None)


def _spelling(file: str, sources: Sources) -> Callable[[str], str]:
    """A function that writes paths as kbuild does: with what `file` has before its plain name."""
    (name,) = sources.files
    start = file.removesuffix(name)
    if start == file or (start and not start.endswith("/")):  # the file was named by a link
        start = f"{sources.root}/"
    return lambda path: path if path.startswith("/") else start + path


def with_paths(result: Result, spell: Callable[[str], str]) -> Result:
    """A result with each of its paths written as `spell` says."""
    return msgspec.structs.replace(
        result,
        findings=tuple(_finding_with_paths(finding, spell) for finding in result.findings),
        suppressed=tuple(_finding_with_paths(finding, spell) for finding in result.suppressed),
        not_analysed=tuple(
            msgspec.structs.replace(missed, file=spell(missed.file))
            for missed in result.not_analysed
        ),
        unreadable=tuple(map(spell, result.unreadable)),
    )


def _finding_with_paths(finding: Finding, spell: Callable[[str], str]) -> Finding:
    def spelled(places: Iterable[Place]) -> tuple[Place, ...]:
        return tuple(msgspec.structs.replace(place, file=spell(place.file)) for place in places)

    (place,) = spelled([finding.place])
    return msgspec.structs.replace(
        finding, place=place, related=spelled(finding.related), steps=spelled(finding.steps)
    )
