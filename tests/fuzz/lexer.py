"""The lexer and the outline: spans are within the text and in order, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from klplint.csource.brackets import closing, split_arguments
from klplint.csource.includes import includes_in
from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline
from klplint.csource.suppressions import find_suppressions
from klplint.csource.words import words_in
from klplint.source_text import decode_source
from tests.fuzz import seeds
from tests.fuzz.harness import Harness, pieces

_LARGEST = 256
_NAME = re.compile(r"[A-Za-z_]\w*")
_MOST_NAMES = 8
_CONTINUED = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)")
"""What may split a name."""


def check(data: bytes) -> None:
    """Compare the tokens and the outline of a text with what has to hold for each text."""
    text = decode_source(data)
    source = Source(text)
    assert (source.comments, source.strings) == _hidden(text)
    _expect_ordered(source.comments, text)
    _expect_ordered(source.strings, text)
    _expect_ordered(source.directives, text)
    _expect_ordered(source.comment_blocks, text)
    for blanked in (source.code, source.skeleton, source.statements):
        assert len(blanked) == len(text)
        assert all(a in (b, " ") for a, b in zip(blanked, text, strict=True))
    for offset in range(0, len(text) + 1, 7):
        assert source.offset(*source.position(offset)) == offset
        assert offset <= source.next_visible(offset) <= len(text)
    _check_outline(source)
    suppressions = find_suppressions(source)
    assert [s.region for s in suppressions] == sorted(s.region for s in suppressions)
    includes_in(data)


def _check_outline(source: Source) -> None:
    text = source.text
    outline = Outline(source)
    _expect_ordered(outline.bodies, text)
    _expect_ordered(outline.macros, text)
    for body in outline.bodies:
        assert text[body.start] == "{"
        assert text[body.end - 1] == "}"
        assert body.head <= body.start
        assert outline.body_at(body.start) == body
        assert body.name in text[body.head : body.start]
    for macro in outline.macros:
        assert macro.start < macro.body <= macro.end
    names = frozenset(dict.fromkeys(_NAME.findall(source.skeleton)[:_MOST_NAMES]))
    for use in outline.uses(names):
        assert _CONTINUED.sub("", text[use.start : use.end]) == use.name
        assert use.end <= use.close <= len(text)
        assert all(use.end < a.start <= a.end < use.close for a in use.arguments or ())
        if use.arguments is not None:
            opened = source.skeleton.index("(", use.end) + 1
            assert closing(source.skeleton, opened) == use.close
            assert split_arguments(source.skeleton, opened) == (use.arguments, use.close)
    for name in names:
        at = [m.start() for m in re.finditer(rf"(?<!\w){name}(?!\w)", source.text)]
        assert list(words_in(source.text, name)) == at


def _expect_ordered(spans: Sequence[Span], text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))


def _hidden(text: str) -> tuple[list[Span], list[Span]]:
    """The comments and the literals of a text, found one character after the other."""
    comments, literals = list[Span](), list[Span]()
    place = 0
    while place < len(text):
        if text.startswith("/*", place):
            end = text.find("*/", place + 2)
            end = len(text) if end < 0 else end + 2
            comments.append(Span(place, end))
        elif text.startswith("//", place):
            end = _line_comment_end(text, place)
            comments.append(Span(place, end))
        elif text[place] in "\"'":
            end = _literal_end(text, place)
            literals.append(Span(place, end))
        else:
            end = place + 1
        place = end
    return comments, literals


def _line_comment_end(text: str, place: int) -> int:
    while place < len(text) and text[place] not in "\r\n":
        continued = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)").match(text, place)
        if continued:
            place = continued.end()
        elif text[place] == "\\":
            # The character behind a backslash is part of the comment, and no line end here.
            place += 2 if text[place + 1 : place + 2] not in ("\r", "\n", "") else 1
        else:
            place += 1
    return min(place, len(text))


def _literal_end(text: str, place: int) -> int:
    quote = text[place]
    place += 1
    while place < len(text):
        if text[place] == "\\":
            place += 3 if text.startswith("\r\n", place + 1) else 2
        elif text[place] == quote:
            return place + 1
        elif text[place] in "\r\n":
            return place
        else:
            place += 1
    return len(text)


HARNESS = Harness(
    check=check,
    seeds=lambda: pieces(seeds.sources(), _LARGEST),
    words=(
        *(b"/*", b"*/", b"//", b"\\\n", b"\\ \n", b"\r\n", b'"', b"'", b"#", b"#define f(a, b) "),
        *(b"#if ", b"#else\n", b"#endif\n", b"#include <", b"\n{\n", b"\n}\n", b"void f(int a)\n"),
        *(b"klplint: ignore[KLP001] ", b"SYSCALL_DEFINE1(", b"__attribute__((", b"\xc3\xa9", b"("),
    ),
    largest=_LARGEST,
)
