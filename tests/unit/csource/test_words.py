"""Where a name is a word by itself."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.words import word_start, words_in

TEXT = st.text(alphabet="ab_1 .(é", max_size=30)


@given(TEXT, st.from_regex(r"[ab_][ab_1]{0,2}", fullmatch=True))
def test_a_name_is_found_where_it_is_not_a_part_of_another(text: str, name: str) -> None:
    expected = [match.start() for match in re.finditer(rf"(?<!\w){name}(?!\w)", text)]
    assert list(words_in(text, name)) == expected


def test_a_word_begins_behind_what_is_not_a_part_of_it() -> None:
    assert word_start("a + b_1", 7) == 4
    assert word_start("b_1", 3) == 0
    assert word_start("b_1", 3, 2) == 2
