"""Comments without their delimiters."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klplint.csource.comment_text import may_be_in_comment, plain_lines
from klplint.csource.lexer import Source


@pytest.mark.parametrize(
    ("comment", "lines"),
    [
        ("/* one */", [" one"]),
        ("/*one*/", ["one"]),
        ("/** one **/", [" one"]),
        ("/*! one */", [" one"]),
        ("// one", [" one"]),
        ("/* one\n * two\n */", [" one", " two", ""]),
        ("/*\n one\r\n\ttwo\r*/", ["", " one", "\ttwo", ""]),
        ("/* one \\\n * two */", [" one", " two"]),
        ("// one \\\n// two", [" one", " two"]),
        ("/* CPU 0    CPU 1 */", [" CPU 0    CPU 1"]),
        ("/* one", [" one"]),
        ("/**/", [""]),
        ("/***/", [""]),
        ("/* a * b\n   ** c **/", [" a * b", " c"]),
    ],
)
def test_lines_without_what_draws_the_comment(comment: str, lines: list[str]) -> None:
    assert plain_lines(comment) == lines


PIECES = st.sampled_from(
    ["word", "other", " ", "\n", "\r\n", "/*", "*/", "/*/", "//", "\\\n", '"', "'", "x"]
)


@given(st.lists(PIECES).map("".join))
@example("/*/ word */")
@example("/* */ // word")
def test_a_word_in_a_comment_is_never_overlooked(text: str) -> None:
    source = Source(text)
    spans = [
        span for span in source.comments if re.search(r"\bword\b", text[span.start : span.end])
    ]
    if any("\\" not in text[span.start : span.start + 2] for span in spans):
        assert may_be_in_comment(text, "word")


def test_a_word_in_code_alone_is_not_in_a_comment() -> None:
    assert not may_be_in_comment("/* x */\nint word(void);\nword_2(); /* word_2 */", "word")
    assert may_be_in_comment("// x \\\nword", "word")
