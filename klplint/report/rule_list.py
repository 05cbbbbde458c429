"""The list of rules: code, name, level and summary."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from klplint.catalogue.rule import Rule
from klplint.report.terminal_cells import wrap

_NARROWEST = 20
"""The narrowest column for summaries."""

JSON_VERSION = 1
"""The version of the JSON form; it changes if a field is renamed or removed."""


class _Rule(msgspec.Struct, frozen=True):
    """A rule, as programs get it; keys may be added."""

    code: str
    name: str
    level: str
    precision: str
    summary: str
    description: str
    tags: tuple[str, ...]
    help_uri: str
    optional: bool


def render_json(rules: Sequence[Rule]) -> str:
    """The list of `rules` as one JSON object, indented."""
    listed = [
        _Rule(**{name: getattr(rule.header, name) for name in _Rule.__struct_fields__})
        for rule in rules
    ]
    document = {"version": JSON_VERSION, "rules": listed}
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


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
