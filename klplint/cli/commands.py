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
from klplint.cli.command_options import (
    baseline_options,
    change_options,
    compare_options,
    config_options,
    fix_options,
    kbuild_options,
    listing_format,
    livepatch_options,
    lsp_options,
    suppress_options,
)
from klplint.cli.groups import DefaultGroup, Group
from klplint.cli.options import (
    cache_options,
    catalogue_options,
    check_options,
    output_options,
    selection_options,
)
from klplint.config.choices import (
    FORMATS,
    LISTING_FORMATS,
    LIVEPATCH_FORMATS,
    PAIR_FORMATS,
    ListingFormat,
)

if TYPE_CHECKING:
    from klplint.catalogue.rule import Rule
    from klplint.config.settings import Settings


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Help takes the width of the terminal, up to the width of the texts' lines."""


def _show_version(ctx: click.Context, _: click.Parameter, value: object) -> None:
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

    `klplint PATH...` is short for `klplint check PATH...`. `klplint COMMAND --help` shows the
    options of a command.
    """


@main.command(short_help="Lint a kernel tree, directories of it, or single files.")
@output_options(FORMATS)
@check_options
@selection_options
@catalogue_options
def check(**options: object) -> None:
    """Lint a kernel tree, directories of it, or single files (default: the current directory).

    Exit status: 0 if there are no findings at or above --fail-on, 1 if there are, 2 for wrong
    usage or files that cannot be read.
    """
    from klplint.cli.check_ahead import check as run

    _run(run, options)


@main.command(short_help="Record the current findings; `check` then reports only new ones.")
@baseline_options
@selection_options
@catalogue_options
def baseline(**options: object) -> None:
    """Record the current findings in a file; `check --baseline FILE` then reports only new ones.

    Exit status: 0, or 2 for wrong usage or files that cannot be read.
    """
    from klplint.cli.listings import write_baseline

    _run(write_baseline, options)


@main.command(short_help="Add comments that suppress the current findings.")
@suppress_options
@selection_options
@catalogue_options
def suppress(reason: str, *, apply: bool, **options: object) -> None:
    """Add comments to the sources that suppress the current findings; print them as a diff.

    Exit status: 0, 1 if a comment cannot suppress a finding, or 2 for wrong usage or files that
    cannot be read.
    """
    from klplint.cli.suppress_command import suppress as run

    _run(partial(run, reason=reason, apply=apply), options)


@main.command(short_help="Correct findings where that is clear; print the changes as a diff.")
@fix_options
@selection_options
@catalogue_options
def fix(
    *,
    unsafe: bool,
    apply: bool,
    allow_dirty: bool,
    format_patch: Path | None,
    drop_task_parameter: bool,
    second_name: str,
    **options: object,
) -> None:
    """Correct findings where the correction is clear, and print the changes as a diff.

    Exit status: 0, 1 if a fix could not be carried out, or 2 for wrong usage or files that cannot
    be read.
    """
    from klplint.cli import fix_command as command
    from klplint.errors import UsageError

    delivery = command.Delivery(apply, allow_dirty, format_patch)
    if drop_task_parameter:
        second = command.valid_name(second_name)
        _run(partial(command.drop_task_parameter, second=second, delivery=delivery), options)
    if second_name:
        raise UsageError("--second-name belongs to --drop-task-parameter; add that")
    _run(partial(command.fix, unsafe=unsafe, delivery=delivery), options)


@main.command(short_help="Say whether a fix can be livepatched, and why not.")
@output_options(LIVEPATCH_FORMATS)
@livepatch_options
@catalogue_options
def livepatch(**options: object) -> None:
    """Say whether a fix for a kernel TREE can be livepatched (default: the current one).

    The fix is a patch, or what was changed since a git revision. For each function that it
    changes, and for what else changes with that, the report has a verdict with reasons.

    Exit status: 0 if the fix can be livepatched, 1 if it needs care or cannot be, 2 for wrong usage
    or a patch that does not apply.
    """
    from klplint.cli.livepatch_command import report_livepatch

    _run(report_livepatch, options)


@main.command(short_help="Account for every occurrence of every watched name.")
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def coverage(**options: object) -> None:
    """Account for every occurrence of every watched name: how it was classified, and why.

    Exit status: 0, or 2 for wrong usage, files that cannot be read, or (with --strict) an
    occurrence that is not in libclang's AST.
    """
    from klplint.cli.listings import list_coverage

    _run(list_coverage, options)


@main.command(short_help="List every read barrier with its comment and its counterparts.")
@output_options(PAIR_FORMATS)
@click.option(
    "--explain",
    metavar="FILE:LINE",
    help="For the barrier on a line, show which comments were read, what each sentence was read "
    "as, and how each name was resolved.",
)
@change_options
@selection_options
@catalogue_options
def pairs(explain: str | None, **options: object) -> None:
    """List every read barrier: what its comment says, its counterparts, and where they are.

    With --diff-from or --patch, list only the pairs that the change touches on either side, before
    and after it.

    Exit status: 0, or 2 for wrong usage or files that cannot be read.
    """
    from klplint.cli.listings import explain_pair, list_changed_pairs, list_pairs

    if options["diff_from"] is not None or options["patch"] is not None:
        if explain is not None:
            raise click.UsageError("--explain is about one barrier; omit --diff-from and --patch")
        if options["format"] == "html":
            raise click.UsageError("-f html shows all pairs; omit --diff-from and --patch")
        _run(list_changed_pairs, options)
    elif explain is None:
        _run(list_pairs, options)
    else:
        _run(partial(explain_pair, place=explain), options)


@main.command(short_help="Compare two reports in JSON: what only one of them has.")
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD.json")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW.json")
@compare_options
def compare(old: Path, new: Path, *, form: ListingFormat, output: Path | None) -> None:
    """Compare two reports: of `klplint check -f json`, or of `klplint pairs -f json`.

    It lists what only one of them has, also through renamed files, and what is in another state.
    One of them may be "-" for standard input.

    Exit status: 0, 1 if NEW.json has something that OLD.json does not have (or has in another
    function), or 2 for wrong usage or files that cannot be read.
    """
    from klplint.cli.compare_command import compare as run

    sys.exit(run(old, new, form, output))


@main.command()
@listing_format
@catalogue_options
def rules(form: str, **options: object) -> None:
    """List the rules: code, name, level and summary."""
    from klplint.report import rule_list

    settings = _settings(options)
    catalogue = _catalogue(settings)
    if form == "json":
        console.write(rule_list.render_json(catalogue))
        return
    width = console.appearance(settings.display).width if console.is_terminal() else None
    console.write(rule_list.render(catalogue, width))


@main.command()
@click.argument(
    "codes", nargs=-1, required=True, metavar="CODE...", shell_complete=completion.rule_code
)
@catalogue_options
def explain(codes: tuple[str, ...], **options: object) -> None:
    """Show the pages of rules, given by code or name."""
    from klplint.catalogue.load import load_catalogue
    from klplint.catalogue.select import find_rule
    from klplint.report.configured_page import configured_page

    settings = _settings(options)
    catalogue = _catalogue(settings)
    rules = dict.fromkeys(find_rule(catalogue, code).code for code in codes)
    before = {rule.code: rule for rule in load_catalogue(map(Path, settings.rules))}
    page = "\n".join(configured_page(find_rule(catalogue, code), before[code]) for code in rules)
    if console.is_terminal():
        from klplint.report import rule_page

        page = rule_page.render(page, console.appearance(settings.display))
    console.write(page)


@main.command(short_help="Show the settings in force, and where each comes from.")
@config_options
@check_options
@selection_options
@catalogue_options
def config(form: str, *, schema: bool, **options: object) -> None:
    """Show each setting that `check` would use with these PATHs and options, and its origin.

    The origin is `default`, the line of a configuration file, or an option. A dash stands for no
    value.
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


