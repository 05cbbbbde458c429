"""The progress of a long run, and notes for the user: what shows them."""

from __future__ import annotations

import os
import sys
from typing import Protocol

_QUIET_ENVIRONMENTS = ("CI", "PRE_COMMIT")


class Progress(Protocol):
    """Shows the progress of a run."""

    def begin(self, phase: str, steps: int) -> None:
        """A phase of that many steps begins, and ends the one before."""

    def advance(self, steps: int) -> None:
        """That many further steps of the phase are done."""

    def note(self, sentence: str) -> None:
        """Something that the user should know, but neither a finding nor a failure."""


class Silence:
    """Shows nothing."""

    def begin(self, phase: str, steps: int) -> None:
        """Show nothing."""

    def advance(self, steps: int) -> None:
        """Show nothing."""

    def note(self, sentence: str) -> None:
        """Show nothing."""


class Notes(Silence):
    """Shows notes, but no progress: for a run that nobody watches."""

    def note(self, sentence: str) -> None:
        """Print a line to standard error."""
        print(f"klplint: {sentence}", file=sys.stderr)  # noqa: T201 - what a note is for


def is_watched() -> bool:
    """Whether a person may be watching standard error on a terminal."""
    return sys.stderr.isatty() and not any(os.environ.get(name) for name in _QUIET_ENVIRONMENTS)
