"""The commands of klplint: what each is called, which options it has, what its help says.

The modules beside this one do the work. A command imports them when it runs: `--version`, `--help`
and the completion of a shell need none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from klplint import __version__
from klplint.cli import completion, console
from klplint.cli.groups import DefaultGroup, Group
from klplint.cli.options import (
    baseline_options,
    cache_options,
    catalogue_options,
    check_options,
    config_options,
    kbuild_options,
    listing_format,
    output_options,
    selection_options,
    suppress_options,
)
from klplint.config.choices import FORMATS, LISTING_FORMATS

if TYPE_CHECKING:
    from klplint.catalogue.rule import Rule
    from klplint.config.settings import Settings


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Help takes the width of the terminal, up to the width of the texts' lines."""


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(f"klplint, version {__version__}\n")
        ctx.exit()


@click.group(cls=DefaultGroup, context_settings=_CONTEXT)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="Show the version and exit.",
    callback=_show_version,
)
def main() -> None:
    """Lint Linux kernel sources: livepatch switching points and read barrier comments.

    `klplint PATH...` is short for `klplint check PATH...`.
    """


@main.command()
@output_options(FORMATS)
@check_options
@selection_options
@catalogue_options
def check(**options: object) -> None:
    """Lint a kernel tree, a folder of one, or single files (default: the current folder).

    Exit status: 0 no finding at or above --fail-on, 1 findings, 2 wrong use or something that
    could not be read.
    """
    from klplint.cli.check import lint_and_report

    _run(lint_and_report, options)


@main.command(options_metavar="[OPTION]... --kbuild")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[FLAG]... FILE")
@kbuild_options
@catalogue_options
def kbuild(words: tuple[str, ...], **options: object) -> None:
    """Be kbuild's checker: make C=1 CHECK="klplint [OPTION]... --kbuild".

    kbuild adds flags and a file. Findings go to standard error. Exit status: 0 in spite of
    findings, so that the build goes on, unless --fail-on is given; 2 for wrong use or a file that
    could not be read.
    """
    from klplint.cli.invocation import Invocation, expect_current_directory, handle_signals
    from klplint.cli.kbuild import lint_built_file

    # Of the exit status, the configuration file speaks for `check`, and could end a build.
    options["exit_zero"] = options["fail_on"] is None
    options["strict"] = bool(options["strict"])
    expect_current_directory()
    handle_signals()
    file = Path(words[-1]) if words else Path()
    invocation = Invocation.of({**options, "paths": (file,)})
    with invocation.blaming_config():
        sys.exit(lint_built_file(words, invocation.settings()))


@main.command()
@config_options
@check_options
@selection_options
@catalogue_options
def config(form: str, schema: bool, **options: object) -> None:
    """Show each setting that `check` would have with these PATHs and options, and its origin.

    Origins are: default, a configuration file's line, an option. A dash stands for no value.
    """
    from klplint.cli.config_command import render_schema, render_settings, valid_catalogue
    from klplint.cli.invocation import Invocation

    invocation = Invocation.of(options)
    settings = invocation.settings_with_origins()
    catalogue = valid_catalogue(invocation, main.commands)
    if schema:
        console.write(render_schema(catalogue, check.params))
    else:
        console.write(render_settings(settings, form))


@main.command()
@baseline_options
@selection_options
@catalogue_options
def baseline(**options: object) -> None:
    """Write today's findings to a file: `check --baseline FILE` then tells only of new ones.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    from klplint.cli.listings import write_baseline

    _run(write_baseline, options)


@main.command()
@suppress_options
@selection_options
@catalogue_options
def suppress(reason: str, apply: bool, **options: object) -> None:
    """Add comments to the sources that suppress today's findings; print them as a diff.

    Exit status: 0, 1 if a finding cannot be suppressed by a comment, or 2 for wrong use or
    something that could not be read.
    """
    from klplint.cli.suppress_command import suppress as run

    _run(partial(run, reason=reason, apply=apply), options)


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def coverage(**options: object) -> None:
    """Account for every occurrence of every watched name: what became of it, and why.

    Exit status: 0, or 2 for wrong use, something that could not be read, or (with --strict)
    an occurrence that libclang did not reach.
    """
    from klplint.cli.listings import list_coverage

    _run(list_coverage, options)


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def pairs(**options: object) -> None:
    """List every read barrier: how its comment was read, its counterparts, and where they are.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    from klplint.cli.listings import list_pairs

    _run(list_pairs, options)


@main.group(cls=Group)
def cache() -> None:
    """What klplint keeps of earlier runs: where, how much, and how to be rid of it."""


@cache.command()
@cache_options
def info(**options: object) -> None:
    """Show where the cache lies, what it holds, and how large it is."""
    from klplint.cache.directory import describe

    console.write("".join(f"{line}\n" for line in describe(_cache_directory(options))))


@cache.command()
@cache_options
def clear(**options: object) -> None:
    """Remove all that is kept; the next run begins anew."""
    from klplint.cache.directory import empty

    directory = _cache_directory(options)
    console.write(f"{directory}: {empty(directory) / (1 << 20):,.1f} MiB freed\n")


@main.command()
@listing_format
@catalogue_options
def rules(form: str, **options: object) -> None:
    """List the rules: code, name, level, and what each flags."""
    from klplint.report import rule_list

    catalogue = _catalogue(_settings(options))
    render = rule_list.render_json if form == "json" else rule_list.render
    console.write(render(catalogue))


@main.command()
@click.argument("codes", nargs=-1, required=True, shell_complete=completion.rule_code)
@catalogue_options
def explain(codes: tuple[str, ...], **options: object) -> None:
    """Show the pages of rules, each named by its code or its name."""
    from klplint.catalogue.load import load_catalogue
    from klplint.catalogue.select import find_rule
    from klplint.report.configured_page import configured_page

    settings = _settings(options)
    catalogue = _catalogue(settings)
    rules = dict.fromkeys(find_rule(catalogue, code).code for code in codes)
    before = {rule.code: rule for rule in load_catalogue(map(Path, settings.rules))}
    pages = [configured_page(find_rule(catalogue, code), before[code]) for code in rules]
    page = "\n".join(pages)
    if sys.stdout is not None and sys.stdout.isatty():
        from klplint.report import rule_page

        page = rule_page.render(page, console.appearance(settings.display))
    console.write(page)


def _run(command: Callable[[Sequence[Path], Settings], int], options: Mapping[str, object]) -> None:
    """Run a command that takes PATHs; it ends the process with an exit status."""
    from klplint.cli.invocation import Invocation

    sys.exit(Invocation.of(options).run(command, main.commands))


def _settings(options: Mapping[str, object]) -> Settings:
    """The settings of a command that takes no PATHs."""
    from klplint.cli.invocation import Invocation

    return Invocation.of(options).settings()


def _catalogue(settings: Settings) -> tuple[Rule, ...]:
    """All rules, as the settings override them."""
    from klplint.cli.plan import configured_catalogue

    return configured_catalogue(settings.rule_choice)


def _cache_directory(options: Mapping[str, object]) -> Path:
    """The directory given, else the configuration's for the current directory, else the default."""
    directory = _settings({**options, "cache": True}).execution.cache_directory
    assert directory is not None  # the cache was just switched on
    return directory
