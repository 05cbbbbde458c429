"""The hunk that causes a finding elsewhere, in the text format."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.text import Text

from klplint.facts.region import Region
from klplint.findings.finding import HunkPart
from klplint.printable import one_line
from klplint.report.excerpt import Mark, Page, draw
from klplint.report.terminal_cells import view

_CAUSE_STYLE = "bold blue"
_LABEL = "this change may be the cause"


def hunk_rows(hunk: HunkPart, page: Page) -> Iterator[Text]:
    """The rows for a hunk: file, header, lines, and a mark below the likeliest cause."""
    place = hunk.place
    yield page.row(None)
    where = place.file if place else hunk.file
    yield page.heading(":::", f"{one_line(where)}:{place.region.line if place else hunk.line}:1")
    yield page.row(None)
    yield page.row(None, view(hunk.header, [(0, 1)], page.room).text)
    for index, line in enumerate(hunk.lines):
        if index != hunk.at or place is None:
            yield page.row(None, view(line, [(0, 1)], page.room).text)
            continue
        region = Region(place.region.line, 1, place.region.line, len(line) + 1)
        label = place.label or _LABEL
        marked = msgspec.structs.replace(place, region=region, label=label, excerpt=line)
        yield from draw([Mark(marked, "-", _CAUSE_STYLE)], page)
