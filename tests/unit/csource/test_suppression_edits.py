"""Suppressions added to a text: where they stand, and that nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.suppression_edits import add_suppressions
from klplint.csource.suppressions import find_suppressions

D, DE = "/* klplint: ignore[KLP001] why */", "/* klplint: ignore[KLP001, KLP002] why */"


def edited(text: str, *lines: int) -> str:
    result = add_suppressions(text, {line: {"KLP001"} for line in lines}, "why")
    assert result.impossible == ()
    return result.text


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("f();\n", 1, f"{D}\nf();\n"),
        ("a;\n\tf();\nb;\n", 2, f"a;\n\t{D}\n\tf();\nb;\n"),
        ("a;\r\n    f();\r\n", 2, f"a;\r\n    {D}\r\n    f();\r\n"),
        ("a;\rf();\r", 2, f"a;\r{D}\rf();\r"),
        ("a;\n\tf();", 2, f"a;\n\t{D}\n\tf();"),
        ("a;\r\nf();", 2, f"a;\r\n{D}\r\nf();"),
        ("f();", 1, f"{D}\nf();"),
        ("\ufefff();\n", 1, f"\ufeff{D}\nf();\n"),
        ("#define F() \\\n\tf(); \\\n\tg()\n", 2, f"#define F() \\\n\t{D} \\\n\tf(); \\\n\tg()\n"),
        ("#define F() \\\r\n\tf()\r\n", 2, f"#define F() \\\r\n\t{D} \\\r\n\tf()\r\n"),
        ("#define F() f() \\\n\tg()\n", 1, f"{D}\n#define F() f() \\\n\tg()\n"),
        ("if (a &&\n    f())\n", 2, f"if (a &&\n    {D}\n    f())\n"),
        ("/* pairs */\nf();\n", 2, f"/* pairs */\n{D}\nf();\n"),
        ("\udcff\udcfe;\n\tf(); /* \udcff */\n", 2, f"\udcff\udcfe;\n\t{D}\n\tf(); /* \udcff */\n"),
        (
            "/* klplint: ignore[KLP003] a */\nf();\n",
            2,
            f"/* klplint: ignore[KLP003] a */\n{D}\nf();\n",
        ),
        ("a;\f\v\x85\u2028\nf();\n", 2, f"a;\f\v\x85\u2028\n{D}\nf();\n"),
    ],
)
def test_the_comment_stands_above_the_line_like_the_line(
    text: str, line: int, expected: str
) -> None:
    assert edited(text, line) == expected


def test_several_codes_share_a_comment_and_lines_keep_their_order() -> None:
    result = add_suppressions("f();\ng();\n", {2: {"KLP002", "KLP001"}, 1: {"KLP001"}}, "why")
    assert result.text == f"{D}\nf();\n{DE}\ng();\n"


def test_a_long_reason_is_wrapped() -> None:
    reason = " ".join(["the device orders its own writes"] * 6)
    text = add_suppressions("\t\tf();\n", {1: {"KLP001"}}, reason).text
    lines = text.split("\n")
    assert lines[0] == "\t\t/*"
    assert lines[-3] == "\t\t */"
    assert max(len(line.expandtabs(8)) for line in lines) <= 100
    (suppression,) = find_suppressions(Source(text))
    assert (suppression.codes, suppression.reason) == (("KLP001",), reason)
    in_macro = add_suppressions("#define F \\\n\tf()\n", {2: {"KLP001"}}, reason).text
    assert all(line.endswith(" \\") for line in in_macro.split("\n")[:-2])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/* a\n * b\n */ f();\n", 2),
        ("/* a\n * b */ f();\n", 2),
        ('char *s = "a\\\nb";\n', 2),
        ("// a \\\nb\nf();\n", 2),
        ("f();\n", 3),
    ],
)
def test_where_no_comment_can_be_added_nothing_changes(text: str, line: int) -> None:
    result = add_suppressions(text, {line: {"KLP001"}}, "why")
    assert (result.text, result.impossible) == (text, (line,))
    both = add_suppressions(f"g();\n{text}", {1: {"KLP001"}, line + 1: {"KLP001"}}, "why")
    assert (both.text, both.impossible) == (f"{D}\ng();\n{text}", (line + 1,))


PIECES = [
    "f();",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\\\n",
    "/*",
    "*/",
    "//",
    '"',
    "'",
    "#define X ",
    "\udcff",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.dictionaries(st.integers(1, 12), st.sets(st.sampled_from(["KLP001", "XYZ002"]), min_size=1)),
)
def test_nothing_but_comments_is_added(text: str, wanted: dict[int, set[str]]) -> None:
    result = add_suppressions(text, wanted, "why")
    before, after = (t.split("\n") for t in (text, result.text))
    rest = iter(after)
    assert all(line in rest for line in before)  # each line is still there, in this order
    done = {line: codes for line, codes in wanted.items() if line not in result.impossible}
    assert len(after) - len(before) <= len(done)
    again = add_suppressions(result.text, {}, "why")
    assert again.text == result.text
    suppressions = find_suppressions(Source(result.text))
    for codes in done.values():
        assert all(any(code in s.codes for s in suppressions) for code in codes)
