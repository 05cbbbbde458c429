"""The kernel that --kernel names: a source tree, or a build that was made apart from it.

`make O=BUILD` writes a Makefile and a link `source` to BUILD; both lead to the sources. So do the
headers that distributions install for a kernel, and /lib/modules/VERSION/build is either of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from klplint.errors import TreeError
from klplint.kernel.existence import is_directory, is_file
from klplint.kernel.tree import Kernel
from klplint.source_text import source_or_nothing

_LINK = "source"
_INCLUDED = re.compile(r"^-?include[ \t]+(\S+)/Makefile[ \t]*$", re.MULTILINE)
_MAKE_THERE = re.compile(r"^MAKEARGS[ \t]*:?=[ \t]*-C[ \t]+(\S+)[ \t]*$", re.MULTILINE)
"""In the Makefile of a build of a kernel before 5.3."""
_KBUILD_FILES = ("include/generated/autoconf.h", "include/config/auto.conf", ".config")


def kernel_at(directory: Path, name: Path) -> Kernel:
    """The kernel at a directory: a source tree, or a build of one.

    Raises TreeError, which calls the directory `name`, where it is neither.
    """
    kernel = Kernel.at(directory)
    if kernel is not None:
        return kernel
    candidates = [*dict.fromkeys(_sources_of(directory))]
    for candidate in candidates:
        kernel = Kernel.at(candidate)
        if kernel is not None:
            return msgspec.structs.replace(kernel, build=directory)
    raise TreeError(f"{name}: {_why_not(directory, candidates)}")


def _sources_of(directory: Path) -> Iterator[Path]:
    """Where the sources of a build may be, the best first."""
    link = directory / _LINK
    if is_directory(link):
        yield link.resolve()
    makefile = source_or_nothing(directory / "Makefile")
    for pattern in (_INCLUDED, _MAKE_THERE):
        for match in pattern.finditer(makefile):
            if "$" not in match[1]:
                yield (directory / match[1]).resolve()


def _why_not(directory: Path, candidates: list[Path]) -> str:
    """Why there is no kernel at a directory, and what to do."""
    if candidates:
        return (
            f"is a build whose sources should be in {candidates[0]}, but no kernel tree is there; "
            "give the source tree with --kernel"
        )
    if any(is_file(directory / name) for name in _KBUILD_FILES):
        return (
            "is a build, but neither its Makefile nor a link `source` leads to the sources; give "
            "the source tree with --kernel"
        )
    return (
        "is not the root of a kernel tree (no Makefile with VERSION and PATCHLEVEL, no "
        "include/linux, or no arch/); give one with --kernel, or the directory of a build"
    )
