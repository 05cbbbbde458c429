"""Standard output and standard error: what was asked for on the one, all else on the other."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import click

from klplint.errors import OutputError
from klplint.source_text import to_bytes

if TYPE_CHECKING:  # what most commands do not need is imported where it is needed
    from collections.abc import Iterable

    from klplint.config.settings import DisplaySettings
    from klplint.progress import Progress
    from klplint.report.base import Appearance

_WIDTH = 100
"""Columns where standard output is not a terminal."""
_NARROWEST, _WIDEST = 40, 160


def progress(settings: DisplaySettings) -> contextlib.AbstractContextManager[Progress]:
    """Progress on a terminal's standard error, if somebody may be watching."""
    from klplint.progress import Notes, Silence, is_watched

    if settings.quiet:
        return contextlib.nullcontext(Silence())
    if settings.progress and is_watched():
        from rich.console import Console

        from klplint.cli.progress_bar import TerminalProgress

        return TerminalProgress(Console(stderr=True))
    return contextlib.nullcontext(Notes())


def appearance(settings: DisplaySettings) -> Appearance:
    """Colour and width for standard output: --color, NO_COLOR, FORCE_COLOR, then the terminal."""
    import shutil

    from klplint.report.base import Appearance

    if settings.color == "auto":
        colour = is_terminal()
        if os.environ.get("FORCE_COLOR"):
            colour = True
        if os.environ.get("NO_COLOR"):
            colour = False
    else:
        colour = settings.color == "always"
    width = _WIDTH
    if is_terminal():
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
    by_pre_commit = bool(os.environ.get("PRE_COMMIT"))
    return Appearance(colour, max(_NARROWEST, min(width, _WIDEST)), by_pre_commit)


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def write(text: str) -> None:
    """Write what was asked for to standard output, as UTF-8 whatever the locale says.

    Raises OutputError where it cannot be written.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed; redirect it to a terminal or a file")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(to_bytes(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `klplint | head` has seen enough; nothing is wrong
        _discard_output()
    except OSError as error:
        _discard_output()
        raise OutputError(f"standard output cannot be written: {error.strerror}") from None


def _discard_output() -> None:
    """Discard what standard output still holds when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_error(text: str) -> None:
    """Write findings to standard error in one piece, so that other processes' stay apart."""
    if text and sys.stderr is not None:
        sys.stderr.buffer.write(to_bytes(text))
        sys.stderr.buffer.flush()


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard error."""
    click.echo("\n".join(lines), err=True)


def say(sentence: str) -> None:
    """Write a sentence to standard error."""
    click.echo(f"klplint: {sentence}", err=True)
