"""Expressions compared by structure: what counts as the same, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.expressions import canonical, identifier, possible_values

TOKENS = [
    *(
        "a",
        "b",
        "1",
        "'c'",
        '"s"',
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "*",
        "&",
        "!",
        "-",
        "++",
        "?",
        ":",
    ),
    *(",", "=", "==", "->", ".", ";", "#", "struct", "int", "sizeof", "return", "typedef", "const"),
    *("__user", "\\", "\n", "$", '"', "'"),
]


@pytest.mark.parametrize(
    "text",
    [
        "current",
        "(current)",
        "((current))",
        "(struct task_struct *)current",
        "(task_t *)(current)",
        "(const task_t *)current",
        "(struct task_struct __user *)current",
        " current\n",
        "\\ current",
        "(void *)(struct task_struct *)(current)",
    ],
)
def test_casts_and_parentheses_do_not_matter(text: str) -> None:
    assert canonical(text) == "current"
    assert identifier(text) == "current"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("get_current()", "get_current( )", True),
        ("a->b", "a -> b", True),
        ("f(a,b)", "f(a, b)", True),
        ("a + b", "b + a", False),
        ("current", "currents", False),
        ("*current", "current", False),
        ("a->current", "current", False),
        ("current, task", "current", False),
        ("f(current)", "current", False),
    ],
)
def test_expressions_are_the_same_if_their_structure_is(one: str, other: str, same: bool) -> None:
    assert None not in (canonical(one), canonical(other))
    assert (canonical(one) == canonical(other)) is same


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("current", {"current"}),
        ("a ? current : (t)", {"current", "t"}),
        ("a ? b : c ? d : e", {"b", "d", "e"}),
        ("t = current", {"current"}),
        ("t = u = (task_t *)current", {"current"}),
        ("t += 1", {"t += 1"}),
        ("(task_t *)(a ? b : c)", {"b", "c"}),
        ("f(a ? b : c)", {"f((a) ? (b) : (c))"}),
    ],
)
def test_the_values_that_an_expression_may_have(text: str, values: frozenset[str]) -> None:
    assert possible_values(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a ?: b",
        "a)(b",
        "a); (void)(b",
        "a); } void g(void) { (void)(b",
        ")",
        "(",
        "__attribute__((x)) a",
        "#pragma a",
    ],
)
def test_what_is_no_plain_expression_has_no_value(text: str) -> None:
    assert canonical(text) is None
    assert possible_values(text) is None
    assert identifier(text) is None


@pytest.mark.parametrize("text", ["f()", "a->b", "a[1]", "1", "a + b", "&a", "'a'"])
def test_what_is_more_than_a_name_is_no_identifier(text: str) -> None:
    assert canonical(text) is not None
    assert identifier(text) is None


def test_parentheses_in_literals_do_not_count() -> None:
    assert canonical("f(')', \"(\")") == "f(')', \"(\")"


@pytest.mark.parametrize(
    "text",
    [
        "!" * 1500 + "a",
        "(" * 1000 + "a" + ")" * 1000,
        "a = " * 900 + "a",
        "a ? a : " * 400 + "a",
        "a + " * 900 + "a",
        "a" + "(a)" * 900,
        "x" * 100_000,
        "(" + "const" * 790 + "*",
    ],
    ids=lambda text: text[:8],
)
def test_expressions_too_deep_for_a_person_are_unreadable_at_worst(text: str) -> None:
    assert canonical(text) in (None, text)
    assert possible_values(text) is None or len(text) < 4000
    assert identifier(text) is None


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    form = canonical(text)
    values = possible_values(text)
    assert (form is None) == (values is None)
    assert identifier(text) in (None, form)
    if form is not None:
        assert canonical(f"({text})") == form
        assert canonical(form) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("~((t *)'c')", "~((t *) 'c')"),
        ('(t *)"s" + 1', '((t *) "s") + 1'),
        ("a ? (t *)-1 : b", "(a) ? ((t *) (-1)) : (b)"),
        ("f((current) * (1), (t *)p)", "f(current * 1, (t *) p)"),
        ("f((a) & (b), (t *)p)", "f(a & b, (t *) p)"),
    ],
)
def test_a_cast_to_a_pointer_makes_no_other_name_a_type(text: str, form: str) -> None:
    assert canonical(text) == form
    assert canonical(form) == form
