"""The options of the commands, in groups that commands share; each has a heading in --help.

The help of an option of `check` is also the description of its key in the JSON schema of
klplint.toml, up to "  [default".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from klplint.cli import completion
from klplint.cli.option_types import SourcePath, as_limits, expect_jobs
from klplint.config.choices import COLOURS, MOST_JOBS
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
        "--show-baselined",
        "--reason",
        "--unsafe",
        "--drop-task-parameter",
        "--second-name",
        "--apply",
        "--allow-dirty",
        "--format-patch",
    ),
    "Output": (
        *(
            "--format",
            "--output",
            "--sarif-output",
            "--sarif-category",
            "--json-output",
            "--markdown-output",
        ),
        *("--explain", "--schema", "--statistics", "--quiet", "--color", "--progress"),
    ),
    "Exit status": ("--fail-on", "--max-findings", "--exit-zero", "--strict"),
    "Speed": ("--jobs", "--cache", "--cache-dir"),
    "Configuration": ("--config", "--isolated"),
}
"""The options below each heading of --help, in this order."""


def with_options(command: Command, *options: Decorator) -> Command:
    """A command with options, which --help lists in this order below each heading."""
    for option in reversed(options):
        command = option(command)
    return command


def catalogue_options(command: Command) -> Command:
    """Which rules there are, and which configuration file is in force."""
    return with_options(
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
SELECTION = (
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
JOBS = click.option(
    "-j",
    "--jobs",
    type=int,
    callback=expect_jobs,
    metavar="N",
    help=f"Use N processes, at most {MOST_JOBS}.  [default: one for each processor]",
)
EFFORT = (
    click.option(
        "--compile-commands",
        metavar="FILE",
        help="Use the compiler flags recorded in FILE.  [default: the tree's "
        "compile_commands.json, if it exists]",
    ),
    JOBS,
)
CACHE = (
    click.option(
        "--cache/--no-cache",
        default=None,
        help="Use the cache of earlier runs, and add to it.  [default: on]",
    ),
    *_cache_directory,
)
DISPLAY = (
    click.option(
        "-q",
        "--quiet/--no-quiet",
        default=None,
        help="Print only errors to standard error.",
    ),
    click.option(
        "--color",
        type=click.Choice(COLOURS),
        help="Colour the text format.  [default: auto]",
    ),
    click.option(
        "--progress/--no-progress",
        default=None,
        help="Show progress on a terminal.  [default: on]",
    ),
)
STRICT = click.option(
    "--strict/--no-strict",
    default=None,
    help="Exit with status 2 if anything could not be fully analysed.",
)
BASELINE = click.option(
    "--baseline",
    metavar="FILE",
    help="Do not report the findings in FILE, which `klplint baseline` wrote.",
)
DIFF_FROM = click.option(
    "--diff-from",
    metavar="REV",
    help="Report only findings on lines changed since the git revision REV (REV...: since "
    "its merge base with HEAD), or caused by these changes elsewhere.",
)
PATCH = click.option(
    "--patch",
    metavar="FILE",
    help="Lint the tree with a patch applied (a diff, a mail or an mbox; "
    '"-" for standard input), and report only findings on lines that it changes, or '
    "caused by it elsewhere.",
)
SHOW_SUPPRESSED = click.option(
    "--show-suppressed/--no-show-suppressed",
    default=None,
    help="Also show the findings that comments in the source suppress.",
)


def output_option(text: str) -> Decorator:
    """Where to write; `text` is its help."""
    return click.option("-o", "--output", metavar="FILE", help=text)


def fail_on_option(default: str) -> Decorator:
    """From which level on findings fail the run."""
    return click.option(
        "--fail-on",
        type=click.Choice(LEVELS),
        help="Exit with status 1 if there are findings of this level or above.  "
        f"[default: {default}]",
    )


def cache_options(command: Command) -> Command:
    """Which cache is meant."""
    return with_options(command, *_cache_directory)


def selection_options(command: Command) -> Command:
    """Which files, by which rules, compiled how, with what effort, reported how loudly."""
    return with_options(
        command,
        click.argument("paths", nargs=-1, type=SourcePath(), metavar="[PATH]..."),
        *SELECTION,
        *EFFORT,
        *CACHE,
        STRICT,
        *DISPLAY,
    )


def output_options(formats: tuple[str, ...]) -> Decorator:
    """What is printed, and where to."""

    def decorate(command: Command) -> Command:
        return with_options(
            command,
            click.option(
                "-f",
                "--format",
                type=click.Choice(formats),
                help="Output format.  [default: text]",
            ),
            output_option("Write the output to FILE instead of standard output."),
        )

    return decorate


def check_options(command: Command) -> Command:
    """What only check has: further outputs, which findings count, the exit status."""
    return with_options(
        command,
        BASELINE,
        DIFF_FROM,
        PATCH,
        click.option(
            "--show-baselined/--no-show-baselined",
            default=None,
            help="Keep the findings of the baseline in SARIF, marked as suppressed.  [default: on]",
        ),
        click.option(
            "--sarif-category",
            metavar="NAME",
            help="The category of the SARIF, by which hosts tell jobs apart.  [default: klplint]",
        ),
        click.option("--sarif-output", metavar="FILE", help="Also write SARIF to FILE."),
        click.option("--json-output", metavar="FILE", help="Also write JSON to FILE."),
        click.option("--markdown-output", metavar="FILE", help="Also write Markdown to FILE."),
        fail_on_option("warning"),
        click.option(
            "--max-findings",
            multiple=True,
            callback=as_limits,
            metavar="CODE=N",
            help="Exit with status 1 if there are more than N findings of the rule CODE, and not "
            "for as many or fewer.",
        ),
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
        SHOW_SUPPRESSED,
    )
