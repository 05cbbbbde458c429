"""klplint as kbuild's checker: `make C=1 CHECK="klplint --kbuild"` calls it for each file compiled.

The call is sparse's: flags for sparse, then the compiler's, then the file. The file is parsed
with these very flags. Findings go to standard error, where a compiler's go, so that make's own
lines can be had apart; paths are as kbuild has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from klplint import __version__
from klplint.cli import console
from klplint.cli.check import exit_status
from klplint.cli.plan import plan_run
from klplint.compare.comparison import comparing
from klplint.config.settings import Settings
from klplint.engine.lint import lint
from klplint.errors import UsageError
from klplint.findings.finding import Finding, Place, Result
from klplint.kernel.compile_commands import CompilerCall
from klplint.kernel.excludes import Excludes
from klplint.kernel.sources import Sources
from klplint.kernel.tree import Kernel
from klplint.progress import Silence
from klplint.report import Report, Style, render

_HOW = 'kbuild gives flags and a file, as in: make C=1 CHECK="klplint --kbuild"'


def check(words: Sequence[str], settings: Settings) -> int:
    """Lint the file that kbuild compiles, `words` being flags and the file; give the exit status.

    Raises UsageError where the call is not kbuild's, or the file is missing or in no kernel tree.
    """
    if settings.patch is not None or settings.diff_from is not None:
        raise UsageError(
            "--kbuild checks what is built, as it is: it takes no `patch` and no `diff-from`; "
            "take them out of the configuration, or pass --isolated"
        )
    file = _file(words)
    call = CompilerCall(Path.cwd(), file, words[:-1])
    plan = plan_run([Path(file)], _adapted(settings, call, file), call)
    (name,) = plan.sources.files
    if Excludes(settings.exclude).covers(name):
        return 0  # make named the file, not a person
    with comparing(plan, [Path(file)], settings.comparison, settings.source) as comparison:
        result = comparison.counted(lint(plan, Silence()), None).result
    result = _respelt(result, _spelling(file, plan.sources))
    report = Report(result, plan.rules, __version__, settings.show_suppressed)
    console.write_error(render("concise", report, Style()))
    console.warn(report, msgspec.structs.replace(settings, quiet=True))
    return exit_status(result, settings.verdict)


def _file(words: Sequence[str]) -> str:
    """The file, which is the last word."""
    file = words[-1] if words else ""
    if not file or file.startswith("-"):
        found = f', not "{file}"' if file else ""
        raise UsageError(f"--kbuild: the last word has to be a file{found}; {_HOW}")
    if Path(file).is_dir():
        raise UsageError(f"{file}: is a folder; {_HOW}")
    return file


def _adapted(settings: Settings, call: CompilerCall, file: str) -> Settings:
    """The settings, with what the call tells where they tell nothing."""
    kernel = Path(settings.kernel) if settings.kernel else _kernel(call, file)
    return msgspec.structs.replace(
        settings,
        kernel=str(kernel),
        arch=settings.arch or _architecture(call, kernel),
        jobs=settings.jobs or 1,  # make sees to it that all processors have work
    )


def _kernel(call: CompilerCall, file: str) -> Path:
    """The tree the file lies in, else the one that -I flags lead into, else that of the folder."""
    path = Path(file).resolve()
    if not path.exists():
        raise UsageError(f"{file}: no such file")
    for place in (path, *call.include(), Path.cwd()):
        if kernel := Kernel.around(place):
            return kernel.root
    raise UsageError(
        f"{file}: is in no kernel tree, and no -I flag leads into one; name it, as in: "
        'CHECK="klplint --kernel TREE --kbuild"'
    )


def _architecture(call: CompilerCall, kernel: Path) -> str | None:
    """The architecture whose headers the flags name first; None where they name none."""
    above = kernel.resolve() / "arch"
    found = (f.parent.name for f in call.include() if f.parent.parent == above)
    return next(found, None)


def _spelling(file: str, sources: Sources) -> Callable[[str], str]:
    """How kbuild would write the paths in a report: with what it has before the file's own."""
    (name,) = sources.files
    before = file.removesuffix(name)
    if before == file or (before and not before.endswith("/")):  # it came by a link
        before = f"{sources.root}/"
    return lambda path: path if path.startswith("/") else before + path


def _respelt(result: Result, spelt: Callable[[str], str]) -> Result:
    """A result with its paths written in another way."""

    def place(old: Place) -> Place:
        return msgspec.structs.replace(old, file=spelt(old.file))

    def finding(old: Finding) -> Finding:
        related = tuple(map(place, old.related))
        return msgspec.structs.replace(old, place=place(old.place), related=related)

    return msgspec.structs.replace(
        result,
        findings=tuple(map(finding, result.findings)),
        suppressed=tuple(map(finding, result.suppressed)),
        not_analysed=tuple(
            msgspec.structs.replace(missed, file=spelt(missed.file))
            for missed in result.not_analysed
        ),
        unreadable=tuple(map(spelt, result.unreadable)),
    )
