"""Translation units for files that are none: headers, and C files made to be included.

Such a file is parsed as its includers see it, after common headers, so that the types it
leans on are known. Asked for alone it would lose whatever its includers bring along.
"""

from __future__ import annotations

from pathlib import Path

from klplint.csource.lexer import Source

# Headers that most kernel files have included, in one way or another, before their own code.
COMMON_HEADERS = (
    "linux/kernel.h",
    "linux/module.h",
    "linux/sched.h",
    "linux/slab.h",
    "linux/mm.h",
    "linux/fs.h",
    "linux/spinlock.h",
    "linux/mutex.h",
    "linux/rcupdate.h",
    "linux/interrupt.h",
    "linux/kthread.h",
    "linux/wait.h",
    "linux/livepatch.h",
    "linux/smp.h",
)


def wrapper_for(path: Path, source: Source) -> str | None:
    """The text of a translation unit around `path`; None for a file that is one itself."""
    if not _needs_wrapper(path, source):
        return None
    lines = [
        f"#if __has_include(<{header}>)\n#include <{header}>\n#endif\n" for header in COMMON_HEADERS
    ]
    return "".join(lines) + f'#include "{path}"\n'


def _needs_wrapper(path: Path, source: Source) -> bool:
    if path.suffix == ".h":
        return True
    return not any(directive.keyword == "include" for directive in source.directives)
