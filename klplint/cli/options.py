"""The options of the commands, in groups that commands share; each has a heading in --help.

The help of an option of `check` is also the description of its key in the JSON schema of
klplint.toml, up to "  [default".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from klplint.cli import completion
from klplint.config.choices import COLOURS, LISTING_FORMATS, MOST_JOBS
from klplint.errors import UsageError
from klplint.findings.levels import LEVELS

# A function, or the command that click made of it: click types both loosely.
Command = Callable[..., object]
Decorator = Callable[[Command], Command]

HEADINGS = {
    "Rules": ("--select", "--ignore", "--rules"),
    "Files": ("--exclude", "--kernel", "--arch", "--compile-commands"),
    "Findings": (
        "--partners",
        "--baseline",
        "--diff-from",
        "--patch",
        "--show-suppressed",
        "--reason",
        "--unsafe",
        "--drop-task-parameter",
        "--second-name",
        "--apply",
        "--allow-dirty",
        "--format-patch",
    ),
    "Output": (
        *("--format", "--output", "--sarif-output", "--json-output", "--markdown-output"),
        *("--explain", "--schema", "--statistics", "--quiet", "--color", "--progress"),
    ),
    "Exit status": ("--fail-on", "--exit-zero", "--strict"),
    "Speed": ("--jobs", "--cache", "--cache-dir"),
    "Configuration": ("--config", "--isolated"),
}
"""The options below each heading of --help, in this order."""


class _SourcePath(click.Path):
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


def _expect_jobs(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """A number of processes; click.IntRange would print its range in the help."""
    if value is not None and not 0 <= value <= MOST_JOBS:
        raise click.BadParameter(f"{value} is not between 0 and {MOST_JOBS}.", ctx, param)
    return value


def catalogue_options(command: Command) -> Command:
    """Which rules there are, and which configuration file is in force."""
    return _all(
        command,
        click.option(
            "--rules",
            multiple=True,
            metavar="DIRECTORY",
            help="Add the rules in DIRECTORY.",
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Read settings from FILE.  [default: the nearest klplint.toml, or pyproject.toml "
            "with [tool.klplint], at PATH or above it]",
        ),
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    )


_cache_directory = (
    click.option(
        "--cache-dir",
        metavar="DIRECTORY",
        help="Keep the cache in DIRECTORY.  [default: klplint in the user's cache directory]",
    ),
)

# Options that several commands have.
_selection = (
    click.option(
        "--select",
        multiple=True,
        metavar="CODES",
        help="Run only these rules, separated by commas: codes, code prefixes or names.",
        shell_complete=completion.rule_codes,
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="CODES",
        help="Do not run these rules.",
        shell_complete=completion.rule_codes,
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Skip files that match PATTERN, as in .gitignore; replaces the default "
        "(/Documentation/, /scripts/, /tools/).",
    ),
    click.option(
        "--kernel",
        metavar="TREE",
        help="Compile PATHs outside of a kernel tree against TREE.",
    ),
    click.option(
        "--arch",
        metavar="NAME",
        help="Architecture to assume for files outside arch/.  [default: x86]",
        shell_complete=completion.architecture,
    ),
    click.option(
        "--partners/--no-partners",
        default=None,
        help="Search the code for the partners of read barriers.  [default: on]",
    ),
)
_cache = (
    click.option(
        "--cache/--no-cache",
        default=None,
        help="Use the cache of earlier runs, and add to it.  [default: on]",
    ),
    *_cache_directory,
)
_jobs = click.option(
    "-j",
    "--jobs",
    type=int,
    callback=_expect_jobs,
    metavar="N",
    help=f"Use N processes, at most {MOST_JOBS}.  [default: one for each processor]",
)
_quiet = click.option(
    "-q",
    "--quiet/--no-quiet",
    default=None,
    help="Print only errors to standard error.",
)
_color = click.option(
    "--color",
    type=click.Choice(COLOURS),
    help="Colour the text format.  [default: auto]",
)
_progress = click.option(
    "--progress/--no-progress",
    default=None,
    help="Show progress on a terminal.  [default: on]",
)
_strict = click.option(
    "--strict/--no-strict",
    default=None,
    help="Exit with status 2 if anything could not be fully analysed.",
)
_baseline = click.option(
    "--baseline",
    metavar="FILE",
    help="Do not report the findings in FILE, which `klplint baseline` wrote.",
)
_show_suppressed = click.option(
    "--show-suppressed/--no-show-suppressed",
    default=None,
    help="Also show the findings that comments in the source suppress.",
)


def _output(text: str) -> Decorator:
    return click.option("-o", "--output", metavar="FILE", help=text)


def _fail_on(default: str) -> Decorator:
    return click.option(
        "--fail-on",
        type=click.Choice(LEVELS),
        help="Exit with status 1 if there are findings of this level or above.  "
        f"[default: {default}]",
    )


def cache_options(command: Command) -> Command:
    """Which cache is meant."""
    return _all(command, *_cache_directory)


def selection_options(command: Command) -> Command:
    """Which files, by which rules, compiled how, with what effort, reported how loudly."""
    return _all(
        command,
        click.argument("paths", nargs=-1, type=_SourcePath(), metavar="[PATH]..."),
        *_selection,
        click.option(
            "--compile-commands",
            metavar="FILE",
            help="Use the compiler flags recorded in FILE.  [default: the tree's "
            "compile_commands.json, if it exists]",
        ),
        _jobs,
        *_cache,
        _strict,
        _quiet,
        _color,
        _progress,
    )


def output_options(formats: tuple[str, ...]) -> Decorator:
    """What is printed, and where to."""

    def decorate(command: Command) -> Command:
        return _all(
            command,
            click.option(
                "-f",
                "--format",
                type=click.Choice(formats),
                help="Output format.  [default: text]",
            ),
            _output("Write the output to FILE instead of standard output."),
        )

    return decorate


def check_options(command: Command) -> Command:
    """What only check has: further outputs, which findings count, the exit status."""
    return _all(
        command,
        _baseline,
        click.option(
            "--diff-from",
            metavar="REV",
            help="Report only findings on lines changed since the git revision REV (REV...: since "
            "its merge base with HEAD), or caused by these changes elsewhere.",
        ),
        click.option(
            "--patch",
            metavar="FILE",
            help="Lint the tree with a patch applied (a diff, a mail or an mbox; "
            '"-" for standard input), and report only findings on lines that it changes, or '
            "caused by it elsewhere.",
        ),
        click.option("--sarif-output", metavar="FILE", help="Also write SARIF to FILE."),
        click.option("--json-output", metavar="FILE", help="Also write JSON to FILE."),
        click.option("--markdown-output", metavar="FILE", help="Also write Markdown to FILE."),
        _fail_on("warning"),
        click.option(
            "--exit-zero/--no-exit-zero",
            default=None,
            help="Exit with status 0 even if there are findings.",
        ),
        click.option(
            "--statistics/--no-statistics",
            default=None,
            help="Print timing statistics to standard error.",
        ),
        _show_suppressed,
    )


def livepatch_options(command: Command) -> Command:
    """Which fix, for which tree, and how the search in it works."""
    return _all(
        command,
        click.argument("paths", nargs=-1, type=_SourcePath(), metavar="[TREE]"),
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
        _jobs,
        *_cache,
        _quiet,
        _color,
        _progress,
    )


def listing_format(command: Command) -> Command:
    """How a command that lists shows its list; that is not the setting `format`."""
    return _all(
        command,
        click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(LISTING_FORMATS),
            default="text",
            help="How to show them.  [default: text]",
        ),
    )


def config_options(command: Command) -> Command:
    """How settings are shown; -f is about that, and not the setting `format`."""
    return _all(
        command,
        click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(LISTING_FORMATS),
            default="text",
            help="How to show the settings.  [default: text]",
        ),
        click.option(
            "--schema",
            is_flag=True,
            help="Print the JSON schema of klplint.toml instead.",
        ),
        _output("The setting `output`: where `check` would write."),
    )


def kbuild_options(command: Command) -> Command:
    """What makes sense for one file of a build: no outputs, which each call would overwrite."""
    return _all(
        command, *_selection, *_cache, _strict, _baseline, _fail_on("none"), _show_suppressed
    )


def baseline_options(command: Command) -> Command:
    """Where a baseline is written to."""
    return _all(
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
    return _all(
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
    return _all(
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


def _all(command: Command, *options: Decorator) -> Command:
    """The command with all options, which --help lists in this order below each heading."""
    for option in reversed(options):
        command = option(command)
    return command
