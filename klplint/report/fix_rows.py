"""A fix in the text format: what it does, and a short diff."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from klplint.findings.fix import Fix
from klplint.printable import one_line
from klplint.report.excerpt import Page
from klplint.report.terminal_cells import view

_FIX_STYLE = "bold green"
_OLD_STYLE = "red"
_NEW_STYLE = "green"


def fix_rows(fix: Fix, file: str, page: Page) -> Iterator[Text]:
    """The rows for a fix of a finding in `file`: its title, then the lines of each edit."""
    yield page.row(None)
    review = "" if fix.safe else ", to be reviewed"
    yield page.row(None, (f"fix: {one_line(fix.title)}{review}", _FIX_STYLE))
    for edit in fix.edits:
        place = "" if edit.file == file else f"{one_line(edit.file)}:"
        yield page.row(None, f"{place}{edit.region.line}" if place else f"line {edit.region.line}")
        for sign, style, lines in (
            ("-", _OLD_STYLE, edit.old_lines),
            ("+", _NEW_STYLE, edit.new_lines),
        ):
            for line in lines:
                shown = view(line, [(0, 1)], page.room - 2).text
                yield page.row(None, (f"{sign} ", style), shown)
