"""Function bodies that hold nothing of interest, blanked: a compiler need not read them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from klplint.csource.lexer import Span, blanked
from klplint.csource.outline import Body, Outline


def without_other_bodies(outline: Outline, places: Iterable[int]) -> str:
    """The text of a source with the bodies of functions blanked that hold none of `places`.

    Everything stays where it is. Directives stay, too: others may depend on what they define.
    """
    kept = {body for place in places if (body := outline.body_at(place))}
    spans = [s for b in outline.bodies if b not in kept for s in _statements(outline, b)]
    return blanked(outline.source.text, spans)


def _statements(outline: Outline, body: Body) -> Iterator[Span]:
    """The parts between a body's braces that are no directives."""
    start = body.start + 1
    directives = outline.source.directives
    first = bisect_left(directives, start, key=lambda directive: directive.start)
    for directive in islice(directives, first, None):
        if directive.start >= body.end:
            break
        yield Span(start, directive.start)
        start = directive.end
    yield Span(start, body.end - 1)
