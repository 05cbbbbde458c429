"""A file's text with only those function bodies that libclang has to read.

It is parsed behind a precompiled header, where nine tenths of the time go into function bodies.
The text is made of tokens alone: this module knows neither clang nor how headers are precompiled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from klplint.csource.lexer import Span, blanked
from klplint.csource.outline import Body, Outline, Use


class TrimmedText(NamedTuple):
    """A text to parse in place of the whole file."""

    text: str
    functions: Mapping[int, str]
    """The name of the function around each use, by the use's offset."""

    def is_in_its_function(self, use: Use, function: str | None) -> bool:
        """Whether libclang sees a use in the function that it is written in, `function`.

        It may see another one: a macro from a header that the file does not include, but the
        precompiled header does, can give a function another name.
        """
        written = self.functions.get(use.start)
        return written is None or function is None or written == function


def trimmed_around(outline: Outline, uses: Iterable[Use]) -> TrimmedText:
    """The text of a file with the bodies of functions blanked that hold none of `uses`."""
    bodies = {use.start: body for use in uses if (body := outline.body_at(use.start))}
    names = {offset: body.name for offset, body in bodies.items()}
    return TrimmedText(without_other_bodies(outline, bodies), names)


def without_other_bodies(outline: Outline, offsets: Iterable[int]) -> str:
    """The text of a file with the bodies of functions blanked that hold none of `offsets`.

    All other text keeps its place. Directives in the bodies are kept, since code further down
    may depend on what they define.
    """
    kept = {body for offset in offsets if (body := outline.body_at(offset))}
    spans = [s for b in outline.bodies if b not in kept for s in _code_in(outline, b)]
    return blanked(outline.source.text, spans)


def _code_in(outline: Outline, body: Body) -> Iterator[Span]:
    """The parts between a body's braces that are not directives."""
    start = body.start + 1
    directives = outline.source.directives
    first = bisect_left(directives, start, key=lambda directive: directive.start)
    for directive in islice(directives, first, None):
        if directive.start >= body.end:
            break
        yield Span(start, directive.start)
        start = directive.end
    yield Span(start, body.end - 1)
