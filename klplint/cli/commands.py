"""The commands of klplint. Each reads its words; the modules beside this one do the work."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from klplint import __version__
from klplint.cache.directory import describe, empty
from klplint.catalogue.select import find_rule
from klplint.cli import config_command, console, listings
from klplint.cli import kbuild as checker
from klplint.cli.check import check as lint_sources
from klplint.cli.completion import rule_code
from klplint.cli.groups import DefaultGroup, Group
from klplint.cli.invocation import (
    Invocation,
    expect_current_folder,
    expect_paths,
    expect_signals,
    run_command,
)
from klplint.cli.options import (
    baseline_options,
    cache_options,
    catalogue_options,
    check_options,
    config_options,
    kbuild_options,
    output_options,
    selection_options,
)
from klplint.cli.plan import configured_catalogue, rules_in_force
from klplint.config.origins import settings_in_force
from klplint.config.settings import expect_one_comparison
from klplint.report import FORMATS, LISTING_FORMATS, rule_list


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(f"klplint, version {__version__}\n")
        ctx.exit()


@click.group(cls=DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
def check(paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """Lint a kernel tree, a folder of one, or single files (default: the current folder).

    Exit status: 0 no finding at or above --fail-on, 1 findings, 2 wrong use or something that
    could not be read.
    """
    invocation = Invocation.of(paths, config, isolated, options)
    sys.exit(run_command(lint_sources, invocation, main.commands))


@main.command(options_metavar="[OPTION]... --kbuild")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[FLAG]... FILE")
@kbuild_options
@catalogue_options
def kbuild(words: tuple[str, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """Be kbuild's checker: make C=1 CHECK="klplint [OPTION]... --kbuild".

    kbuild adds flags and a file. Findings go to standard error. Exit status: 0 in spite of
    findings, so that the build goes on, unless --fail-on is given; 2 for wrong use or a file that
    could not be read.
    """
    # What the configuration says of the exit status is meant for check, and would end builds.
    options["exit_zero"] = options["fail_on"] is None
    options["strict"] = bool(options["strict"])
    expect_current_folder()
    expect_signals()
    file = Path(words[-1]) if words else Path()
    invocation = Invocation.of((file,), config, isolated, options)
    with invocation.blaming_config():
        sys.exit(checker.check(words, invocation.settings()))


@main.command()
@config_options
@check_options
@selection_options
@catalogue_options
def config(
    paths: tuple[Path, ...],
    config: Path | None,
    isolated: bool,
    form: str,
    schema: bool,
    **options: object,
) -> None:
    """Show each setting that `check` would have with these PATHs and options, and its origin.

    Origins are: default, a configuration file's line, an option. A dash stands for no value.
    """
    invocation = Invocation.of(paths, config, isolated, options)
    listed = settings_in_force(invocation.config, invocation.options)
    settings = invocation.settings()
    catalogue = configured_catalogue(settings.rule_choice)
    expect_paths(paths, settings, main.commands)
    with invocation.blaming_config():
        expect_one_comparison(settings)
        rules_in_force(catalogue, settings.rule_choice)
    if schema:
        console.write(config_command.render_schema(catalogue, check.params))
    else:
        console.write(config_command.render(listed, form))


@main.command()
@baseline_options
@selection_options
@catalogue_options
def baseline(
    paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object
) -> None:
    """Write today's findings to a file: `check --baseline FILE` then tells only of new ones.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    invocation = Invocation.of(paths, config, isolated, options)
    sys.exit(run_command(listings.baseline, invocation, main.commands))


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def coverage(
    paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object
) -> None:
    """Account for every occurrence of every watched name: what became of it, and why.

    Exit status: 0, or 2 for wrong use, something that could not be read, or (with --strict)
    an occurrence that libclang did not reach.
    """
    invocation = Invocation.of(paths, config, isolated, options)
    sys.exit(run_command(listings.coverage, invocation, main.commands))


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def pairs(paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """List every read barrier: how its comment was read, its counterparts, and where they are.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    invocation = Invocation.of(paths, config, isolated, options)
    sys.exit(run_command(listings.pairs, invocation, main.commands))


@main.group(cls=Group)
def cache() -> None:
    """What klplint keeps of earlier runs: where, how much, and how to be rid of it."""


@cache.command()
@cache_options
def info(cache_dir: str | None) -> None:
    """Show where the cache lies, what it holds, and how large it is."""
    console.write("".join(f"{line}\n" for line in describe(_cache_folder(cache_dir))))


@cache.command()
@cache_options
def clear(cache_dir: str | None) -> None:
    """Remove all that is kept; the next run begins anew."""
    folder = _cache_folder(cache_dir)
    console.write(f"{folder}: {empty(folder) / (1 << 20):,.1f} MiB freed\n")


def _cache_folder(cache_dir: str | None) -> Path:
    """The folder that is named, else the configuration's for the current folder, else the usual."""
    named = {} if cache_dir is None else {"cache_dir": cache_dir}
    settings = Invocation.of((), None, False, {"cache": True, **named}).settings()
    folder = settings.execution.cache_folder
    assert folder is not None  # the cache was just switched on
    return folder


@main.command()
@catalogue_options
def rules(config: Path | None, isolated: bool, **options: object) -> None:
    """List the rules: code, name, level, and what each flags."""
    settings = Invocation.of((), config, isolated, options).settings()
    console.write(rule_list.render(configured_catalogue(settings.rule_choice)))


@main.command()
@click.argument("code", shell_complete=rule_code)
@catalogue_options
def explain(code: str, config: Path | None, isolated: bool, **options: object) -> None:
    """Show the page of a rule, named by its code or its name."""
    settings = Invocation.of((), config, isolated, options).settings()
    text = find_rule(configured_catalogue(settings.rule_choice), code).page
    if sys.stdout is not None and sys.stdout.isatty():
        from klplint.report import rule_page  # slow to load, and only a terminal needs it

        text = rule_page.render(text, console.style(settings.display))
    console.write(text)
