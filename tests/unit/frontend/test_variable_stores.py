"""The stores of a watched variable, and the comments before definitions."""

from __future__ import annotations

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.variable_stores import VariableStore
from klplint.frontend.headings import heading_of
from klplint.frontend.variable_stores import variable_stores


def stores(body: str) -> list[VariableStore]:
    source = Source(f"static int goal = 0;\n\nvoid f(int v)\n{{\n\t{body}\n}}\n")
    return list(variable_stores(source, Outline(source), frozenset({"goal"}), ["WRITE_ONCE"]))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("goal = v;", "v"),
        ("goal = !goal;", "!goal"),
        ("WRITE_ONCE(goal, v + 1);", "v + 1"),
    ],
)
def test_what_stores_the_variable(body: str, value: str) -> None:
    (store,) = stores(body)
    assert (store.function, store.value) == ("f", value)


@pytest.mark.parametrize("body", ["v = goal;", "if (goal == v) v = 0;", "p->goal = v;", "g(goal);"])
def test_what_does_not(body: str) -> None:
    assert stores(body) == []


def test_the_calls_behind_a_store() -> None:
    (store,) = stores("before();\n\tgoal = v;\n\tsmp_wmb();\n\tstart(v);\n\tsmp_wmb();")
    assert store.calls == ("smp_wmb", "start")


def heading(text: str) -> str:
    return heading_of(Source(text), text.index("name("))


def test_the_comment_before_a_function() -> None:
    assert heading("/* One. */\nvoid name(int a)\n{\n}\n") == "/* One. */"
    assert heading("int x; /* Of x. */\n/* Two. */\nextern void name(int a);\n") == "/* Two. */"
    assert heading("/* Three. */\nint x;\nvoid name(int a);\n") == ""