@main.group(cls=Group)
def cache() -> None:
    """Inspect or clear the cache."""


@cache.command()
@cache_options
def info(**options: object) -> None:
    """Show where the cache is, what it contains, and how large it is."""
    from klplint.cache.directory import describe

    console.write("".join(f"{line}\n" for line in describe(_cache_directory(options))))


@cache.command()
@cache_options
def clear(**options: object) -> None:
    """Remove everything that klplint caches."""
    from klplint.cache.directory import empty

    directory = _cache_directory(options)
    console.write(f"{directory}: {empty(directory) / (1 << 20):,.1f} MiB freed\n")


@main.command(
    short_help="Run as kbuild's checker for each file that is compiled.",
    options_metavar="[OPTION]... --kbuild",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[FLAG]... FILE")
@kbuild_options
@catalogue_options
def kbuild(words: tuple[str, ...], **options: object) -> None:
    """Run as kbuild's checker: make C=1 CHECK="klplint [OPTION]... --kbuild".

    kbuild adds flags and a file. Findings go to standard error.

    Exit status: 0 even if there are findings, so that the build goes on, unless --fail-on is
    given; 2 for wrong usage or a file that cannot be read.
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


@main.command(short_help="Run as a language server, for findings in an editor.")
@lsp_options
@catalogue_options
def lsp(*, linter: bool, **options: object) -> None:
    """Run as a language server on standard input and output; editors start it.

    It needs the extra `lsp`: pip install "klplint[lsp]". Settings are read for each file as
    `klplint check FILE` reads them.
    """
    from klplint.cli import lsp_command

    lsp_command.lint(options) if linter else lsp_command.serve()


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
