"""The commands; run.py does the work. Besides, only cli_* and completion use click."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from klplint import __version__
from klplint.cache.directory import describe, empty
from klplint.catalogue.rule import Rule, find_rule
from klplint.cli import console, run
from klplint.cli import kbuild as checker
from klplint.cli.completion import rule_code
from klplint.cli.groups import DefaultGroup, Group
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
from klplint.compare.comparison import default_paths
from klplint.config import origins
from klplint.config.json_schema import render as render_schema
from klplint.config.settings import (
    Settings,
    config_start,
    expect_one_comparison,
    find_config,
    merged,
    read_config,
)
from klplint.errors import UsageError, nearest
from klplint.report import FORMATS, LISTING_FORMATS

# A run makes many values that live to its end: to look through them for garbage time and again
# costs a twentieth of a run that finds nothing changed.
_GARBAGE = 200_000


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
    sys.exit(_run(run.check, paths, config, isolated, options))


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
    file = Path(words[-1]) if words else Path()
    _expect_folder()
    _expect_signals()
    found = _configuration((file,), config, isolated)
    with _placed(found, options):
        sys.exit(checker.check(words, _settings(found, options)))


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
    found, chosen = _configuration(paths, config, isolated), _chosen(options)
    listed = origins.settings_in_force(found, chosen)
    settings = _settings(found, options)
    rules = run.catalogue(settings)
    _expect_there(paths, settings)
    with _placed(found, options):
        expect_one_comparison(settings)
        run.selected(rules, settings)
    console.write(_schema(rules) if schema else origins.render(listed, form))


def _schema(rules: Iterable[Rule]) -> str:
    """The schema of klplint.toml; what the options of check say is what it says of the keys."""
    helps = {
        parameter.name.replace("_", "-"): (parameter.help or "").partition("  [default")[0]
        for parameter in check.params
        if isinstance(parameter, click.Option) and parameter.name
    }
    return render_schema(rules, helps)


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
    sys.exit(_run(run.baseline, paths, config, isolated, options))


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
    sys.exit(_run(run.coverage, paths, config, isolated, options))


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def pairs(paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """List every read barrier: how its comment was read, its counterparts, and where they are.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    sys.exit(_run(run.pairs, paths, config, isolated, options))


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
    settings = _settings(_configuration((), None, False), {"cache": True, **named})
    folder = settings.cache_folder()
    assert folder is not None  # the cache was just switched on
    return folder


@main.command()
@catalogue_options
def rules(config: Path | None, isolated: bool, **options: object) -> None:
    """List the rules: code, name, level, and what each flags."""
    listed = [rule.header for rule in _rules(config, isolated, options)]
    widths = [max(len(getattr(h, key)) for h in listed) for key in ("code", "name", "level")]
    lines = []
    for header in listed:
        cells = zip((header.code, header.name, header.level), widths, strict=True)
        lines.append("  ".join([*(cell.ljust(width) for cell, width in cells), header.summary]))
    console.write("".join(f"{line}\n" for line in lines))


@main.command()
@click.argument("code", shell_complete=rule_code)
@catalogue_options
def explain(code: str, config: Path | None, isolated: bool, **options: object) -> None:
    """Show the page of a rule, named by its code or its name."""
    settings = _settings(_configuration((), config, isolated), options)
    text = find_rule(run.catalogue(settings), code).page
    if sys.stdout is not None and sys.stdout.isatty():
        from klplint.report import (
            rule_page as page,  # slow to load, and only people at a terminal need it
        )

        text = page.render(text, console.style(settings))
    console.write(text)


def _rules(config: Path | None, isolated: bool, options: dict[str, object]) -> tuple[Rule, ...]:
    return run.catalogue(_settings(_configuration((), config, isolated), options))


def _run(
    command: Callable[[Sequence[Path], Settings], int],
    paths: tuple[Path, ...],
    config: Path | None,
    isolated: bool,
    options: dict[str, object],
) -> int:
    """Run a command on `paths`, the current folder if there are none."""
    gc.set_threshold(_GARBAGE)
    found = _configuration(paths, config, isolated)
    settings = _settings(found, options)
    _expect_signals()
    _expect_there(paths, settings)
    with _placed(found, options):
        return command(paths or default_paths(settings), settings)


@contextlib.contextmanager
def _placed(found: Path | None, options: dict[str, object]) -> Iterator[None]:
    """Where what a configuration file sets is refused, say so: file, line and key."""
    try:
        yield
    except UsageError as error:
        for setting in origins.settings_in_force(found, _chosen(options)):
            if setting.key == error.setting and setting.origin == "file":
                raise UsageError(f"{setting.place}: {setting.key}: {error}") from None
        raise


def _expect_there(paths: tuple[Path, ...], settings: Settings) -> None:
    """UsageError for a PATH that is not there, the current folder included.

    With a patch, a PATH may be one that the patch creates: that is seen later.
    """
    _expect_folder()
    for path in paths:
        try:
            path.lstat()
        except FileNotFoundError:
            word = str(path)
            if word in main.commands:
                said = f"the command comes before its options: klplint {word} ..."
            else:
                hint = nearest(word, main.commands)
                if settings.patch is not None and not hint:
                    continue
                said = "no such file or folder" + (f", and no command{hint}" if hint else "")
            raise UsageError(f"{word}: {said}") from None
        except OSError:
            continue  # it will be told why


def _expect_folder() -> None:
    """UsageError where there is no current folder."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder was removed; go to another one") from None


def _expect_signals() -> None:
    """Take a signal to end as an exception, so that no half-written file stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def _settings(found: Path | None, options: dict[str, object]) -> Settings:
    """The settings in force: defaults, then the configuration file, then the command line."""
    return merged(read_config(found) if found else Settings(), _chosen(options))


def _configuration(paths: tuple[Path, ...], config: Path | None, isolated: bool) -> Path | None:
    """The configuration file that counts: the one that is named, else the nearest."""
    return config if config or isolated else find_config(config_start(paths))


def _chosen(options: dict[str, object]) -> dict[str, object]:
    """Options with the words of lists apart: each may hold several codes, with commas between."""
    chosen = dict(options)
    for key in ("select", "ignore"):
        words = options.get(key)
        if isinstance(words, tuple):
            chosen[key] = tuple(w.strip() for word in words for w in word.split(",") if w.strip())
    return chosen
