"""Sentences of comments: reported apart, no word lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.barriers.sentences import sentences

ODD_TEXT = st.text(st.sampled_from("ab *./\\\n\r\t-?!;:()'\"e.g"), max_size=80)


def texts(comment: str) -> list[str]:
    return [sentence.text for sentence in sentences(comment)]


def words(text: str) -> str:
    return "".join(re.findall(r"\w", text))


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("/* One. Two! Three? four; five */", ["One.", "Two!", "Three?", "four;", "five"]),
        ("/*\n * One goes\n * on. Two\n */", ["One goes on.", "Two"]),
        ("/* One\n *\n * Two */", ["One", "Two"]),
        ("/* a.b and foo.c, i.e. x, e.g. y, cf. z ... on */", None),
        ("/* See (one.) Two. */", ["See (one.)", "Two."]),
        ("/* */", []),
        ("//", []),
    ],
)
def test_sentences_end_with_marks_and_blank_lines(comment: str, expected: list[str] | None) -> None:
    whole = [comment[3:-3]]
    assert texts(comment) == (whole if expected is None else expected)


def test_a_sentence_has_the_line_of_its_first_word() -> None:
    comment = "/*\n * One goes\n * on. Two\n *\n * three: - a\n *  - b\n *  2) c\n */"
    assert [(s.text, s.line) for s in sentences(comment)] == [
        ("One goes on.", 1),
        ("Two", 2),
        ("three: - a", 4),
        ("- b", 5),
        ("2) c", 6),
    ]


def test_an_endless_sentence_is_cut() -> None:
    got = texts("/* " + "word " * 5000 + "*/")
    assert max(map(len, got)) <= 1000
    assert words("".join(got)) == "word" * 5000


@given(ODD_TEXT | st.text(max_size=60))
def test_no_word_is_lost(text: str) -> None:
    for comment in (f"/* {text} */", f"// {text}", f"/*{text}"):
        got = texts(comment)
        assert words("".join(got)) == words(comment)
        assert all(sentence == " ".join(sentence.split()) != "" for sentence in got)
