"""What a file asks about the functions that the files beside it define."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Protocol

from klplint.csource.accesses import Seen
from klplint.facts.barrier_contexts import AccessKind

Asked = tuple[str, AccessKind | None]
"""A function, and what happens to the object that it returns."""


class Beside(Protocol):
    """The functions that the files of a directory define for each other."""

    @property
    def defined(self) -> AbstractSet[str]:
        """Their names."""
        ...

    def touched(self, name: str, kind: AccessKind | None) -> tuple[Seen, ...] | None:
        """What one of them touches; None if no file defines it for others."""
        ...


class Nobody:
    """No file defines anything for the others."""

    defined: AbstractSet[str] = frozenset()

    def touched(self, _: str, __: AccessKind | None) -> None:
        """Nothing."""


class Questions:
    """Asks about the files beside one, and keeps what was asked and has an answer."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._asked: dict[Asked, None] = {}

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What was asked and has an answer, in that order."""
        return tuple(self._asked)

    @property
    def defined(self) -> AbstractSet[str]:
        """The names of the functions about which it can ask."""
        return self._beside.defined

    def touched(self, name: str, kind: AccessKind | None) -> tuple[Seen, ...] | None:
        """What a function touches; None if no file defines it for others."""
        touched = self._beside.touched(name, kind)
        if touched is not None:
            self._asked[name, kind] = None
        return touched
