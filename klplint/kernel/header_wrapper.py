"""Translation units around files that are not: headers, and C files made to be included.

Such a file relies on what its includers have included before it, so it is parsed behind common
headers.
"""

from __future__ import annotations

from pathlib import Path

from klplint.csource.lexer import Source

# Headers that most kernel files include, directly or not, before their code.
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
# The one header without which libclang sees no barrier.
BARRIER_HEADERS = ("asm/barrier.h",)


def wrapper_for(path: Path, source: Source) -> str | None:
    """The text of a translation unit that includes `path`; None if the file itself is one."""
    if not _needs_wrapper(path, source):
        return None
    lines = [
        f"#if __has_include(<{header}>)\n#include <{header}>\n#endif\n" for header in COMMON_HEADERS
    ]
    return "".join(lines) + f'#include "{path}"\n'


def _needs_wrapper(path: Path, source: Source) -> bool:
    """Whether a file relies on its includers: a header, or a C file that includes nothing."""
    if path.suffix == ".h":
        return True
    return not any(directive.keyword == "include" for directive in source.directives)
