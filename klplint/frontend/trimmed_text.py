"""A file's text with only those parts that libclang has to read.

It is parsed behind a precompiled header, where most of the time goes into function bodies and into
the headers that are not precompiled. The text is made of tokens alone: this module knows neither
clang nor how headers are precompiled.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from klplint.csource.if_conditions import conditions_at, guards_of
from klplint.csource.lexer import Span, blanked
from klplint.csource.outline import Body, Outline, Use
from klplint.csource.version_conditions import depends_on_more

_INCLUDES = ("include", "include_next", "import")
# Conditions that the command line decides, not a header.
_FIXED = frozenset(f"defined({name})" for name in ("__KERNEL__", "__ASSEMBLY__", "__ASSEMBLER__"))
_PARENTHESIS = re.compile(r"[()]")
_BEFORE = re.compile(r"(\w+)\s*\Z")
# What may stand before a parenthesis and is not the name of a macro.
_NOT_MACROS = frozenset({"if", "while", "for", "switch", "return", "sizeof", "case"})
_LONGEST_NAME = 100


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


def texts_around(outline: Outline, uses: Iterable[Use]) -> list[TrimmedText]:
    """Texts of a file in which to look for `uses`, one after the other: the shortest first.

    The last one is `trimmed_around`. Those before it do without the headers that are not
    precompiled. They lack types, so a use may not be found in them. There are none of these where
    a header could change what is found: whether a use is compiled, what the function around it is
    called, or what a macro does with it.
    """
    whole = trimmed_around(outline, uses)
    code = [use for use in uses if outline.source.directive_at(use.start) is None]
    if not all(_needs_no_header(outline, use) for use in code):
        return [whole]
    without = TrimmedText(_without_includes(outline, whole.text), whole.functions)
    bodies = [outline.body_at(use.start) for use in code]
    if None in bodies:
        return [without, whole]
    kept = [Span(body.head, body.end) for body in dict.fromkeys(bodies) if body]
    functions = blanked(without.text, _code_outside(outline, kept))
    return [TrimmedText(functions, whole.functions), without, whole]


def _needs_no_header(outline: Outline, use: Use) -> bool:
    """Whether no header changes what a use is, unless it defines the name of its function."""
    body, source = outline.body_at(use.start), outline.source
    guards = guards_of(source)
    asked = [c.text for c in conditions_at(source, use.start) if c.at not in guards]
    if depends_on_more(text for text in asked if text not in _FIXED):
        return False
    return body is None or not (body.macro or _is_in_argument(source.statements, body, use))


def _is_in_argument(text: str, body: Body, use: Use) -> bool:
    """Whether a use is in an argument of a call, which may be that of a macro."""
    opened: list[int] = []
    for match in _PARENTHESIS.finditer(text, body.start, use.start):
        if match[0] == "(":
            opened.append(match.start())
        elif opened:
            opened.pop()
    names = (_BEFORE.search(text, max(at - _LONGEST_NAME, 0), at) for at in opened)
    return any(name and name[1] not in _NOT_MACROS for name in names)


def _without_includes(outline: Outline, text: str) -> str:
    return blanked(text, (d for d in outline.source.directives if d.keyword in _INCLUDES))


def _code_outside(outline: Outline, kept: Iterable[Span]) -> Iterator[Span]:
    """What is not in the spans `kept`, sorted by their starts, and not a directive."""
    start = 0
    for span in kept:
        yield from _code_between(outline, start, span.start)
        start = max(start, span.end)
    yield from _code_between(outline, start, len(outline.source.text))


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
    return _code_between(outline, body.start + 1, body.end - 1)


def _code_between(outline: Outline, start: int, end: int) -> Iterator[Span]:
    """The parts of a text between two offsets that are not directives."""
    directives = outline.source.directives
    first = bisect_left(directives, start, key=lambda directive: directive.start)
    for directive in islice(directives, first, None):
        if directive.start >= end:
            break
        yield Span(start, directive.start)
        start = directive.end
    yield Span(start, end)
