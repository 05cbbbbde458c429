"""The list of rules: code, name, level and summary."""

from __future__ import annotations

from collections.abc import Sequence

from klplint.catalogue.rule import Rule
from klplint.report.terminal_cells import wrap

_NARROWEST = 20
"""The narrowest column for summaries."""


def render(rules: Sequence[Rule], width: int | None = None) -> str:
    """The list of `rules`, in columns: one line a rule, or at most `width` columns wide."""
    headers = [rule.header for rule in rules]
    widths = [max(len(getattr(h, key)) for h in headers) for key in ("code", "name", "level")]
    lines = []
    for header in headers:
        cells = zip((header.code, header.name, header.level), widths, strict=True)
        start = "".join(f"{cell.ljust(cell_width)}  " for cell, cell_width in cells)
        if width is None:
            lines.append(start + header.summary)
        else:
            room = max(_NARROWEST, width - len(start))
            first, *rest = wrap(header.summary, room, room)
            lines += [start + first, *(" " * len(start) + line for line in rest)]
    return "".join(f"{line}\n" for line in lines)
