"""Rich renderables as plain or coloured text, whatever the environment says."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text
from rich.theme import Theme

from klplint.report.base import Appearance


def console(appearance: Appearance) -> Console:
    """A console that writes nowhere, in the colours and the width that `appearance` asks for."""
    return Console(
        file=io.StringIO(),
        force_terminal=appearance.colour,
        force_jupyter=False,
        color_system="standard" if appearance.colour else None,
        no_color=not appearance.colour,
        width=appearance.width,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        # rich puts code on a black ground, which looks odd in a terminal that is not black.
        theme=Theme({"markdown.code": "bold cyan"}),
        _environ={},
    )


def as_text(sections: Iterable[RenderableType], appearance: Appearance) -> str:
    """The sections, one below the other, without spaces at the ends of lines."""
    page = console(appearance)
    with page.capture() as captured:
        for section in sections:
            page.print(section, soft_wrap=isinstance(section, str | Text))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
