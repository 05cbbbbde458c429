"""The sections in which --help lists the options of a command that has many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

_FEW = 12
"""Up to this many options are listed without sections."""
_SECTIONS = {
    "Rules": ("select", "ignore", "rules"),
    "Files": ("exclude", "kernel", "arch", "compile_commands"),
    "Findings": ("baseline", "diff_from", "patch", "show_suppressed", "reason", "apply"),
    "Output": (
        *("format", "form", "schema", "output", "sarif_output", "json_output", "markdown_output"),
        *("quiet", "color", "progress", "statistics"),
    ),
    "Exit status": ("fail_on", "exit_zero", "strict"),
    "Processes and cache": ("jobs", "cache", "cache_dir"),
}
_REST = "Other options"


def sections(parameters: Iterable[click.Parameter]) -> Iterator[tuple[str, list[click.Parameter]]]:
    """The options of a command by section, those of no section last."""
    options = [each for each in parameters if isinstance(each, click.Option)]
    if len(options) <= _FEW:
        yield "Options", [*options]
        return
    titles = {name: title for title, names in _SECTIONS.items() for name in names}
    for title in (*_SECTIONS, _REST):
        listed: list[click.Parameter] = [
            each for each in options if titles.get(each.name or "", _REST) == title
        ]
        if listed:
            yield title, listed
