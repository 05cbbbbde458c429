"""The facts of one file against the minikernel, found in this process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from clang.cindex import Diagnostic

from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.watch import Watch
from klplint.frontend.collect import collect_facts
from klplint.frontend.parse import TranslationUnitView
from klplint.kernel.compile_unit import CompileTarget, CompileUnit, build_target
from klplint.kernel.tree import Kernel
from tests.support.paths import MINIKERNEL

WATCH = Watch(
    functions=frozenset({"klp_patch_task", "klp_update_patch_state"}),
    barriers=frozenset({"smp_rmb"}),
)
_OVERLAYS = tempfile.TemporaryDirectory(prefix="klplint-tests-")


def kernel_at(root: Path) -> Kernel:
    kernel = Kernel.at(root)
    assert kernel is not None
    return kernel


@cache
def platform(root: Path = MINIKERNEL, architecture: str = "x86") -> CompileTarget:
    """An architecture of a tree, its stub headers written once for all tests."""
    directory = Path(tempfile.mkdtemp(dir=_OVERLAYS.name)) / architecture
    return build_target(directory, kernel_at(root), architecture, WATCH.barriers)


def unit(file: Path, root: Path = MINIKERNEL, architecture: str = "x86") -> CompileUnit:
    """A file out of the tree; its own directory is the project's."""
    compiled_for = platform(root, architecture)
    return CompileUnit(
        file=file, path=file.name, root=file.parent, kernel=kernel_at(root), target=compiled_for
    )


def facts_of(directory: Path, text: str, name: str = "sample.c", watch: Watch = WATCH) -> FileFacts:
    """The facts of a file with this text, written into `directory`."""
    file = directory / name
    file.write_text(text, encoding="utf-8")
    return collect_facts(unit(file), watch)


def in_code(facts: FileFacts) -> list[Occurrence]:
    """The calls and references of a file."""
    return [o for o in facts.occurrences if o.kind in ("call", "reference")]


def errors_of(view: TranslationUnitView) -> list[str]:
    """The errors that a compiler would report for a file."""
    errors = (d for d in view.translation_unit.diagnostics if d.severity >= Diagnostic.Error)
    return [f"{error.location.file}:{error.location.line}: {error.spelling}" for error in errors]


def variants(facts: FileFacts) -> list[str]:
    """For each call and reference, which parse parsed it, without the architecture's name."""
    return [str(o.parse).partition(" ")[2] if o.parse else o.how for o in in_code(facts)]
