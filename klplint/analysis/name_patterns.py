"""Names of functions as rule data gives them: patterns, for families of functions are many."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def fits_any(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of some patterns such as `spin_lock*`."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
