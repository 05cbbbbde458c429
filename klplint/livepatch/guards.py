"""Which calls hold a lock until a scope ends, and what says whether they got it."""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.analysis.name_patterns import fits_any
from klplint.csource.cleanup_classes import class_made
from klplint.facts.statements import Call
from klplint.livepatch.tried_calls import is_negated

# ACQUIRE_ERR(mutex_intr, &lock), class_mutex_intr_lock_ptr(&lock), __guard_ptr(mutex_intr)(&lock)
_ASKED = re.compile(
    r"\b(ACQUIRE_ERR(?=\s*\(\s*\w+\s*,)|class_\w+_lock_(?:ptr|err)(?=\s*\()"
    r"|__guard_(?:ptr|err)(?=\s*\(\s*\w+\s*\)\s*\())[^&;]*&\s*(\w+)\s*\)"
)


class Guards(NamedTuple):
    """What holds a lock until a scope ends."""

    macros: tuple[str, ...]
    """The macros that do whatever their arguments are, if they make no object of a class."""
    classes: tuple[str, ...] = ()
    """Patterns for the classes whose objects hold a lock: `mutex`, as in `guard(mutex)(&lock)`."""
    calls: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    """Further macros that do, each with its arguments: what their definitions show."""
    around: tuple[str, ...] = ()
    """The macros that hold a lock while they execute a statement that they get."""

    def holds(self, call: Call) -> bool:
        """Whether a call holds a lock until its scope ends."""
        if (call.name, call.arguments) in self.calls:
            return True
        made = class_made(call.name, call.arguments)
        return fits_any(made, self.classes) if made else call.name in self.macros


class Asked(NamedTuple):
    """A question whether a guard holds its lock."""

    object: str
    """The name of the guard."""
    taken_if: bool
    """Whether the lock is held if the expression is true; else if it is 0."""


def asked_in(expression: str) -> Asked | None:
    """The question in an expression, such as `!ACQUIRE_ERR(mutex_intr, &lock)`."""
    match = _ASKED.search(expression)
    if match is None:
        return None
    is_taken_if = match[1].endswith("ptr")
    return Asked(match[2], is_taken_if != bool(is_negated(expression, match[1])))
