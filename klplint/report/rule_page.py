"""A rule's page, laid out for a terminal."""

from __future__ import annotations

import msgspec
from rich.markdown import Markdown

from klplint.report.base import Appearance
from klplint.report.rich_text import as_text

_WIDEST = 100  # prose in longer lines is hard to read


def render(page: str, appearance: Appearance) -> str:
    """The page with headings, tables and code; links show their addresses, for copying."""
    appearance = msgspec.structs.replace(appearance, width=min(appearance.width, _WIDEST))
    code_theme = "ansi_dark" if appearance.colour else "bw"
    return as_text([Markdown(page, hyperlinks=False, code_theme=code_theme)], appearance)
