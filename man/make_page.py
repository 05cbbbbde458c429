"""Writes klplint(1) from the commands as click knows them: `python man/make_page.py FILE`.

The texts are those of --help, so the page says nothing else. tests/integrations/test_man_page.py
compares it with the file in git, which goes into the wheel.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from klplint import __version__
from klplint.cli.commands import main

_FIRST = "check"  # its options come first; other commands refer to them
_CODE = re.compile(r"`([^`]*)`")
_DEFAULT = re.compile(r"  (\[default: )")

_FILES = {
    "klplint.toml": "The settings: the nearest one in PATH's folder or above it.",
    "pyproject.toml": "The same, in its table [tool.klplint].",
    "~/.cache/klplint": "The cache, or below $XDG_CACHE_HOME; klplint cache shows and clears it.",
}
_ENVIRONMENT = {
    "NO_COLOR, FORCE_COLOR": "No colours, or colours, where --color does not say.",
    "KLPLINT_TRACEBACK": "With a value: the traceback of an internal error.",
    "_KLPLINT_COMPLETE": "What shells set to ask for completions: bash_source prints "
    "the script for bash, zsh_source and fish_source those for zsh and fish.",
}


def page() -> str:
    """The manual page as roff, the macros those of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(main, info_name="klplint")
    yield '.\\" Made by man/make_page.py from the texts of --help. Do not edit.'
    yield f'.TH KLPLINT 1 "" "klplint {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "klplint \\- lint Linux kernel sources"
    yield ".SH SYNOPSIS"
    yield "\\fBklplint\\fP [\\fICOMMAND\\fP] [\\fIOPTION\\fP]... [\\fIPATH\\fP]..."
    yield ".SH DESCRIPTION"
    yield from _prose(main.help or "")
    yield ".SH COMMANDS"
    told: set[tuple[str, str]] = set()
    others = sorted(name for name in main.commands if name != _FIRST)
    for name in (_FIRST, *others):
        yield from _command(
            main.commands[name], click.Context(main.commands[name], context, name), told
        )
    yield ".SH FILES"
    yield from _definitions(_FILES)
    yield ".SH ENVIRONMENT"
    yield from _definitions(_ENVIRONMENT)
    yield ".SH SEE ALSO"
    yield from _prose(
        "git(1), pre-commit, and docs/ in klplint's repository. klplint explain CODE "
        "shows the page of a rule."
    )


def _command(
    command: click.Command, context: click.Context, told: set[tuple[str, str]]
) -> Iterator[str]:
    """A command: how it is called, what it does, the options that were not told before."""
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            inner = command.commands[name]
            yield from _command(inner, click.Context(inner, context, name), told)
        return
    words = [word for word in command.collect_usage_pieces(context) if word != "[OPTIONS]"]
    yield f'.SS "{_plain(" ".join([context.command_path, "[OPTION]...", *words]))}"'
    yield from _prose(command.help or "")
    new, known = {}, []
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record in told:
            known.append(option.opts[-1])
        elif record:
            new[record[0]] = record[1]
    told.update(new.items())
    yield from _definitions(new)
    if known:
        yield ".PP"
        yield f"Options as above: {_plain(', '.join(known))}."


def _definitions(entries: dict[str, str]) -> Iterator[str]:
    for term, text in entries.items():
        yield ".TP"
        yield f"\\fB{_plain(term)}\\fP"
        yield _marked(_DEFAULT.sub(r" \1", text))


def _prose(text: str) -> Iterator[str]:
    """Paragraphs, as --help has them; what stands between backquotes is bold."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield ".PP"
        yield _marked(" ".join(paragraph.split()))


def _marked(text: str) -> str:
    """What stands between backquotes becomes bold."""
    return _CODE.sub(r"\\fB\1\\fP", _plain(text))


def _plain(text: str) -> str:
    """Text that roff prints as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = escaped.replace("'", "\\(aq").replace("~", "\\(ti").replace("^", "\\(ha")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
