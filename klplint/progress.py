"""How far a long run is, on a terminal's standard error; elsewhere nothing."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

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


class TerminalProgress:
    """A bar with the phase, the files done and the time that remains."""

    def __init__(self, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> TerminalProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def tell(self, sentence: str) -> None:
        """A line above the bar."""
        self._bar.console.print(f"klplint: {sentence}", markup=False, highlight=False)

    def begin(self, phase: str, steps: int) -> None:
        """Show a phase from its start."""
        self._bar.reset(self._task, description=phase, total=steps)

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, steps)


def is_watched() -> bool:
    """Whether a person at a terminal may be watching standard error."""
    return sys.stderr.isatty() and not any(os.environ.get(name) for name in _QUIET_ENVIRONMENTS)
