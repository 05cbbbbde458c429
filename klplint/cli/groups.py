"""Groups of commands: which command is meant, and how what goes wrong in one is told."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from klplint.cli import console
from klplint.errors import KlplintError

_TRACEBACK = "KLPLINT_TRACEBACK"
_KBUILD = "--kbuild"
_INTERRUPTED = 128 + signal.SIGINT  # as shells have it


class _UsageProblem(click.ClickException):
    """A KlplintError as click shows it: one sentence on standard error, exit status 2."""

    exit_code = KlplintError.exit_status

    def show(self, file: object = None) -> None:
        click.echo(f"klplint: {self.format_message()}", err=True)


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        console.write(ctx.get_help() + "\n")
        ctx.exit()


class _Command(click.Command):
    """A command that tells where its help cannot be written."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class Group(_Command, click.Group):
    """A group of such commands."""

    command_class = _Command


class DefaultGroup(Group):
    """A group whose first word may be left out: `klplint PATH` is `klplint check PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the command that was left out, then parse as click does."""
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
        """Run the command; whatever goes wrong is told in a sentence."""
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
    except KlplintError as error:
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
