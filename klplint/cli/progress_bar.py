"""The progress of a long run, as a bar on a terminal's standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_SECONDS_BETWEEN_DRAWINGS = 0.1


class TerminalProgress:
    """A bar with the phase, the files done and the time that remains.

    It is drawn when there is progress, not by a thread: a process that forks must not have others.
    """

    def __init__(self, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            auto_refresh=False,
        )
        self._drawn = 0.0
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def note(self, sentence: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(f"klplint: {sentence}", markup=False, highlight=False)

    def begin(self, phase: str, steps: int) -> None:
        """Show a phase from its start."""
        self._bar.reset(self._task, description=phase, total=steps)
        self._draw()

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, steps)
        if time.monotonic() - self._drawn > _SECONDS_BETWEEN_DRAWINGS:
            self._draw()

    def _draw(self) -> None:
        self._bar.refresh()
        self._drawn = time.monotonic()
