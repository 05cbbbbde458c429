"""Standard output and standard error: findings on the one, all else on the other."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from klplint.config.settings import DisplaySettings, Settings
from klplint.errors import OutputError
from klplint.findings.finding import Result
from klplint.progress import Notes, Progress, Silence, is_watched
from klplint.report import Report, Style, limits_exceeded
from klplint.report.counts import counted
from klplint.source_text import to_bytes


def progress(settings: DisplaySettings) -> contextlib.AbstractContextManager[Progress]:
    """Progress on a terminal's standard error, if somebody may be watching."""
    if settings.progress and not settings.quiet and is_watched():
        from rich.console import Console  # slow to load, and most runs are watched by nobody

        from klplint.cli.progress_bar import TerminalProgress

        return TerminalProgress(Console(stderr=True))
    return contextlib.nullcontext(Silence() if settings.quiet else Notes())


def style(settings: DisplaySettings) -> Style:
    """Colour and width for standard output: --color, NO_COLOR, FORCE_COLOR, then the terminal."""
    if settings.color == "auto":
        colour = sys.stdout.isatty()
        if os.environ.get("FORCE_COLOR"):
            colour = True
        if os.environ.get("NO_COLOR"):
            colour = False
    else:
        colour = settings.color == "always"
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    return Style(colour, max(40, min(width, 160)))


def write(text: str) -> None:
    """Findings, or what else was asked for, to standard output, as UTF-8 whatever the locale says.

    Raises OutputError where it cannot be written.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed; open it, or send it to a file")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(to_bytes(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `klplint | head` has seen enough; nothing is wrong
        _give_up()
    except OSError as error:
        _give_up()
        raise OutputError(f"standard output cannot be written: {error.strerror}") from None


def _give_up() -> None:
    """Let what standard output still holds go nowhere when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_error(text: str) -> None:
    """Findings to standard error, at once, so that those of other processes stay apart."""
    if text and sys.stderr is not None:
        sys.stderr.buffer.write(to_bytes(text))
        sys.stderr.buffer.flush()


def warn(report: Report, settings: Settings) -> None:
    """What a user has to know besides the findings, on standard error.

    A file that could not be read is told even when --quiet asks for silence: the run failed.
    """
    result = report.result
    for problem in result.not_analysed:
        unreadable = problem.file in result.unreadable
        if unreadable or (problem.line == 0 and not settings.quiet):
            say(f"{problem.file}: {problem.reason}")
    if settings.strict and result.not_analysed:
        say(
            f"{counted(len(result.not_analysed), 'place')} not analysed in full, and --strict is on"
        )
    if settings.quiet:
        return
    say(_account(result))
    for exceeded in _limits_exceeded(report, settings):
        say(exceeded)


def _limits_exceeded(report: Report, settings: Settings) -> Iterator[str]:
    """What GitHub will not take, or not show, of what was written for it."""
    for name in sorted({settings.format, *settings.outputs.further}):
        if told := limits_exceeded(name, report):
            yield told


def _account(result: Result) -> str:
    """What became of the occurrences, in one line."""
    line = f"{counted(result.occurrences, 'occurrence')} in {counted(result.files, 'file')}: "
    line += f"{result.occurrences - result.from_tokens:,} judged"
    if result.from_tokens:
        line += f", {result.from_tokens:,} from tokens only: see klplint coverage"
    return line


def tell_statistics(lines: Iterable[str]) -> None:
    """Where the time of a run went, on standard error."""
    print("\n".join(lines), file=sys.stderr)


def say(sentence: str) -> None:
    """A sentence to standard error."""
    print(f"klplint: {sentence}", file=sys.stderr)
