"""The list of rules: code, name, level and summary, one rule a line."""

from __future__ import annotations

from collections.abc import Sequence

from klplint.catalogue.rule import Rule


def render(rules: Sequence[Rule]) -> str:
    """The list of `rules`, in columns."""
    headers = [rule.header for rule in rules]
    widths = [max(len(getattr(h, key)) for h in headers) for key in ("code", "name", "level")]
    lines = []
    for header in headers:
        cells = zip((header.code, header.name, header.level), widths, strict=True)
        lines.append("  ".join([*(cell.ljust(width) for cell, width in cells), header.summary]))
    return "".join(f"{line}\n" for line in lines)
