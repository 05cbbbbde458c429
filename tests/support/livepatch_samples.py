"""Small fixes, and what klplint says of them: for tests of `klplint livepatch`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from klplint.facts.kernel_version import Version
from klplint.kernel.objects import KernelObjects
from klplint.kernel.tree import Kernel
from klplint.livepatching.assess import assess
from klplint.livepatching.assessment import Assessment, ChangedFunction, ChangedItem
from klplint.livepatching.fix import FileChange, Fix
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.switching import Switching
from klplint.modules.patchability import Annotation, Unpatchable

UNPATCHABLE = Unpatchable(
    annotations=(
        Annotation(("notrace",), "has no hook", "a test"),
        Annotation(("inline", "__always_inline"), "is part of its callers", "a test"),
        Annotation(("__init",), "is gone after boot", "a test"),
    ),
    sections=(),
)

SWITCHING = Switching(
    thread_starters=("kthread_run",),
    stop_tests=("kthread_should_stop",),
    never_return=("cpu_startup_entry",),
    ending=("do_exit",),
)

MAKEFILES = {
    "Kbuild": "obj-y += kernel/ fs/ lib/\n",
    "kernel/Makefile": "obj-y += core.o user.o\n",
    "fs/Makefile": "obj-$(CONFIG_NINE_FS) += nine.o\n",
    "fs/Kconfig": "config NINE_FS\n\ttristate 'Nine'\n",
    "lib/Makefile": "ccflags-remove-y += -pg\nobj-y += plain.o\n",
}


def assessed(
    root: Path,
    before: Mapping[str, str],
    after: Mapping[str, str | None],
    unchanged: Mapping[str, str] | None = None,
) -> Assessment:
    """What klplint says of a fix to a tree; None stands for a file that the fix deletes."""
    others = unchanged or {}
    for name, text in {**MAKEFILES, **others, **before}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    changes = [
        FileChange(
            name if name in before else None,
            name if text is not None else None,
            before.get(name, ""),
            text or "",
        )
        for name, text in after.items()
    ]
    tree = {**others, **before}

    def naming(names: Collection[str]) -> Mapping[str, Collection[str]]:
        return {n: [p for p, t in tree.items() if re.search(rf"\b{n}\b", t)] for n in names}

    version = Version(6, 12)
    hooks = Hooks(UNPATCHABLE, version, KernelObjects(Kernel(root, version)), SWITCHING)
    return assess(Fix(tuple(changes)), hooks, naming, tree.get)


def of_file(root: Path, before: str, after: str, path: str = "kernel/core.c") -> Assessment:
    """What klplint says of the change of one file."""
    return assessed(root, {path: before}, {path: after})


def part(assessment: Assessment, name: str) -> ChangedFunction | ChangedItem:
    """The only part of an assessment with a name."""
    (wanted,) = [p for p in assessment.parts if p.name == name]
    return wanted


def reasons(assessment: Assessment, name: str) -> str:
    """The reasons for one part, each with its place."""
    return "\n".join(f"{r.text} ({r.spot})" for r in part(assessment, name).reasons)
