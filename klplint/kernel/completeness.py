"""What a kernel tree lacks: a package of headers or a sparse checkout is only a part of one.

On a part, nothing that is not found can be said to be nowhere in the kernel.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from klplint.kernel.file_listing import DirectoryListing
from klplint.source_text import source_or_nothing

_LISTS = ("Makefile", "Kbuild")
_ALWAYS_BUILT = re.compile(
    r"^(?:obj|core|drivers|init|libs|net|virt)-y[ \t]*[:+]?=((?:\\\n|[^\n#])*)", re.MULTILINE
)
_USUAL = ("kernel/",)
"""What each tree has; its Makefile does not always say which directories are built."""
NO_TREE = "all of a kernel tree"
_SPARSE = "what git's sparse checkout leaves out"


def gaps_in(root: Path, listing: DirectoryListing) -> tuple[str, ...]:
    """What a kernel tree lacks, in words; `listing` is the listing of the whole tree."""
    unreadable = [each.file for each in listing.unreadable]
    absent = [name for name in _always_built(root) if not _holds_c(root / name)]
    sparse = [_SPARSE] if listing.is_sparse else []
    return tuple(dict.fromkeys([*absent, *unreadable, *sparse]))


def _always_built(root: Path) -> list[str]:
    """The directories that the tree's top Makefile builds in every configuration."""
    text = "".join(source_or_nothing(root / name) for name in _LISTS)
    words = [word for match in _ALWAYS_BUILT.finditer(text) for word in match[1].split()]
    names = [word for word in words if word.endswith("/") and "$" not in word]
    return sorted({*names, *_USUAL})


def _holds_c(directory: Path) -> bool:
    """Whether there is a C file below a directory."""
    return any(name.endswith(".c") for _, _, names in os.walk(directory) for name in names)
