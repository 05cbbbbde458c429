"""Short bodies of macros and functions as statements."""

from __future__ import annotations

import pytest

from klplint.csource.body_text import FALSE, TRUE, body_of_function, body_of_macro
from klplint.facts.statements import (
    Assign,
    Block,
    Call,
    Event,
    Function,
    If,
    Jump,
    Label,
    Loop,
    MacroCall,
    Simple,
    Statement,
    Store,
    events_of,
    walk,
)


def short(event: Event) -> str:
    match event:
        case Call():
            return event.name
        case Assign():
            return f"{event.target}={event.value}"
        case Store():
            return f"{event.target}={event.value}"
        case MacroCall():
            return f"{event.name} in a macro"
    return f"&{event.variable}"


def events(function: Function | None) -> list[str]:
    assert function is not None
    return [short(event) for event in events_of(function.body)]


def steering(function: Function | None) -> list[type[Statement]]:
    assert function is not None
    return [type(s) for s in walk(function.body) if not isinstance(s, Simple | Block)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ return test(p); }", ["test", TRUE, FALSE]),
        ("{ return true; }", [TRUE]),
        ("{ return 0; }", [FALSE]),
        ("{ bool p = test(x); rest(1); return p; }", ["test", "p=test(x)", "rest", TRUE, FALSE]),
        ("{ r->go = test(x); f(&n); n++; }", ["test", "r->go=test(x)", "&n", "f", "n=None"]),
        ("{ a(b(), c()); }", ["b", "c", "a"]),
        ("{ n |= test(); }", ["test", "n=None"]),
        ("{ }", []),
    ],
)
def test_events_of_a_function_are_in_the_order_of_evaluation(
    text: str, expected: list[str]
) -> None:
    assert events(body_of_function("f", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ if (a()) b(); else c(); }", [If]),
        ("{ a() ? b() : c(); }", [If]),
        ("{ a() && b(); }", [If]),
        ("{ a() || b(); }", [If]),
        ("{ for (i = 0; i < n; i++) { if (a()) continue; break; } }", [Loop, If, Jump, Jump]),
        ("{ do { a(); } while (0); }", [Loop]),
        ("{ goto out; out: a(); }", [Jump, Label]),
    ],
)
def test_what_steers_is_kept(text: str, expected: list[type[Statement]]) -> None:
    assert steering(body_of_function("f", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(test(p))", ["test", TRUE, FALSE]),
        ("({ rest(); test(p); })", ["rest", "test", TRUE, FALSE]),
        ("({ test(p) })", ["test", TRUE, FALSE]),
        ("do { if (test(p)) rest(); } while (0)", ["test", "rest"]),
        ("if (test(p)) rest()", ["test", "rest"]),
    ],
)
def test_the_value_of_a_macro_counts_as_returned(text: str, expected: list[str]) -> None:
    assert events(body_of_macro("M", text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{ switch (x) { case 1: a(); } }",
        "{ return ({ a(); }); }",
        "{ for_each(x) a(); }",
        "{ a(",
        "{ } }",
        "{ " + "a(); " * 1000 + "}",
        "{ return " + "(" * 450 + "a" + ")" * 450 + "; }",
    ],
)
def test_nothing_is_said_of_what_cannot_be_read(text: str) -> None:
    assert body_of_function("f", text) is None
