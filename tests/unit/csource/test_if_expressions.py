"""The arithmetic of #if conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.if_expressions import (
    Opaque,
    Value,
    calculated_names,
    compared_with,
    evaluate,
    names_in,
    parse_condition,
)


def value(text: str, **values: Value) -> int:
    return evaluate(parse_condition(text), values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("0x1F", 31),
        ("010", 8),
        ("0b101", 5),
        ("0", 0),
        ("10UL", 10),
        ("0x10ull", 16),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("1 / 0", 0),
        ("1 << 4 | 1", 17),
        ("1 << 100000", 1 << 64),
        ("6 & 3", 2),
        ("6 ^ 3", 5),
        ("~0", -1),
        ("+3", 3),
        ("!3", 0),
        ("!!3", 1),
        ("1 ? 2 : 3", 2),
        ("0 && 1 || 1", 1),
        ("2 && 4", 1),
        ("1 == 1 != 0", 1),
        ("X", 0),
        ("defined X", 0),
        ("defined(X)", 0),
        ("KERNEL_VERSION(4, 12, 0) > KERNEL_VERSION(4, 4, 300)", 1),
        ("KERNEL_VERSION(4, 4, 300) == 0x404ff", 1),
    ],
)
def test_values_without_macros(text: str, expected: int) -> None:
    assert value(text) == expected


def test_values_of_macros() -> None:
    assert value("A + B", A=2, B=None) == 2
    assert value("defined A && !defined(B)", A=0, B=None) == 1
    assert value("A", A=7) == 7


@pytest.mark.parametrize(
    ("test", "built_in", "module", "off"),
    [
        ("IS_ENABLED", 1, 1, 0),
        ("IS_REACHABLE", 1, 1, 0),
        ("IS_BUILTIN", 1, 0, 0),
        ("IS_MODULE", 0, 1, 0),
    ],
)
def test_kbuilds_tests_of_options(test: str, built_in: int, module: int, off: int) -> None:
    text = f"{test}(CONFIG_X)"
    assert value(text, CONFIG_X=1) == built_in
    assert value(text, CONFIG_X_MODULE=1) == module
    assert value(text) == off


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1", set()),
        ("A && B > C", {"A", "B", "C"}),
        ("defined A || defined ( B )", {"A", "B"}),
        ("IS_ENABLED(CONFIG_X)", {"CONFIG_X", "CONFIG_X_MODULE"}),
        ("IS_BUILTIN(CONFIG_X)", {"CONFIG_X"}),
        ("IS_MODULE(CONFIG_X)", {"CONFIG_X_MODULE"}),
        ("LINUX_VERSION_CODE >= KERNEL_VERSION(4, 12, 0)", {"LINUX_VERSION_CODE"}),
    ],
)
def test_names_that_decide(text: str, names: set[str]) -> None:
    assert names_in(parse_condition(text)) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A B",
        "(A",
        "A)",
        "A +",
        "__has_attribute(x)",
        "__has_include(<linux/x.h>)",
        "FOO(1, 2)",
        "defined(A, B)",
        "defined 1",
        "IS_ENABLED(1)",
        "'a' == 97",
        "1.5",
        '"a"',
        "A = 1",
        "A++",
        "sizeof(long) == 8",
        "(" * 3000 + "1" + ")" * 3000,
    ],
    ids=lambda text: text[:20],
)
def test_what_cannot_be_worked_out_is_opaque(text: str) -> None:
    with pytest.raises(Opaque):
        expression = parse_condition(text)
        names_in(expression)
        evaluate(expression, {})


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("A == 3", {2, 3, 4}),
        ("3 < A", {2, 3, 4}),
        ("A < 0", {-1, 0, 1}),
        ("A > 1 << 4 || A == 2", {15, 16, 17, 1, 2, 3}),
        ("A", set()),
        ("B == 3", set()),
    ],
)
def test_numbers_that_decide_comparisons(text: str, numbers: set[int]) -> None:
    assert compared_with("A", parse_condition(text)) == numbers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A", set()),
        ("!A && (B || defined(C))", set()),
        ("A == 3 && 4 < B", set()),
        ("IS_ENABLED(CONFIG_X) && KERNEL_VERSION(1, 2, 3)", set()),
        ("A + 1", {"A"}),
        ("A == B", {"A", "B"}),
        ("A + 1 == 2", {"A"}),
        ("!(A & 4) || B", {"A"}),
        ("-A", {"A"}),
        ("A ? B : C", {"A", "B", "C"}),
    ],
)
def test_names_that_are_calculated_with(text: str, names: set[str]) -> None:
    assert calculated_names(parse_condition(text)) == names


NUMBERS = st.integers(0, 40).map(str)
OPERATORS = ["+", "-", "*", "&", "|", "^", "==", "!=", "<", ">", "<=", ">="]
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.builds(
        lambda one, operator, two: f"({one} {operator} {two})",
        inner,
        st.sampled_from(OPERATORS),
        inner,
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_arithmetic_is_that_of_any_other_language(text: str) -> None:
    assert value(text) == int(eval(text))
