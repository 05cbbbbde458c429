"""Text of a kernel for a page: what a browser would reorder or hide is made visible."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from klplint.printable import visible

_LONGEST = 400
"""Longer lines are cut: they are data, and a page shows only the part around the marks."""
_AROUND = 160
_BEYOND_UTF16 = "\uffff"

Span = tuple[int, int]
"""A part of a line for JavaScript, which counts in units of UTF-16."""


class Line(msgspec.Struct, frozen=True):
    """A line as a page shows it, with the marked parts."""

    text: str
    spans: tuple[Span | None, ...]
    """A span for each part to be marked; None if it was cut off."""


def source_line(text: str, parts: Sequence[tuple[int, int]] = ()) -> Line:
    """A line of source text; each part has two columns, counted from 1, the end exclusive."""
    start, end = 0, len(text)
    if end > _LONGEST:
        start = max(0, parts[0][0] - 1 - _AROUND) if parts else 0
        end = min(end, start + _LONGEST)
    cut = text[start:end]
    before, after = "…" * (start > 0), "…" * (end < len(text))
    spans = [_span(cut, first - 1 - start, last - 1 - start, len(before)) for first, last in parts]
    return Line(f"{before}{shown(cut)}{after}", tuple(spans))


def shown(text: str) -> str:
    """Text with pictures of control characters, and names of those that reorder or hide others."""
    if text.isprintable():
        return text
    return "".join(each if each == "\t" else visible(each) for each in text)


def _span(text: str, start: int, end: int, shift: int) -> Span | None:
    """Where a part of the text is when it is shown."""
    if not 0 <= start < len(text):
        return None
    first, last = (_units(shown(text[:offset])) for offset in (start, max(end, start + 1)))
    return first + shift, last + shift


def _units(text: str) -> int:
    return len(text) + sum(each > _BEYOND_UTF16 for each in text)
