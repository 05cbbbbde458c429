"""The help: every option is below a heading, and nothing is cut off."""

from __future__ import annotations

import re

import click
import pytest

from klplint.cli.commands import main
from klplint.cli.groups import options_by_heading
from klplint.cli.options import HEADINGS

CONTEXT = click.Context(main, info_name="klplint", **main.context_settings)


def commands(group: click.Group = main) -> list[click.Command]:
    """The commands of a group, with those of groups in it."""
    inner: list[click.Command] = []
    for command in group.commands.values():
        inner += commands(command) if isinstance(command, click.Group) else [command]
    return inner


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name or "")
def test_every_option_is_below_a_heading(command: click.Command) -> None:
    headings = options_by_heading(command, click.Context(command, CONTEXT))
    assert list(headings) == [h for h in HEADINGS if h in headings] + [list(headings)[-1]]
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert all(option.help for option in options)
    shown = [option for option in options if not option.hidden]
    assert sum(len(headings.get(heading, ())) for heading in HEADINGS) == len(shown)


@pytest.mark.parametrize("group", [main, main.commands["cache"]], ids=lambda g: g.name or "")
def test_the_summaries_of_commands_are_whole(group: click.Group) -> None:
    text = group.get_help(click.Context(group, CONTEXT, group.name))
    assert "..." not in text.split("Commands:")[1]
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name or "")
def test_the_helps_of_options_are_in_one_column(command: click.Command) -> None:
    text = command.get_help(click.Context(command, CONTEXT, command.name))
    rows = re.finditer(r"^  -.*?\S {2,}(?=\S)", text, re.MULTILINE)
    assert {row.end() - row.start() for row in rows} == {28}
