"""Whether something other than a CONFIG_ option decides whether a place is compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Za-z_]\w*")
_TESTS = frozenset({"defined", "IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"})


def depends_on_more(conditions: Iterable[str]) -> bool:
    """Whether conditions name anything but CONFIG_ options: the kernel's version, for example."""
    words = (word for condition in conditions for word in _WORD.findall(condition))
    return any(not word.startswith("CONFIG_") and word not in _TESTS for word in words)
