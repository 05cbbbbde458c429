"""What the values of options and arguments have to be."""

from __future__ import annotations

import os
from pathlib import Path

import click

from klplint.config.choices import MOST_JOBS
from klplint.errors import UsageError


class SourcePath(click.Path):
    """A PATH to lint. An empty one is refused: pathlib would take it for the current directory."""

    name = "path"

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """The path; UsageError where it is empty."""
        if not os.fspath(value):
            raise UsageError(
                'PATH is empty (""); give a file or a directory, or "." for the current one'
            )
        return Path(value)


def expect_jobs(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """A number of processes; click.IntRange would print its range in the help."""
    if value is not None and not 0 <= value <= MOST_JOBS:
        raise click.BadParameter(f"{value} is not between 0 and {MOST_JOBS}.", ctx, param)
    return value


def as_limits(
    ctx: click.Context, param: click.Parameter, words: tuple[str, ...]
) -> dict[str, int] | None:
    """Limits given as CODE=N; None if there are none."""
    limits = {}
    for word in words:
        code, _, number = word.partition("=")
        if not code or not (number.isascii() and number.isdigit()):
            raise click.BadParameter(f'"{word}" is not CODE=N, as in KLP003=12.', ctx, param)
        limits[code] = int(number)
    return limits or None
