"""The lexer: what is comment, literal, directive and code, in real, odd and random texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klplint.csource import lexer
from klplint.csource.lexer import Source, Span
from tests.support.work import Meter, counted_source, growth

# Characters that mean something to the lexer, far more often than chance would bring them.
ODD_TEXT = st.text(st.sampled_from("/*\\\"'#\n\r \t\0ax{}();é\U0001f600"), max_size=60)
PIECES = {
    "comment": [
        "/* a */",
        "/**/",
        "/* // \" ' # */",
        "/* over\n# two */",
        "/***/",
        "// it's \\\n on",
    ],
    "string": ['"s"', '"/* no */"', r'"\""', "'\"'", r"'\''", '"//"', '""', '"a\\\nb"'],
    "code": ["x = 1;", "f(a)", "{", "}", "a / b", "a * b", "é", "a \\\n b"],
    "directive": ["#define A 1", "  # if 0", "#endif", "#define B \\\n 2", "#", "#\\\r\nif 1"],
}


def texts(source: Source, spans: list[Span]) -> list[str]:
    return [source.text[span.start : span.end] for span in spans]


def line_ends(text: str) -> list[tuple[int, str]]:
    return [(place, char) for place, char in enumerate(text) if char in "\r\n"]


@given(ODD_TEXT | st.text(max_size=40))
@example("/*")
@example('"\\')
@example("#")
def test_any_text_is_blanked_in_place(text: str) -> None:
    source = Source(text)
    for blanked in (source.code, source.skeleton, source.statements):
        assert len(blanked) == len(text)
        assert line_ends(blanked) == line_ends(text)
        assert all(new in (old, " ") for new, old in zip(blanked, text, strict=True))


@given(ODD_TEXT)
def test_what_stands_outside_comments_and_literals_is_left_alone(text: str) -> None:
    source = Source(text)
    for offset, char in enumerate(text):
        if not source.comment_at(offset) and not source.string_at(offset):
            assert source.skeleton[offset] == char


@given(ODD_TEXT)
def test_nothing_of_comments_and_literals_is_left_but_quotes(text: str) -> None:
    source = Source(text)
    for offset, char in enumerate(source.skeleton):
        if source.comment_at(offset) or source.string_at(offset):
            assert char in " \r\n\"'"


@given(ODD_TEXT)
def test_spans_are_ordered_and_apart(text: str) -> None:
    source = Source(text)
    hidden = sorted([*source.comments, *source.strings], key=lambda span: span.start)
    for spans in (hidden, source.directives):
        assert all(one.end <= two.start for one, two in pairwise(spans))
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


@given(ODD_TEXT)
def test_positions_are_offsets_and_back(text: str) -> None:
    source = Source(text)
    positions = [source.position(offset) for offset in range(len(text) + 1)]
    assert [source.offset(*position) for position in positions] == list(range(len(text) + 1))
    assert positions == sorted(positions)


@given(ODD_TEXT)
def test_lines_are_those_of_the_text(text: str) -> None:
    lines = re.split(r"\r\n|\n|\r", text)
    starts = [Source(text).offset(number, 1) for number in range(1, len(lines) + 2)]
    assert [text[a:b].rstrip("\r\n") for a, b in pairwise(starts)] == lines
    assert starts[-1] == len(text)


@given(st.lists(st.sampled_from([(k, p) for k, pieces in PIECES.items() for p in pieces])))
def test_a_generated_program_is_split_as_it_was_generated(
    parts: list[tuple[str, str]],
) -> None:
    text = ""
    expected: dict[str, list[Span]] = {kind: [] for kind in PIECES}
    for kind, piece in parts:
        start = len(text) + len(piece) - len(piece.lstrip())
        text += piece
        expected[kind].append(Span(start, len(text)))
        text += "\n"
    source = Source(text)
    assert source.comments == expected["comment"]
    assert source.strings == expected["string"]
    assert [Span(d.start, d.end) for d in source.directives] == expected["directive"]


@pytest.mark.parametrize(
    ("text", "skeleton"),
    [
        ('a "/*" b /* "c */ d', 'a "  " b          d'),
        ("a /* b", "a     "),
        ('a "b {\n}', 'a "   \n}'),
        ("a 'b {\\' c\n}", "a '       \n}"),
        ("a // b \\\n c\nd", "a       \n  \nd"),
        ("a // b\rc", "a     \rc"),
        ("'\\\\' /* a */ b", "'  '         b"),
        ("L\"a\" u8'b'", "L\" \" u8' '"),
    ],
)
def test_hidden_text_is_blanked(text: str, skeleton: str) -> None:
    assert Source(text).skeleton == skeleton


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("#define A\n", ["define"]),
        (" /* a */ # /* b */ if 0\n", ["if"]),
        ("/* a\n b */ #if 0\n", ["if"]),
        ("x /* a\n b */ #if 0\n", []),
        ("x #if 0\n", []),
        ("#\n", [""]),
        ("#if 0\r#endif\r", ["if", "endif"]),
        ("#if 0\r\n#endif", ["if", "endif"]),
        ("#define A # b\n# c", ["define", "c"]),
        ("#define A \\\n#b\n", ["define"]),
        ("\\\n#if 0\n", ["if"]),
        ("# \\\n if 0\n", ["if"]),
        ('"a" #if 0\n', []),
        ("#error it's /* not\n#endif", ["error", "endif"]),
        ("#\0if", [""]),
    ],
)
def test_directives_are_lines_that_begin_with_a_hash(text: str, keywords: list[str]) -> None:
    assert [directive.keyword for directive in Source(text).directives] == keywords


def test_a_directive_reaches_over_continued_lines_and_comments() -> None:
    source = Source("#define A(x) /* one\n two */ f(x); \\\n  g(x)\nh();\n")
    (directive,) = source.directives
    assert source.text[directive.end :] == "\nh();\n"
    assert directive.rest.split() == ["A(x)", "f(x);", "\\", "g(x)"]
    assert source.statements.strip() == "h();"


def test_what_stands_at_an_offset() -> None:
    source = Source("#if A /* b */\n'c'\n")
    assert source.comment_at(6) == Span(6, 13)
    assert source.comment_at(13) is None
    assert source.directive_at(12) == source.directives[0]
    assert source.directive_at(13) is None
    assert source.string_at(14) == Span(14, 17)


def test_the_next_visible_offset_is_behind_spaces_and_comments() -> None:
    source = Source("a /* b */ // c\n  d")
    assert source.text[source.next_visible(1)] == "d"
    assert source.next_visible(len(source.text)) == len(source.text)


def test_comments_that_name_a_word() -> None:
    source = Source("/* foo foo */ foo(); // food\n/* x */ // foo\n")
    assert texts(source, source.comments_naming("foo")) == ["/* foo foo */", "// foo"]
    assert source.comments_naming("absent") == []


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (lambda n: "x " + "/* a */ # " * n, 5_000),
        (lambda n: " " * n + "x" + "#" * n, 20_000),
        (lambda n: '"' * (n + 1), 20_000),
        (lambda n: "\\\n" * n, 30_000),
        (lambda n: "/*" * n, 30_000),
        (lambda n: "'\\" * n, 30_000),
        (lambda n: "#if 1\n" * n, 4_000),
    ],
    ids=["one line", "hashes", "quotes", "continuations", "comment", "escapes", "conditions"],
)
def test_a_large_odd_text_takes_no_endless_time(made: Callable[[int], str], size: int) -> None:
    def measured(size: int, meter: Meter) -> None:
        source = counted_source(made(size), meter)
        assert len(source.statements) == len(source.text)
        assert len(source.directives) <= len(source.text)

    assert growth(measured, size, lexer) < 2.3
