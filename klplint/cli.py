"""The command line. Only here is click used; every command reads its options and calls on."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from klplint import __version__, console
from klplint.catalogue import Rule, find_rule, load_catalogue, select_rules
from klplint.config import Settings, config_start, find_config, merged, read_config
from klplint.engine import lint
from klplint.errors import UsageError, nearest
from klplint.findings import LEVELS, Result, at_least
from klplint.output import OutputFile
from klplint.report import FORMATS, Report, Style, render
from klplint.survey import Limits
from klplint.tree import find_sources

Command = TypeVar("Command", bound=Callable[..., object])
_USAGE_STATUS = 2
_TRACEBACK = "KLPLINT_TRACEBACK"


class _DefaultGroup(click.Group):
    """A group whose first word may be left out: `klplint PATH` is `klplint check PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in (*option.opts, "--help")}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # whatever it is, the user gets a sentence and status 2
            if os.environ.get(_TRACEBACK):
                raise
            raise _UsageProblem(
                f"internal error, {type(error).__name__}: {error}; "
                f"please report it with what {_TRACEBACK}=1 prints"
            ) from None


class _UsageProblem(click.ClickException):
    """A UsageError as click shows it: one sentence on standard error, exit status 2."""

    exit_code = _USAGE_STATUS

    def show(self, file: object = None) -> None:
        click.echo(f"klplint: {self.format_message()}", err=True)


@click.group(cls=_DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="klplint")
def main() -> None:
    """Lint Linux kernel sources: livepatch switching points and read barrier comments.

    `klplint PATH...` is short for `klplint check PATH...`.
    """


def _catalogue_options(command: Command) -> Command:
    """The options that say which rules and which configuration file are in force."""
    for option in (
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Read the settings from FILE (default: the nearest klplint.toml, or "
            "pyproject.toml with [tool.klplint], at PATH or above it).",
        ),
        click.option(
            "--rules", multiple=True, metavar="FOLDER", help="Add the rules of a further catalogue."
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("-f", "--format", type=click.Choice(FORMATS), help="What to print.  [default: text]")
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE, not to standard output.")
@click.option("--sarif-output", metavar="FILE", help="Besides, write SARIF to FILE.")
@click.option("--json-output", metavar="FILE", help="Besides, write JSON to FILE.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these rules (KLP001,KLP003).")
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out files as .gitignore would; replaces the default "
    "(/Documentation/, /scripts/, /tools/).",
)
@click.option("--kernel", metavar="TREE", help="Compile out-of-tree PATHs against TREE.")
@click.option(
    "--arch", metavar="NAME", help="Parse what lies outside arch/ for NAME.  [default: x86]"
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    metavar="N",
    help="Work in N processes.  [default: one for each processor]",
)
@click.option(
    "--fail-on",
    type=click.Choice(LEVELS),
    help="Exit 1 for findings of this level or above.  [default: warning]",
)
@click.option("--exit-zero/--no-exit-zero", default=None, help="Exit 0 in spite of findings.")
@click.option(
    "--strict/--no-strict",
    default=None,
    help="Exit 2 if anything was not analysed in full.",
)
@click.option("-q", "--quiet/--no-quiet", default=None, help="No warnings on standard error.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    help="Colour the text format.  [default: auto]",
)
@click.option(
    "--progress/--no-progress",
    default=None,
    help="Show progress on a terminal.  [default: progress]",
)
@_catalogue_options
def check(paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """Lint a kernel tree, a folder of one, or single files (default: the current folder).

    Exit status: 0 no finding at or above --fail-on, 1 findings, 2 wrong use or something that
    could not be read.
    """
    try:
        settings = _settings(paths, config, isolated, options)
        status = _check(paths or (Path(),), settings)
    except UsageError as error:
        raise _UsageProblem(str(error)) from None
    sys.exit(status)


@main.command()
@_catalogue_options
def rules(config: Path | None, isolated: bool, **options: object) -> None:
    """List the rules: code, name, level, and what each flags."""
    listed = [rule.header for rule in _rules_or_exit(config, isolated, options)]
    widths = [max(len(getattr(h, key)) for h in listed) for key in ("code", "name", "level")]
    for header in listed:
        cells = zip((header.code, header.name, header.level), widths, strict=True)
        click.echo("  ".join([*(cell.ljust(width) for cell, width in cells), header.summary]))


@main.command()
@click.argument("code")
@_catalogue_options
def explain(code: str, config: Path | None, isolated: bool, **options: object) -> None:
    """Show the page of a rule, named by its code or its name."""
    catalogue = _rules_or_exit(config, isolated, options)
    try:
        page = find_rule(catalogue, code).page
    except UsageError as error:
        raise _UsageProblem(str(error)) from None
    if sys.stdout.isatty():
        from rich.markdown import Markdown  # slow to load, and only people at a terminal need it

        Console().print(Markdown(page))
    else:
        click.echo(page, nl=False)


def _rules_or_exit(
    config: Path | None, isolated: bool, options: dict[str, object]
) -> tuple[Rule, ...]:
    try:
        settings = _settings((), config, isolated, options)
        return load_catalogue(map(Path, settings.rules))
    except UsageError as error:
        raise _UsageProblem(str(error)) from None


def _settings(
    paths: tuple[Path, ...], config: Path | None, isolated: bool, options: dict[str, object]
) -> Settings:
    """The settings in force: defaults, then the configuration file, then the command line."""
    for key in ("select", "ignore"):
        words = options.get(key)
        if isinstance(words, tuple):  # each may hold several codes, with commas between
            options[key] = tuple(w.strip() for word in words for w in word.split(",") if w.strip())
    if config is None and not isolated:
        config = find_config(config_start(paths))
    return merged(read_config(config) if config else Settings(), options)


def _check(paths: tuple[Path, ...], settings: Settings) -> int:
    """Lint, write all outputs, and give the exit status."""
    chosen = select_rules(
        load_catalogue(map(Path, settings.rules)), settings.select, settings.ignore
    )
    _expect_paths(paths)
    kernel = Path(settings.kernel) if settings.kernel else None
    sources = find_sources(paths, kernel, settings.exclude)
    if settings.arch is not None and settings.arch not in sources.kernel.architectures():
        known = sources.kernel.architectures()
        raise UsageError(
            f"--arch {settings.arch}: the tree has no such architecture"
            f"{nearest(settings.arch, known)}; it has {', '.join(known)}"
        )
    with contextlib.ExitStack() as files:
        outputs = [
            (name, files.enter_context(OutputFile(Path(path))))
            for name, path in _output_paths(settings)
        ]
        with console.progress(settings) as progress:
            result = lint(sources, chosen, Limits(settings.processes()), progress, settings.arch)
        report = Report(result, chosen, __version__)
        for name, output in outputs:
            output.write(render(name, report, Style()))
    if settings.output is None:
        console.write(render(settings.format, report, console.style(settings)))
    console.warn(report, settings)
    return _exit_status(result, settings)


def _expect_paths(paths: tuple[Path, ...]) -> None:
    """A word that is no path but nearly a command was meant as one."""
    first = str(paths[0])
    hint = nearest(first, main.commands)
    if hint and not paths[0].exists():
        raise UsageError(f"{first}: no such file or folder, and no command{hint}")


def _output_paths(settings: Settings) -> list[tuple[str, str]]:
    """The formats to write to files, with their paths; UsageError if one path is named twice."""
    wanted: list[tuple[str, str]] = [
        (name, path)
        for name, path in (
            (settings.format, settings.output),
            ("sarif", settings.sarif_output),
            ("json", settings.json_output),
        )
        if path is not None
    ]
    if len({os.path.realpath(path) for _, path in wanted}) < len(wanted):
        raise UsageError("two outputs name the same file; give each a file of its own")
    return wanted


def _exit_status(result: Result, settings: Settings) -> int:
    if result.unreadable or (settings.strict and result.not_analysed):
        return _USAGE_STATUS
    if settings.exit_zero:
        return 0
    return int(any(at_least(finding.level, settings.fail_on) for finding in result.findings))
