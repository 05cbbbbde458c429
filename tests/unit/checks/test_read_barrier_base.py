"""Where a comment at a barrier is shown."""

from __future__ import annotations

import pytest

from klplint.barriers.reading import Reading
from klplint.checks.read_barrier_base import comment_place
from klplint.facts.file_facts import Comment, FileFacts
from klplint.facts.region import Region
from tests.support.work import ends_soon


# A pattern that begins again at each space of a long row takes minutes.
@pytest.mark.parametrize(
    ("text", "line", "columns"),
    [
        ("/* pairs with f() */", 3, (12, 26)),
        ("/*\n * pairs  with\n * f()\n */", 4, (4, 15)),
        ("/* pairs with \\\n * f() */", 3, (12, 22)),
        ("// f() *", 3, (12, 17)),
        pytest.param(f"/* a{' ' * 200_000}b */", 3, (12, 200_014), id="spaces"),
        pytest.param(f"/* {'a' * 200_000} */", 3, (12, 200_012), id="letters"),
    ],
)
def test_the_first_line_with_words(text: str, line: int, columns: tuple[int, int]) -> None:
    comment = Comment(text=text, region=Region(3, 9, 9, 1), place="above", gap=0)
    with ends_soon():
        (shown,) = comment_place(
            Reading("none", "none", source=comment), FileFacts(path="a.c", occurrences=())
        )
    assert (shown.region.line, (shown.region.column, shown.region.end_column)) == (line, columns)
