"""Which calls are guards, by the definitions of classes and macros."""

from __future__ import annotations

import pytest

from klplint.facts.queries import Definition
from klplint.facts.statements import Call
from klplint.livepatch.guard_effects import GuardEffects
from klplint.livepatch.guards import Guards
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.lock_effects import LockEffects
from tests.support.definitions import HERE, answering, function, mention

KINDS = (LockKind(name="a", acquire=("take",), release=("drop",)),)
GUARDS = Guards(("guard", "scoped_guard", "own_guard"), ("mutex*",))


def macro(name: str, body: str, *calls: str, parameters: tuple[str, ...] = ()) -> Definition:
    return Definition(
        kind="macro",
        name=name,
        path="b.h",
        region=HERE,
        body=body,
        parameters=parameters,
        calls=tuple(map(mention, calls)),
    )


DEFINITIONS = (
    function("b.h", "class_lock_constructor", ["take"]),
    function("b.h", "class_count_constructor", ["get"]),
    macro("MUTEX", "guard(mutex)(m)", "guard mutex"),
    macro("LOCK", "guard(lock)(x)", "guard lock"),
    macro("COUNT", "guard(count)(x)", "guard count"),
    macro("OF", "guard(class)(x)", "guard class", parameters=("class", "x")),
    macro("INDIRECT", "OF(what, x)", "OF what x", parameters=("what",)),
    macro("WITH", "scoped_guard(count, x)", "scoped_guard count x"),
    macro("BLOCK", "do { { guard(mutex)(m); } go(); } while (0)", "guard mutex", "go"),
    macro("LONG", "", "guard mutex"),
    macro("ITSELF", "ITSELF(x)", "ITSELF x"),
    function("b.h", "called", ["guard mutex"]),
)


def effects() -> GuardEffects:
    tree = answering(DEFINITIONS, ["a.c", "b.h"])
    return GuardEffects(GUARDS, LockEffects(KINDS, "a.c", tree))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("guard mutex", True),
        ("guard lock", True),
        ("guard count", False),
        ("guard unknown", False),
        ("CLASS lock x", True),
        ("ACQUIRE count x", False),
        ("own_guard &x->lock", True),
        ("MUTEX", True),
        ("LOCK", True),
        ("COUNT", False),
        ("OF lock x", True),
        ("OF count x", False),
        ("INDIRECT lock", True),
        ("INDIRECT count", False),
        ("BLOCK", False),
        ("LONG", False),
        ("ITSELF x", False),
        ("called", False),
        ("take", False),
    ],
)
def test_what_holds_a_lock_until_a_scope_ends(text: str, expected: bool) -> None:
    name, *arguments = text.split()
    call = Call(name, tuple(arguments), HERE)
    assert effects().guards([call]).holds(call) is expected


def test_a_macro_of_a_guard_is_one_whatever_its_class() -> None:
    names = ("MUTEX", "COUNT", "WITH", "INDIRECT", "BLOCK", "ITSELF", "called")
    macros = effects()
    assert list(filter(macros.is_macro_of_guard, names)) == ["MUTEX", "COUNT", "WITH", "INDIRECT"]


def test_what_decides_is_asked_for() -> None:
    calls = [Call("guard", (name,), HERE) for name in ("mutex", "count", "unknown")]
    calls += [Call("OF", ("other", "x"), HERE), Call("INDIRECT", ("lock",), HERE)]
    asked = {query.name for query in effects().queries(calls)}
    assert asked >= {"class_count_constructor", "get", "class_unknown_constructor", "OF"}
    assert asked >= {"class_other_constructor", "class_lock_constructor"}
    assert "class_mutex_constructor" not in asked
