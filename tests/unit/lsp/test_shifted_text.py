"""The text of the run that reads what a change needs."""

from __future__ import annotations

import pytest

from klplint.lsp.shifted_text import with_other_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int a;\nint b;\n", "int a;\n\nint b;\n"),
        (
            '/* a\n * b\n */\n#include <a.h>\n#define A \\\n\t1\n\nint a;\n#include "b.h"\n',
            '/* a\n * b\n */\n#include <a.h>\n#define A \\\n\t1\n\nint a;\n\n#include "b.h"\n',
        ),
        ("int a;\r\nint b;\r\n", "int a;\r\n\nint b;\r\n"),
        ("#include <a.h>", "#include <a.h>\n"),
        ("int a;", "int a;\n"),
        ("", "\n"),
    ],
)
def test_a_line_is_added_behind_the_first_line_of_code(text: str, expected: str) -> None:
    assert with_other_lines(text) == expected
