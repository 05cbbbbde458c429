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
from klplint.cli.groups import options_by_heading
from klplint.cli.options import HEADINGS

_CODE = re.compile(r"`([^`]*)`")
_DEFAULT = re.compile(r"  (\[default: )")

_FILES = {
    "klplint.toml": "Settings: the nearest one in the directory of PATH or above it.",
    "pyproject.toml": "Settings, in the table [tool.klplint].",
    "~/.cache/klplint": "The cache, unless $XDG_CACHE_HOME says otherwise; klplint cache info "
    "describes it, klplint cache clear empties it.",
}
_ENVIRONMENT = {
    "NO_COLOR, FORCE_COLOR": "Whether to use colours, unless --color says so.",
    "KLPLINT_TRACEBACK": "If set, the traceback of an internal error is printed.",
    "_KLPLINT_COMPLETE": "If set to bash_source, zsh_source or fish_source, klplint prints a "
    "script that completes its commands and options in that shell.",
}


def page() -> str:
    """The manual page as roff, the macros those of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(main, info_name="klplint", **main.context_settings)
    yield '.\\" Made by man/make_page.py from the texts of --help. Do not edit.'
    yield f'.TH KLPLINT 1 "" "klplint {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "klplint \\- lint Linux kernel sources"
    yield ".SH SYNOPSIS"
    yield "\\fBklplint\\fP [\\fICOMMAND\\fP] [\\fIOPTION\\fP]... [\\fIPATH\\fP]..."
    yield ".SH DESCRIPTION"
    yield from _prose(main.help or "")
    yield ".SH COMMANDS"
    yield from _command(main, context, {})
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
    command: click.Command, context: click.Context, described: dict[str, str]
) -> Iterator[str]:
    """A command: how it is called, what it does, and its options below their headings.

    Options that were `described` for another command, in the same words, are only listed.
    """
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(inner, click.Context(inner, context, name), described)
        return
    words = [word for word in command.collect_usage_pieces(context) if word != "[OPTIONS]"]
    yield f'.SS "{_plain(" ".join([context.command_path, "[OPTION]...", *words]))}"'
    yield from _prose(command.help or "")
    repeated: list[str] = []
    for heading, options in options_by_heading(command, context).items():
        if heading not in HEADINGS:
            continue  # --help
        repeated += [names for names, text in options.items() if described.get(names) == text]
        new = {names: text for names, text in options.items() if described.get(names) != text}
        if new:
            yield ".PP"
            yield f"\\fI{_plain(heading)}\\fP"
            yield from _definitions(new)
        described |= new
    if repeated:
        longest = [names.split(" / ")[0].split(", ")[-1].split()[0] for names in repeated]
        yield ".PP"
        yield f"Options as above: {_plain(', '.join(longest))}."


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
