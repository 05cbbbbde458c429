"""Names that a continued line splits."""

from __future__ import annotations

import pytest

from klplint.csource.lexer import Source
from klplint.csource.split_names import split_names

NAMES = frozenset({"switch_task"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("switch_\\\ntask(p);", [(0, 13, "switch_task")]),
        ("x switch_\\ \r\ntask(p);", [(2, 17, "switch_task")]),
        ("sw\\\nitch\\\n_task", [(0, 15, "switch_task")]),
        ("switch_task", []),
        ("switch_\\\n task", []),
        ("switch_\\\ntasks", []),
        ("re_switch_\\\ntask", []),
        ("a \\\nb", []),
        ("switch_\\/* */\ntask", []),
        ("switch_\\// \\\ntask", []),
    ],
)
def test_split_names_are_found_with_their_whole_extent(
    text: str, expected: list[tuple[int, int, str]]
) -> None:
    assert list(split_names(NAMES, Source(text))) == expected
