"""The commands. Only here, in cli_options and in completion is click used; run.py does the work."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from klplint import __version__, console, origins, run
from klplint import kbuild as checker
from klplint.cache import describe, empty
from klplint.catalogue import Rule, find_rule
from klplint.cli_options import (
    baseline_options,
    cache_options,
    catalogue_options,
    check_options,
    config_options,
    kbuild_options,
    output_options,
    selection_options,
)
from klplint.completion import rule_code
from klplint.config import Settings, config_start, find_config, merged, read_config
from klplint.errors import UsageError, nearest
from klplint.report import FORMATS, LISTING_FORMATS
from klplint.schema import render as render_schema
from klplint.scope import default_paths

_TRACEBACK = "KLPLINT_TRACEBACK"
# A run makes many values that live to its end: to look through them for garbage time and again
# costs a twentieth of a run that finds nothing changed.
_GARBAGE = 200_000
_KBUILD = "--kbuild"
_INTERRUPTED = 128 + signal.SIGINT  # as shells have it


class _UsageProblem(click.ClickException):
    """A UsageError as click shows it: one sentence on standard error, exit status 2."""

    exit_code = run.USAGE_STATUS

    def show(self, file: object = None) -> None:
        click.echo(f"klplint: {self.format_message()}", err=True)


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(ctx.get_help() + "\n")
        ctx.exit()


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(f"klplint, version {__version__}\n")
        ctx.exit()


class _Command(click.Command):
    """A command that tells where its help cannot be written."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class _Group(_Command, click.Group):
    """A group of such commands."""

    command_class = _Command


class _DefaultGroup(_Group):
    """A group whose first word may be left out: `klplint PATH` is `klplint check PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and ctx.resilient_parsing:  # a shell asks what the first word may be
            return super().parse_args(ctx, args)
        own = {name for option in self.get_params(ctx) for name in (*option.opts, "--help")}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["check", *args]
        if _KBUILD in args:
            args = _kbuild_call(args)
        with _told():
            return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What the first word may be: a file, a command, an option of check or of the group."""
        if not incomplete.startswith("-"):
            return [
                CompletionItem(incomplete, type="file"),
                *super().shell_complete(ctx, incomplete),
            ]
        default = self.commands["check"]
        with click.Context(default, parent=ctx, info_name="check") as inner:
            of_check = default.shell_complete(inner, incomplete)
        known = {item.value for item in of_check}
        own = [i for i in super().shell_complete(ctx, incomplete) if i.value not in known]
        return [*own, *of_check]

    def invoke(self, ctx: click.Context) -> object:
        with _told(), _interruptible():
            return super().invoke(ctx)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong, the user gets a sentence and an exit status."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KeyboardInterrupt:
        click.echo("klplint: interrupted", err=True)
        raise click.exceptions.Exit(_INTERRUPTED) from None
    except UsageError as error:
        raise _UsageProblem(str(error)) from None
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            sys.excepthook(type(error), error, error.__traceback__)
        raise _UsageProblem(
            f"internal error, {type(error).__name__}: {error}; "
            f"please report it with what {_TRACEBACK}=1 prints"
        ) from None


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Take Ctrl-C as an exception, where it would end the process: there is work to put in order.

    Where a caller ignores it (nohup), so does klplint.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _kbuild_call(args: list[str]) -> list[str]:
    """A call with --kbuild as one of the command kbuild: what follows are no options of klplint."""
    place = args.index(_KBUILD)
    own = args[1:place] if args[0] in ("check", "kbuild") else args[:place]
    return ["kbuild", *own, "--", *args[place + 1 :]]


@click.group(cls=_DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
    sys.exit(_run(run.check, paths, _settings(paths, config, isolated, options)))


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
    sys.exit(checker.check(words, _settings((file,), config, isolated, options)))


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
    settings = _settings(paths, config, isolated, options)
    rules = run.catalogue(settings)
    _expect_there(paths)
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
    sys.exit(_run(run.baseline, paths, _settings(paths, config, isolated, options)))


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
    settings = _settings(paths, config, isolated, options)
    sys.exit(_run(run.coverage, paths, settings))


@main.command()
@output_options(LISTING_FORMATS)
@selection_options
@catalogue_options
def pairs(paths: tuple[Path, ...], config: Path | None, isolated: bool, **options: object) -> None:
    """List every read barrier: how its comment was read, its counterparts, and where they are.

    Exit status: 0, or 2 for wrong use or something that could not be read.
    """
    sys.exit(_run(run.pairs, paths, _settings(paths, config, isolated, options)))


@main.group(cls=_Group)
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
    settings = _settings((), None, False, {"cache": True, **named})
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
    settings = _settings((), config, isolated, options)
    text = find_rule(run.catalogue(settings), code).page
    if sys.stdout is not None and sys.stdout.isatty():
        from klplint.report import page  # slow to load, and only people at a terminal need it

        text = page.render(text, console.style(settings))
    console.write(text)


def _rules(config: Path | None, isolated: bool, options: dict[str, object]) -> tuple[Rule, ...]:
    return run.catalogue(_settings((), config, isolated, options))


def _run(
    command: Callable[[Sequence[Path], Settings], int], paths: tuple[Path, ...], settings: Settings
) -> int:
    """Run a command on `paths`, the current folder if there are none."""
    gc.set_threshold(_GARBAGE)
    _expect_signals()
    _expect_there(paths)
    return command(paths or default_paths(settings), settings)


def _expect_there(paths: tuple[Path, ...]) -> None:
    """UsageError for a PATH that is not there, the current folder included."""
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


def _settings(
    paths: tuple[Path, ...], config: Path | None, isolated: bool, options: dict[str, object]
) -> Settings:
    """The settings in force: defaults, then the configuration file, then the command line."""
    found = _configuration(paths, config, isolated)
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
