"""Suppressions: how comments are read, and which lines they are for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.suppressions import checked, find_suppressions
from klplint.facts.file_facts import Suppression
from klplint.facts.region import Region


def got(text: str) -> list[tuple[tuple[str, ...], str, tuple[int, ...], str]]:
    """Codes, reason, lines and fault of the suppressions in a text."""
    return [(s.codes, s.reason, s.lines, s.fault) for s in find_suppressions(Source(text))]


# Reading


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("/* klplint: ignore[KLP003] a reason */", ("KLP003",), "a reason"),
        ("// klplint: ignore[KLP003] a reason", ("KLP003",), "a reason"),
        ("/*klplint:ignore[KLP003]a reason*/", ("KLP003",), "a reason"),
        ("/** klplint : ignore [ KLP003 ]: a [good] reason */", ("KLP003",), "a [good] reason"),
        ("/* klplint: ignore[KLP001, KLP003] why */", ("KLP001", "KLP003"), "why"),
        ("/* klplint: ignore[KLP001 KLP003,KLP001] -- why */", ("KLP001", "KLP003"), "why"),
        ("/*\n * klplint: ignore[KLP001,\n * KLP003] a\n * b\n */", ("KLP001", "KLP003"), "a b"),
        ("#define A \\\n/* klplint: ignore[KLP003] a \\\n * b */ \\\nb", ("KLP003",), "a b"),
        ("/* klplint: ignore[KLP003] Grund: größer als 漢 */", ("KLP003",), "Grund: größer als 漢"),
        ("/* klplint: ignore[KLP003] left open", ("KLP003",), "left open"),
    ],
)
def test_what_is_well_written(comment: str, codes: tuple[str, ...], reason: str) -> None:
    (suppression,) = find_suppressions(Source(comment))
    assert (suppression.codes, suppression.reason, suppression.fault) == (codes, reason, "")


@pytest.mark.parametrize(
    ("comment", "fault"),
    [
        ("klplint: ignore[KLP003]", "the reason is missing"),
        ("klplint: ignore[KLP003] -- ...", "the reason is missing"),
        ("klplint: ignore[] reason", "the brackets are empty"),
        ("klplint: ignore[ , ] reason", "the brackets are empty"),
        ("klplint: ignore reason", "ignore has no rule code"),
        ("klplint: ignore", "ignore has no rule code"),
        ("klplint: ignore[KLP003 reason", "the bracket is not closed"),
        ("klplint: ingore[KLP003] reason", 'unknown keyword "ingore" (did you mean igno'),
        ("klplint: ignore-next[KLP003] reason", 'unknown keyword "ignore-next"'),
        ("klplint: Ignore[KLP003] reason", 'unknown keyword "Ignore" (did you mean igno'),
        ("klplint: [KLP003] reason", "the word ignore is missing"),
        ("klplint:", "the word ignore is missing"),
        ("klplint ignore[KLP003] reason", "the colon after klplint is missing"),
    ],
)
def test_what_is_malformed_says_why_and_how_to_write_it(comment: str, fault: str) -> None:
    for text in (f"/* {comment} */", f"// {comment}"):
        (suppression,) = find_suppressions(Source(text))
        assert suppression.fault.startswith(fault)
        assert suppression.fault.endswith("; write klplint: ignore[CODE] reason")


@pytest.mark.parametrize(
    "text",
    [
        "/* klplint ignores this */",
        "/* klplint's: ignore[KLP003] reason */",
        "/* klplinter: ignore[KLP003] reason */",
        "/* see klplint: ignore[KLP003] reason */",
        '"/* klplint: ignore[KLP003] reason */"',
        "klplint: ignore[KLP003] = reason;",
        "",
    ],
)
def test_what_is_no_directive(text: str) -> None:
    assert got(text) == []


PIECES = [
    "klplint",
    ":",
    " ",
    "ignore",
    "[",
    "]",
    "KLP003",
    ",",
    "*",
    "/",
    "\n",
    "\\",
    "-",
    "é",
    "//",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60))
def test_any_comment_can_be_read(inside: str) -> None:
    for text in (f"/*{inside}*/", f"//{inside}", f"a;/*klplint:{inside}\nb;", inside):
        last = Source(text).position(len(text))[0]
        for suppression in find_suppressions(Source(text)):
            assert suppression.fault or (suppression.codes and suppression.reason)
            assert suppression.lines
            assert set(suppression.lines) <= set(range(suppression.region.line, last + 2))


# Which lines

D, E, SHORT = (f"/* klplint: ignore[KLP00{n}] why */" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{D}\nf();\ng();", [(1, 2)]),
        (f"f();\n\t{D}\n\ng();", [(2, 3)]),
        (f"f(); {D}\ng();", [(1,)]),
        (f"{D} f();\ng();", [(1,)]),
        (f"/* a */ {D} /* b */\ng();", [(1, 2)]),
        ("/*\n * klplint: ignore[KLP001]\n * why\n */\ng();", [(1, 2, 3, 4, 5)]),
        ("/* klplint: ignore[KLP001]\n why */ f();\ng();", [(1, 2)]),
        ("f(); /* klplint: ignore[KLP001]\n why */\ng();", [(1,)]),
        (f"{D}\n{E}\n\t{SHORT}\nf();", [(1, 4), (2, 4), (3, 4)]),
        (f"{D}\n{E} f();\ng();", [(1, 2), (2,)]),
        (f"{D}\nf(); {E}\ng();", [(1, 2), (2,)]),
        (f"{D} {E}\nf();", [(1, 2), (1, 2)]),
        (f"{D}\n/* klplint: a fault */\nf();", [(1, 3), (2, 3)]),
        (f"{D}\n/* a */\nf();", [(1, 2)]),
        (f"#define F() \\\n\t{D} \\\n\tf(); \\\n\tg()", [(2, 3)]),
        (f"#define F() \\\n\t{D}\t\\\n\t{E}\\\r\n\tf(); \\\n\tg()", [(2, 4), (3, 4)]),
        (f"#define F() \\\n\tf(); {D} \\\n\tg()", [(2,)]),
        (f"{D}\r\nf();\r\n", [(1, 2)]),
        (D, [(1, 2)]),
    ],
)
def test_the_lines_that_a_suppression_is_for(text: str, lines: list[tuple[int, ...]]) -> None:
    assert [suppression[2] for suppression in got(text)] == lines


def suppression(codes: str, *lines: int, fault: str = "") -> Suppression:
    return Suppression(
        codes=tuple(codes.split()),
        reason="why",
        region=Region(1, 1, 1, 9),
        lines=lines,
        fault=fault,
    )


def test_an_unknown_code_is_a_fault_and_the_nearest_is_named() -> None:
    expected_ones = frozenset({"KLP001", "XYZ001"})
    right, wrong, faulty = checked(
        [suppression("KLP001", 1), suppression("KLP001 XYZ01", 1), suppression("A", 1, fault="b")],
        expected_ones,
    )
    assert right.fault == ""
    assert wrong.fault.startswith('unknown rule code "XYZ01" (did you mean XYZ001?)')
    assert faulty.fault == "b"
