"""The options of the commands, in groups that commands share."""

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
            raise UsageError('PATH is empty (""): name a file or a folder, or "." for this one')
        return Path(value)


def catalogue_options(command: Command) -> Command:
    """Which rules there are, and which configuration file is in force."""
    return _all(
        command,
        click.option(
            "--rules", multiple=True, metavar="FOLDER", help="Add the rules of a further catalogue."
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Read the settings from FILE (default: the nearest klplint.toml, or "
            "pyproject.toml with [tool.klplint], at PATH or above it).",
        ),
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    )


_cache_directory = (
    click.option(
        "--cache-dir",
        metavar="FOLDER",
        help="Where the cache lies.  [default: klplint in the user's cache folder]",
    ),
)

# Options that several commands have.
_what = (
    click.option(
        "--select",
        multiple=True,
        metavar="CODES",
        help="Only these rules (KLP001,KLP003).",
        shell_complete=completion.rule_codes,
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="CODES",
        help="Not these rules.",
        shell_complete=completion.rule_codes,
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Leave out files as .gitignore would; replaces the default "
        "(/Documentation/, /scripts/, /tools/).",
    ),
    click.option("--kernel", metavar="TREE", help="Compile out-of-tree PATHs against TREE."),
    click.option(
        "--arch",
        metavar="NAME",
        help="Parse what lies outside arch/ for NAME.  [default: x86]",
        shell_complete=completion.architecture,
    ),
)
_cache = (
    click.option(
        "--cache/--no-cache",
        default=None,
        help="Keep what was found out for the next run, use what is known.  [default: cache]",
    ),
    *_cache_directory,
)
_strict = click.option(
    "--strict/--no-strict",
    default=None,
    help="Exit 2 if anything was not analysed in full.",
)
_baseline = click.option(
    "--baseline",
    metavar="FILE",
    help="Leave out the findings in FILE, which `klplint baseline` wrote.",
)
_show_suppressed = click.option(
    "--show-suppressed/--no-show-suppressed",
    default=None,
    help="Show findings that comments in the source suppress, marked as such.",
)


def _output(text: str) -> Decorator:
    return click.option("-o", "--output", metavar="FILE", help=text)


def _fail_on(default: str) -> Decorator:
    return click.option(
        "--fail-on",
        type=click.Choice(LEVELS),
        help=f"Exit 1 for findings of this level or above.  [default: {default}]",
    )


def cache_options(command: Command) -> Command:
    """Which cache is meant."""
    return _all(command, *_cache_directory)


def selection_options(command: Command) -> Command:
    """Which files are looked at, for which rules, compiled how, and with what effort."""
    return _all(
        command,
        click.argument("paths", nargs=-1, type=_SourcePath(), metavar="[PATH]..."),
        *_what,
        click.option(
            "--compile-commands",
            metavar="FILE",
            help="Take the arguments of files that FILE has from there.  [default: the tree's "
            "compile_commands.json, if it has one]",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(0, MOST_JOBS),
            metavar="N",
            help="Work in N processes.  [default: one for each processor]",
        ),
        *_cache,
        _strict,
        click.option(
            "-q", "--quiet/--no-quiet", default=None, help="No warnings on standard error."
        ),
        click.option(
            "--color",
            type=click.Choice(COLOURS),
            help="Colour the text format.  [default: auto]",
        ),
        click.option(
            "--progress/--no-progress",
            default=None,
            help="Show progress on a terminal.  [default: progress]",
        ),
    )


def output_options(formats: tuple[str, ...]) -> Decorator:
    """What is printed, and where to."""

    def decorate(command: Command) -> Command:
        return _all(
            command,
            click.option(
                "-f", "--format", type=click.Choice(formats), help="What to print.  [default: text]"
            ),
            _output("Write it to FILE, not to standard output."),
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
            help="Only findings on lines changed since the git revision REV (REV...: since the "
            "branch left it), or caused by them elsewhere.",
        ),
        click.option(
            "--patch",
            metavar="FILE",
            help='Lint the tree as it is with this patch (a diff, a mail, an mbox; "-" is '
            "standard input): only findings on lines that it changes, or caused elsewhere.",
        ),
        click.option("--sarif-output", metavar="FILE", help="Besides, write SARIF to FILE."),
        click.option("--json-output", metavar="FILE", help="Besides, write JSON to FILE."),
        click.option("--markdown-output", metavar="FILE", help="Besides, write Markdown to FILE."),
        _fail_on("warning"),
        click.option(
            "--exit-zero/--no-exit-zero", default=None, help="Exit 0 in spite of findings."
        ),
        click.option(
            "--statistics/--no-statistics",
            default=None,
            help="Tell on standard error where the time went.",
        ),
        _show_suppressed,
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
            "--schema", is_flag=True, help="Show the JSON schema of klplint.toml instead."
        ),
        _output("The setting `output`: where check would write to."),
    )


def kbuild_options(command: Command) -> Command:
    """What makes sense for one file of a build: no outputs, for each call would overwrite them."""
    return _all(command, *_what, *_cache, _strict, _baseline, _fail_on("none"), _show_suppressed)


def baseline_options(command: Command) -> Command:
    """Where a baseline is written to."""
    return _all(
        command,
        click.option(
            "-o",
            "--output",
            "baseline",
            metavar="FILE",
            help="Write it to FILE.  [default: the configuration's baseline]",
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


def _all(command: Command, *options: Decorator) -> Command:
    """The command with all options, which --help lists in this order."""
    for option in reversed(options):
        command = option(command)
    return command
