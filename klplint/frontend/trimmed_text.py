"""A file's text with only those parts that libclang has to read.

It is parsed behind a precompiled header, where most of the time goes into function bodies and into
the headers that are not precompiled. The text is made of tokens alone: this module knows neither
clang nor how headers are precompiled.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# A list behind parentheses: `type (*f(int a))(int b)`, `NAME(f)(int a)`, `type (*callback)(int a)`.
_TWO_LISTS = re.compile(r"\)\s*\(")
# What may stand before a name that is declared in parentheses: `type (*name)(int a)`.
_OPENED = re.compile(r"\([\s*]*\Z")


class TrimmedText(NamedTuple):
    """A text to parse in place of the whole file."""

    text: str
    functions: Mapping[int, str]
    """The name of the function around each use, by the use's offset."""
    has_includes: bool = False
    """Whether the headers that the file includes are read."""
    is_whole: bool = False
    """Whether this is the file as it is, in the only configuration for which it may be parsed."""

    def is_in_its_function(self, use: Use, function: str | None) -> bool:
        """Whether libclang sees a use in the function that it is written in, `function`.

        It may see another one: a macro from a header that the file does not include, but the
        precompiled header does, can give a function another name.
        """
        written = self.functions.get(use.start)
        return written is None or function is None or written == function


def texts_around(outline: Outline, uses: Sequence[Use]) -> list[TrimmedText]:
    """Texts of a file in which to look for `uses`, one after the other: the shortest first.

    The last one is `trimmed_around`. Those before it do without the headers that are not
    precompiled. They lack types, so a use may not be found in them. There are none of these where
    a header could change what is found: whether a use is compiled, what a macro does with it, or
    whether its name is declared.
    """
    whole = trimmed_around(outline, uses)
    code = [use for use in uses if outline.source.directive_at(use.start) is None]
    bodies = dict.fromkeys(outline.body_at(use.start) for use in code)
    if (
        _has_unusual_condition(outline, code)
        or _is_from_macro(outline, code, bodies)
        or _has_unusual_declarator(outline, code, bodies)
    ):
        return [whole]
    without = TrimmedText(_without_includes(outline, whole.text), whole.functions)
    if None in bodies:
        return [without, whole]
    kept = [Span(body.head, body.end) for body in bodies if body]
    functions = blanked(without.text, _code_outside(outline, kept))
    return [TrimmedText(functions, whole.functions), without, whole]


def _has_unusual_condition(outline: Outline, uses: Iterable[Use]) -> bool:
    """Whether a macro that a header may define decides whether one of `uses` is compiled."""
    source = outline.source
    guards = guards_of(source)
    asked = {c for use in uses for c in conditions_at(source, use.start) if c.at not in guards}
    return depends_on_more(c.text for c in asked if c.text not in _FIXED)


def _is_from_macro(outline: Outline, uses: Iterable[Use], bodies: Iterable[Body | None]) -> bool:
    """Whether a macro makes the head of a body, or may get one of `uses` as an argument."""
    inside = [span for body in bodies if body for span in _arguments_in(outline, body)]
    starts = [span.start for span in inside]
    places = ((use.start, bisect_left(starts, use.start) - 1) for use in uses)
    return any(body.macro for body in bodies if body) or any(
        at >= 0 and offset < inside[at].end for offset, at in places
    )


def _has_unusual_declarator(
    outline: Outline, uses: Iterable[Use], bodies: Iterable[Body | None]
) -> bool:
    """Whether a name is declared in a way that looks like a call if its type is not known.

    This may be the name of a function around one of `uses`, or the name of a use.
    """
    text = outline.source.statements
    heads = (text[body.head : body.start] for body in bodies if body)
    return any(map(_TWO_LISTS.search, heads)) or any(
        _OPENED.search(text, max(use.start - _LONGEST_NAME, 0), use.start)
        and text.startswith(")", outline.source.next_visible(use.end))
        for use in uses
    )


def _arguments_in(outline: Outline, body: Body) -> Iterator[Span]:
    """The arguments of calls in a body that are not arguments of other calls."""
    text = outline.source.statements
    opened: list[bool] = []
    first = body.start
    for match in _PARENTHESIS.finditer(text, body.start, body.end):
        at = match.start()
        if match[0] == "(":
            name = _BEFORE.search(text, max(at - _LONGEST_NAME, 0), at)
            opened.append(bool(name and name[1] not in _NOT_MACROS))
            if opened[-1] and opened.count(True) == 1:
                first = at
        elif opened and opened.pop() and True not in opened:
            yield Span(first, at)
    if True in opened:
        yield Span(first, body.end)


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
    return TrimmedText(without_other_bodies(outline, bodies), names, has_includes=True)


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
