"""Whether a definition is only a default, in whose place an architecture may have another one."""

from __future__ import annotations

import re

from klplint.csource.if_conditions import conditions_at, guards_of
from klplint.csource.lexer import Source

_GENERIC = "asm-generic/"
# `__weak`, `__attribute__((__weak__))`, and what a file calls the same: `__sample_weak`.
_WEAK = r"\b(?:\w*_)?weak_*\b"


def is_replaceable(source: Source, path: str, name: str, start: int) -> bool:
    """Whether the definition of `name` at offset `start` of a file is only a default.

    That is so if it is weak, if an `#if` is around it, and in asm-generic: an architecture may
    have its own version of such a header.
    """
    return _GENERIC in path or _is_conditional(source, name, start) or _is_weak(source, name)


def _is_conditional(source: Source, name: str, start: int) -> bool:
    """Whether some configurations do not compile a place. The guard of a header does not count."""
    conditions = conditions_at(source, start)
    if conditions and conditions[0].at == source.directives[0].start:
        guard = guards_of(source).get(conditions[0].at, name)
        conditions = conditions if guard == name else conditions[1:]
    return bool(conditions)


def _is_weak(source: Source, name: str) -> bool:
    """Whether a file says, where it defines or declares a function, that it is weak."""
    if "weak" not in source.skeleton:
        return False
    word = re.escape(name)
    before = rf"{_WEAK}[^;{{}}]*\b{word}\s*\("
    behind = rf"\b{word}\s*\([^;{{}}]*{_WEAK}[^;{{}}]*;"
    pragma = rf"^[ \t]*#[ \t]*pragma[ \t]+weak[ \t]+{word}\b"
    return (
        re.search(f"{before}|{behind}", source.statements) is not None
        or re.search(pragma, source.skeleton, re.MULTILINE) is not None
    )
