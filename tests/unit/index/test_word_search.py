"""The text search: names as whole words, all at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.open_names import name_pattern
from klplint.index.word_search import FewWords, Words

NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
TEXT = st.lists(st.sampled_from(["f", "f1", "_f", "F", "g", " ", "(", "*", "é", "\n", "->", "\0"]))


@given(name=NAME, before=TEXT, behind=TEXT)
def test_a_name_is_found_as_a_whole_word_as_re_finds_it(
    name: str, before: list[str], behind: list[str]
) -> None:
    content = "".join([*before, name, *behind, " ", name, *before]).encode()
    expected = [m.start() for m in re.finditer(rb"\b%s\b" % name.encode(), content)]
    for words in (Words([re.escape(name)]), FewWords([re.escape(name)])):
        assert sorted(place for _, place in words.places(content)) == expected


@given(st.lists(NAME, min_size=1, max_size=5, unique=True), TEXT)
def test_many_names_are_distinguished(names: list[str], text: list[str]) -> None:
    content = " ".join([*text, *names]).encode()
    expected = sorted(
        (name, m.start())
        for name in names
        for m in re.finditer(rb"\b%s\b" % name.encode(), content)
    )
    assert sorted(Words(names).places(content)) == expected
    assert sorted(FewWords(names).places(content)) == expected


@pytest.mark.parametrize("kind", [Words, FewWords])
def test_a_wildcard_is_found_where_its_word_begins(kind: type[Words | FewWords]) -> None:
    got = kind([name_pattern("foo_*")]).places(b"x foo_bar(); foo; xfoo_a foo_")
    assert {place for _, place in got} == {2, 25}
