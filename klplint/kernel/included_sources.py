"""Which C files of a directory include other C files, as `#include "rt.c"` does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"/]+\.c)"', re.MULTILINE)


def included_sources(directory: Path) -> Mapping[str, tuple[str, ...]]:
    """For each C file that C files of a directory include by its name alone, the names of these."""
    including: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(directory.glob("*.c")):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        for match in _INCLUDE.finditer(text) if b'.c"' in text else ():
            including[match[1].decode("utf-8", "replace")].append(path.name)
    return {name: tuple(paths) for name, paths in including.items()}
