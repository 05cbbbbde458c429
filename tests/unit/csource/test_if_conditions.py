"""The #if conditions around a place: which they are, which way they have to go, which are dead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.if_conditions import Condition, conditions_at, is_dead
from klplint.csource.lexer import Source


def conditions(text: str) -> tuple[Condition, ...]:
    return conditions_at(Source(text), text.index("HERE"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HERE", []),
        ("#ifdef A\nHERE", ["defined(A)"]),
        ("#ifndef A\nHERE", ["!(defined(A))"]),
        ("#if A > 1\nHERE", ["A > 1"]),
        ("#ifdef A\n#else\nHERE", ["!(defined(A))"]),
        ("#ifndef A\n#else\nHERE", ["defined(A)"]),
        ("#if A\n#elif B\nHERE", ["!(A)", "B"]),
        ("#if A\n#elif B\n#else\nHERE", ["!(A)", "!(B)"]),
        ("#if A\n#elifdef B\nHERE", ["!(A)", "defined(B)"]),
        ("#if A\n#elifndef B\nHERE", ["!(A)", "!(defined(B))"]),
        ("#if A\n#endif\nHERE", []),
        ("#if A\nHERE\n#else\n#endif", ["A"]),
        ("#if A\n#ifdef B\nHERE", ["A", "defined(B)"]),
        ("#if A\n#if B\n#endif\nHERE", ["A"]),
        ("#if A\n#else\n#if B\n#else\nHERE", ["!(A)", "!(B)"]),
        ("#if A \\\n && B /* C\n D */ && E\nHERE", ["A && B && E"]),
        ("#if A \\\r\n && B\r\nHERE", ["A && B"]),
        ("  #  ifdef\tA\t// no\nHERE", ["defined(A)"]),
        ("/*\n#if A\n*/\nHERE", []),
        ('"\n#if A\n"\nHERE', ["A"]),
    ],
)
def test_conditions_around_a_place(text: str, expected: list[str]) -> None:
    assert [str(condition) for condition in conditions(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#endif\nHERE", []),
        ("#else\nHERE", []),
        ("#elif A\nHERE", []),
        ("#endif\n#endif\n#if A\nHERE", ["A"]),
        ("#if A\n#if B\n#endif\nHERE\n", ["A"]),
        ("#if A\n#else\n#else\nHERE", ["!(A)"]),
        ("#if A\n#else\n#elif B\nHERE", ["!(A)", "B"]),
        ("#ifdef\nHERE", ["defined()"]),
        ("#if\nHERE", [""]),
    ],
)
def test_unbalanced_and_empty_directives_do_no_harm(text: str, expected: list[str]) -> None:
    assert [str(condition) for condition in conditions(text)] == expected


@pytest.mark.parametrize(
    ("text", "arms"),
    [
        ("#ifdef A\nHERE", [True]),
        ("#ifndef A\nHERE", [True]),
        ("#if !A\nHERE", [True]),
        ("#ifdef A\n#else\nHERE", [False]),
        ("#ifndef A\n#else\nHERE", [False]),
        ("#if A\n#elifndef B\n#elif C\nHERE", [False, False, True]),
    ],
)
def test_which_arm_has_to_be_taken(text: str, arms: list[bool]) -> None:
    assert [condition.arm_is_taken for condition in conditions(text)] == arms


def test_a_condition_knows_its_directive() -> None:
    text = "#if A\n#elif B\nHERE"
    assert [text[condition.at :][:5] for condition in conditions(text)] == ["#if A", "#elif"]


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("#if 0\nHERE", True),
        ("#if (0)\nHERE", True),
        ("#if 0 /* not yet */\nHERE", True),
        ("#if 1\nHERE", False),
        ("#if 1\n#else\nHERE", True),
        ("#if 0\n#else\nHERE", False),
        ("#if 1\n#elif A\nHERE", True),
        ("#if 0\n#elif A\nHERE", False),
        ("#ifdef A\n#if 0\nHERE", True),
        ("#if 0\n#ifdef A\nHERE", True),
        ("#if 0\n#endif\nHERE", False),
        ("#if 10\nHERE", False),
        ("#ifdef A\nHERE", False),
        ("#if 0 && defined(A)\nHERE", True),
        ("#if !A && (0)\nHERE", True),
        ("#if 1 || A\n#else\nHERE", True),
        ("#if 0 || A\nHERE", False),
        ("#if 1 && A\n#else\nHERE", False),
        ("#if !(A && 0)\nHERE", False),
        ("#if B == (A && 0)\nHERE", False),
        ("#if 0 && A || B\nHERE", False),
    ],
)
def test_dead_places(text: str, dead: bool) -> None:
    assert is_dead(conditions(text)) == dead


LINES = ["#if A", "#ifdef B", "#ifndef C", "#elif D", "#else", "#endif", "x;", "#define A"]


@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_there_are_as_many_conditions_as_arms_passed_and_open(lines: list[str]) -> None:
    stack: list[list[bool]] = []  # each group: for each of its arms, whether it has a condition
    for line in lines:
        if line.startswith("#if"):
            stack.append([True])
        elif line.startswith("#el") and stack:
            stack[-1].append(line != "#else")
        elif line == "#endif" and stack:
            stack.pop()
    got = conditions("\n".join([*lines, "HERE"]))
    assert len(got) == sum(sum(arms) for arms in stack)
    assert [c.at for c in got] == sorted(c.at for c in got)
