"""The options that a single command has, apart from `check`; see options.py for what they share."""

from __future__ import annotations

from pathlib import Path

import click

from klplint.cli.option_types import SourcePath
from klplint.cli.options import (
    BASELINE,
    CACHE,
    DISPLAY,
    EFFORT,
    JOBS,
    SELECTION,
    SHOW_SUPPRESSED,
    STRICT,
    Command,
    Decorator,
    fail_on_option,
    output_option,
    with_options,
)
from klplint.config.choices import LISTING_FORMATS


def _form_option(help_text: str) -> Decorator:
    """-f of a command that lists: that is not the setting `format`."""
    return click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(LISTING_FORMATS),
        default="text",
        help=f"{help_text}  [default: text]",
    )


def listing_format(command: Command) -> Command:
    """How a command that lists shows its list."""
    return with_options(command, _form_option("How to show them."))


def compare_options(command: Command) -> Command:
    """How the differences of two reports are shown."""
    output = click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the output to FILE instead of standard output.",
    )
    return with_options(listing_format(command), output)


def change_options(command: Command) -> Command:
    """Which change a listing of pairs is about."""
    return with_options(
        command,
        click.option(
            "--diff-from",
            metavar="REV",
            help="List only the pairs that the changes since the git revision REV touch, before "
            "and after them (REV...: since its merge base with HEAD).",
        ),
        click.option(
            "--patch",
            metavar="FILE",
            help="List only the pairs that a patch touches (a diff, a mail or an mbox; "
            '"-" for standard input), before and after it.',
        ),
    )


def config_options(command: Command) -> Command:
    """How settings are shown; -f is about that, and not the setting `format`."""
    return with_options(
        command,
        _form_option("How to show the settings."),
        click.option(
            "--schema",
            is_flag=True,
            help="Print the JSON schema of klplint.toml instead.",
        ),
        output_option("The setting `output`: where `check` would write."),
    )


def kbuild_options(command: Command) -> Command:
    """What makes sense for one file of a build: no outputs, which each call would overwrite."""
    return with_options(
        command, *SELECTION, *CACHE, STRICT, BASELINE, fail_on_option("none"), SHOW_SUPPRESSED
    )


def livepatch_options(command: Command) -> Command:
    """Which fix, for which tree, and how the search in it works."""
    return with_options(
        command,
        click.argument("paths", nargs=-1, type=SourcePath(), metavar="[TREE]"),
        click.option(
            "--patch",
            metavar="FILE",
            help='The fix: a diff, a mail or an mbox; "-" for standard input.',
        ),
        click.option(
            "--diff-from",
            metavar="REV",
            help="The fix: what was changed since the git revision REV (REV...: since its merge "
            "base with HEAD).",
        ),
        JOBS,
        *CACHE,
        *DISPLAY,
    )


def lsp_options(command: Command) -> Command:
    """What makes sense for an editor, which shows the findings itself."""
    return with_options(
        command,
        *SELECTION,
        *EFFORT,
        *CACHE,
        BASELINE,
        # The server starts itself once more, as the process that lints.
        click.option("--linter", is_flag=True, hidden=True, help="Lint for a server."),
    )


def baseline_options(command: Command) -> Command:
    """Where a baseline is written to."""
    return with_options(
        command,
        click.option(
            "-o",
            "--output",
            "baseline",
            metavar="FILE",
            help="Write the baseline to FILE.  [default: the setting `baseline`]",
        ),
    )


def suppress_options(command: Command) -> Command:
    """What the comments say, and whether they are written."""
    return with_options(
        command,
        click.option(
            "--reason",
            required=True,
            metavar="TEXT",
            help="Why the findings are right as they are: each comment gives this reason.",
        ),
        click.option(
            "--apply", is_flag=True, help="Write the comments to the files instead of a diff."
        ),
    )


def fix_options(command: Command) -> Command:
    """Which fixes, and whether they are written."""
    return with_options(
        command,
        click.option(
            "--drop-task-parameter",
            is_flag=True,
            help="Instead of fixes: remove the task parameter from the switching function, its "
            "prototypes, its callers and the documents that mention it.",
        ),
        click.option(
            "--second-name",
            default="",
            metavar="NAME",
            help="With --drop-task-parameter, the function that keeps the parameter, for callers "
            "that switch another task.",
        ),
        click.option(
            "--unsafe", is_flag=True, help="Also make fixes that need a review: those of comments."
        ),
        click.option(
            "--apply", is_flag=True, help="Write the changes to the files instead of a diff."
        ),
        click.option(
            "--allow-dirty",
            is_flag=True,
            help="With --apply, also write files with changes that are not committed.",
        ),
        click.option(
            "--format-patch",
            type=click.Path(path_type=Path),
            metavar="DIRECTORY",
            help="Write a patch mail for each directory with fixes to DIRECTORY instead of a diff.",
        ),
    )
