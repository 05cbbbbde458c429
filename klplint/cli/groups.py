"""Groups of commands: which command is meant, and how errors in one are reported."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from klplint.cli import console
from klplint.cli.options import HEADINGS
from klplint.errors import KlplintError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_EXHAUSTED = {
    errno.EMFILE: "too many open files; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this system; close other programs",
    errno.ENOMEM: "memory ran out; lower --jobs, or raise the limit (ulimit -v)",
    errno.EAGAIN: "no process can be started; lower --jobs, or raise the limit (ulimit -u)",
    errno.ELIBACC: "libclang cannot be loaded",
}
"""What the system may have too little of, whatever the run is doing."""
_TRACEBACK = "KLPLINT_TRACEBACK"
_DEFAULT = "check"
_NAMES_WIDTH = 24
"""The columns for the names of options; longer ones are on a line above their help."""
_UNCUT = 1000
_KBUILD = "--kbuild"
_INTERRUPTED = 128 + signal.SIGINT
"""The exit status after Ctrl-C, as shells have it."""


class _ReportedError(click.ClickException):
    """An error as click shows it: one sentence on standard error, exit status 2."""

    exit_code = KlplintError.exit_status

    def show(self, file: object = None) -> None:
        click.echo(f"klplint: {self.format_message()}", err=True)


def _show_help(ctx: click.Context, _: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        console.write(ctx.get_help() + "\n")
        ctx.exit()


class _Command(click.Command):
    """A command whose help has headings, and fails as other output does if it cannot be written."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options below their headings, and the helps of all in one column."""
        for heading, options in options_by_heading(self, ctx).items():
            rows = [(names.ljust(_NAMES_WIDTH), text) for names, text in options.items()]
            with formatter.section(heading):
                formatter.write_dl(rows, col_max=_NAMES_WIDTH)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


def options_by_heading(command: click.Command, ctx: click.Context) -> dict[str, dict[str, str]]:
    """The options of a command below headings: the names of each, and its help."""
    records = {
        option.opts[-1]: record
        for option in command.get_params(ctx)
        if isinstance(option, click.Option) and (record := option.get_help_record(ctx))
    }
    sections = {
        heading: dict(records.pop(name) for name in names if name in records)
        for heading, names in HEADINGS.items()
    }
    used = {heading: options for heading, options in sections.items() if options}
    return {**used, ("Other options" if used else "Options"): dict(records.values())}


class Group(_Command, click.Group):
    """A group of such commands, which its help lists in the order of their definition."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with a whole sentence: click would cut it to one line."""
        rows = [(name, each.get_short_help_str(_UNCUT)) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class DefaultGroup(Group):
    """A group whose command may be omitted: `klplint PATH` is `klplint check PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the command that was omitted, then parse as click does."""
        if not args and ctx.resilient_parsing:  # a shell asks what the first word may be
            return super().parse_args(ctx, args)
        options = {name for option in self.get_params(ctx) for name in (*option.opts, "--help")}
        if not args or (args[0] not in self.commands and args[0] not in options):
            args = [_DEFAULT, *args]
        if _KBUILD in args:
            args = _kbuild_call(args)
        with _reported():
            return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What the first word may be: a file, a command, an option of check or of the group."""
        from click.shell_completion import CompletionItem

        items = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            return [CompletionItem(incomplete, type="file"), *items]
        default = self.commands[_DEFAULT]
        with click.Context(default, parent=ctx, info_name=_DEFAULT) as inner:
            of_default = default.shell_complete(inner, incomplete)
        options = {item.value for item in of_default}
        return [*(item for item in items if item.value not in options), *of_default]

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; any error is reported in a sentence."""
        with _reported(), _interruptible():
            return super().invoke(ctx)


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Report any error to the user in a sentence, and end with an exit status."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KeyboardInterrupt:
        click.echo("klplint: interrupted", err=True)
        raise click.exceptions.Exit(_INTERRUPTED) from None
    except KlplintError as error:
        raise _ReportedError(str(error)) from None
    except MemoryError:
        raise _ReportedError(_EXHAUSTED[errno.ENOMEM]) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a sentence
        if os.environ.get(_TRACEBACK):
            sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            detail = f" ({error.strerror})" if error.errno == errno.ELIBACC else ""
            raise _ReportedError(f"{_EXHAUSTED[error.errno]}{detail}") from None
        raise _ReportedError(
            f"internal error: {type(error).__name__}: {error}; "
            f"please report it, with the output of {_TRACEBACK}=1"
        ) from None


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Turn Ctrl-C into an exception where it would end the process, so that files are cleaned up.

    Where the caller made the process ignore it (nohup), it stays ignored.
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
    """A call with --kbuild as one of the command kbuild: the words after it are not options."""
    place = args.index(_KBUILD)
    options = args[1:place] if args[0] in (_DEFAULT, "kbuild") else args[:place]
    return ["kbuild", *options, "--", *args[place + 1 :]]
