"""Groups of commands: which command is meant, and how errors in one are reported."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from klplint.cli import console
from klplint.cli.option_sections import sections
from klplint.errors import KlplintError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_TRACEBACK = "KLPLINT_TRACEBACK"
_DEFAULT = "check"
_KBUILD = "--kbuild"
_INTERRUPTED = 128 + signal.SIGINT
"""The exit status after Ctrl-C, as shells have it."""


class _ReportedError(click.ClickException):
    """An error as click shows it: one sentence on standard error, exit status 2."""

    exit_code = KlplintError.exit_status

    def show(self, file: object = None) -> None:
        click.echo(f"klplint: {self.format_message()}", err=True)


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(ctx.get_help() + "\n")
        ctx.exit()


class _Command(click.Command):
    """A command whose help fails as other output does where it cannot be written."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in sections, if there are many."""
        for title, options in sections(self.get_params(ctx)):
            records = [option.get_help_record(ctx) for option in options]
            with formatter.section(title):
                formatter.write_dl([record for record in records if record is not None])


class Group(_Command, click.Group):
    """A group of such commands."""

    command_class = _Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, in whole sentences."""
        rows = [
            (name, _summary(command))
            for name, command in sorted(self.commands.items())
            if not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _summary(command: click.Command) -> str:
    """The first paragraph of a command's help. click would cut it at the first dots."""
    first, _, _ = inspect.cleandoc(command.help or "").partition("\n\n")
    return " ".join(first.split())


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
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            sys.excepthook(type(error), error, error.__traceback__)
        raise _ReportedError(
            f"internal error, {type(error).__name__}: {error}; "
            f"please report it with what {_TRACEBACK}=1 prints"
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
