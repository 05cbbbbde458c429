"""Which calls hold a lock until a scope ends."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from klplint.analysis.name_patterns import fits_any
from klplint.facts.statements import Call


class GuardClasses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A macro that holds a lock until a scope ends if its first argument is a class of locks."""

    macro: str
    """The macro, as in `CLASS(mutex, name)(&lock)`."""
    classes: tuple[str, ...]
    """Patterns for the classes of locks; with another one, the macro holds none."""
    source: str
    """Where the classes are defined."""


class Guards(NamedTuple):
    """What holds a lock until a scope ends."""

    macros: tuple[str, ...]
    """The macros that do whatever their arguments are (`guard`)."""
    classes: tuple[GuardClasses, ...] = ()
    """The macros that do for some classes."""
    around: tuple[str, ...] = ()
    """The macros that hold a lock while they execute a statement that they get."""

    def holds(self, call: Call) -> bool:
        """Whether a call holds a lock until its scope ends."""
        if call.name in self.macros:
            return True
        first = call.arguments[0] if call.arguments else ""
        return any(call.name == c.macro and fits_any(first, c.classes) for c in self.classes)
