"""Which calls hold a lock until a scope ends."""

from __future__ import annotations

from typing import NamedTuple

from klplint.analysis.name_patterns import fits_any
from klplint.facts.statements import Call


class Guards(NamedTuple):
    """What holds a lock until a scope ends."""

    macros: tuple[str, ...]
    """The macros that do (`guard`)."""
    classes: tuple[str, ...] = ()
    """Patterns for the classes for which CLASS() does, as for `CLASS(mutex, name)(&lock)`."""

    def holds(self, call: Call) -> bool:
        """Whether a call holds a lock until its scope ends."""
        if call.name == "CLASS" and call.arguments:
            return fits_any(call.arguments[0], self.classes)
        return call.name in self.macros
