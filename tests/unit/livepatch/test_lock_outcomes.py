"""What the result of a function says about a lock."""

from __future__ import annotations

import pytest

from klplint.csource.body_text import body_of_function, body_of_macro
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.lock_outcomes import Outcome, outcome_of

KIND = LockKind(
    name="a",
    acquire=("take", "wait"),
    release=("drop",),
    acquire_if=("try",),
    acquire_unless=("wait",),
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return try(x);", ["if"]),
        ("return !try(x);", ["unless"]),
        ("return try(x) ? 0 : -1;", ["unless"]),
        ("return wait(x);", ["unless"]),
        ("return wait(x) == 0;", ["if"]),
        ("int r = wait(x); return r;", ["unless"]),
        ("int r; r = wait(x); if (r) return r; f(); return 0;", ["unless"]),
        ("int r = try(x); if (!r) return 0; f(); return 1;", ["if"]),
        ("if (!up) return -1; take(x); return 0;", ["unless"]),
        ("take(x); if (!up) { drop(x); return false; } return true;", ["if"]),
        ("if (!up) goto out; take(x); return 1; out: return 0;", ["if"]),
        ("if (up && try(x)) return 1; return 0;", ["if"]),
        ("take(x); return up;", [None]),
        ("take(x); drop(x); return up;", []),
        ("if (try(x)) { drop(x); return 1; } return 0;", []),
        ("take(x);", []),
        ("return up;", []),
    ],
)
def test_the_outcome_of_a_body(body: str, expected: list[Outcome | None]) -> None:
    function = body_of_function("f", f"{{ {body} }}")
    assert function is not None
    assert list(outcome_of(function, KIND, returns_null=False)) == expected


def test_what_a_function_returns_that_also_returns_null_is_not_null() -> None:
    function = body_of_function("f", "{ if (!up) return NULL; take(x); return x; }")
    assert function is not None
    assert list(outcome_of(function, KIND, returns_null=True)) == ["if"]
    assert list(outcome_of(function, KIND, returns_null=False)) == [None]


def test_a_function_may_return_null_with_a_lock() -> None:
    function = body_of_function("f", "{ take(x); if (x == y) return NULL; return x; }")
    assert function is not None
    assert list(outcome_of(function, KIND, returns_null=True)) == [None]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("try(x)", ["if"]),
        ("(!try(x))", ["unless"]),
        ("({ int r = wait(x); r; })", ["unless"]),
        ("do { take(x); } while (0)", []),
    ],
)
def test_the_outcome_of_a_macro(body: str, expected: list[Outcome | None]) -> None:
    function = body_of_macro("f", body)
    assert function is not None
    assert list(outcome_of(function, KIND, returns_null=False)) == expected
