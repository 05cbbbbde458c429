"""Patterns in the rules' data, all in one notation.

For names of functions and macros (`spin_lock*`, `test_*_flag`), `*` stands for any letters, digits
and underscores, or for nothing, and `{a,b}` for either of its parts, which may be empty. For paths
of files (`arch/*/kernel/signal.c`), `*` stands for any characters, slashes included. A pattern
describes the whole name or path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def fits_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name fits one of some patterns."""
    return _compiled(patterns).fullmatch(name) is not None


def path_fits(path: str, pattern: str) -> bool:
    """Whether the path of a file fits a pattern."""
    return re.fullmatch(_expression(pattern, ".*"), path, re.DOTALL) is not None


def alternatives(patterns: Iterable[str]) -> str:
    """Patterns for names as one regular expression that matches any of them, long ones first."""
    ordered = sorted(set(patterns), key=lambda pattern: (-len(pattern), pattern))
    return "|".join(map(_name_expression, ordered)) or _NOTHING


def _name_expression(pattern: str) -> str:
    parts = (_SPECIAL.get(part, re.escape(part)) for part in _PARTS.split(pattern))
    return "".join(parts)


def _expression(pattern: str, anything: str) -> str:
    return anything.join(map(re.escape, pattern.split("*")))


_NOTHING = r"(?!)"  # matches no text
_PARTS = re.compile(r"([*{},])")
_SPECIAL = {"*": r"\w*", "{": "(?:", ",": "|", "}": ")"}


@lru_cache(maxsize=256)  # as `re` keeps what it compiled, for longer expressions than it does
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(alternatives(patterns))
