"""What a kernel tree lacks: a package of headers or a sparse checkout is only a part of one.

On a part, nothing that is not found can be said to be nowhere in the kernel.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from klplint.kernel.file_listing import DirectoryListing
from klplint.kernel.kbuild_file import Assignment, read_makefile
from klplint.kernel.makefile import NAMES as MAKEFILES
from klplint.source_text import source_or_nothing

_LISTS = ("Makefile", "Kbuild")
_ALWAYS_BUILT = re.compile(
    r"^(?:obj|core|drivers|init|libs|net|virt)-y[ \t]*[:+]?=((?:\\\n|[^\n#])*)", re.MULTILINE
)
_GOAL = re.compile(r"(?:obj|lib)-")
# An object or a directory that is not made from variables.
_BUILT = re.compile(r"\w[\w.-]*(?:\.o|/)")
_USUAL = ("kernel/",)
"""What each tree has; its Makefile does not always say which directories are built."""
NO_TREE = "all of a kernel tree"
_SPARSE = "what git's sparse checkout leaves out"


def gaps_in(root: Path, listing: DirectoryListing) -> tuple[str, ...]:
    """What a kernel tree lacks, in words; `listing` is the listing of the whole tree."""
    unreadable = [each.file for each in listing.unreadable]
    sparse = [_SPARSE] if listing.is_sparse else []
    return tuple(dict.fromkeys([*absent_directories(root), *unreadable, *sparse]))


def absent_directories(root: Path) -> list[str]:
    """The directories without sources from which each kernel is built."""
    return [name for name in _always_built(root) if _lacks_sources(root, name)]


def _always_built(root: Path) -> list[str]:
    """The directories that the tree's top Makefile builds in every configuration."""
    text = "".join(source_or_nothing(root / name) for name in _LISTS)
    words = [word for match in _ALWAYS_BUILT.finditer(text) for word in match[1].split()]
    names = [word for word in words if word.endswith("/") and "$" not in word]
    return sorted({*names, *_USUAL})


def _lacks_sources(root: Path, directory: str) -> bool:
    """Whether a directory has no C file, although its Makefile builds something from sources.

    That of firmware/ in Linux 4.14 to 5.4 builds only what the configuration names.
    """
    if any(name.endswith(".c") for _, _, names in os.walk(root / directory) for name in names):
        return False
    makefiles = [m for name in MAKEFILES if (m := read_makefile(root, f"{directory}{name}"))]
    assigned = [a for m in makefiles for a in m if isinstance(a, Assignment)]
    built = (word for a in assigned if _GOAL.match(a.name) for word in a.value.split())
    return not makefiles or any(map(_BUILT.fullmatch, built))
