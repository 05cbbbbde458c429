"""How far a long run is, and what the user should know: who is told of it."""

from __future__ import annotations

import os
import sys
from typing import Protocol

_QUIET_ENVIRONMENTS = ("CI", "PRE_COMMIT")


class Progress(Protocol):
    """Told of each phase of a run and of each step in it."""

    def begin(self, phase: str, steps: int) -> None:
        """A phase of so many steps begins; the one before is over."""

    def advance(self, steps: int) -> None:
        """So many steps are done."""

    def tell(self, sentence: str) -> None:
        """Something the user should know, no finding and no failure."""


class Silence:
    """Progress for a run that nobody watches."""

    def begin(self, phase: str, steps: int) -> None:
        """Nothing to tell."""

    def advance(self, steps: int) -> None:
        """Nothing to tell."""

    def tell(self, sentence: str) -> None:
        """Nobody to tell."""


class Notes(Silence):
    """Tells what the user should know, and no more: what no terminal watches."""

    def tell(self, sentence: str) -> None:
        """A line on standard error."""
        print(f"klplint: {sentence}", file=sys.stderr)


def is_watched() -> bool:
    """Whether a person at a terminal may be watching standard error."""
    return sys.stderr.isatty() and not any(os.environ.get(name) for name in _QUIET_ENVIRONMENTS)
