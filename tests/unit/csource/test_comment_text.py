"""Comments without their delimiters."""

from __future__ import annotations

import pytest

from klplint.csource.comment_text import plain_lines


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
