"""Which functions of the tree take or drop locks."""

from __future__ import annotations

import pytest

from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.lock_effects import LockEffects
from tests.support.definitions import tree_of

KINDS = (
    LockKind(name="a", acquire=("take_a", "try_a"), release=("drop_a",), acquire_if=("try_*",)),
    LockKind(name="b", acquire=("take_b*",), release=("drop_b",)),
)


def effects(**files: dict[str, list[str]]) -> tuple[bool, bool]:
    """Whether `f` of a.c takes, and drops, a lock of kind a."""
    tree = tree_of({name.replace("_", "."): functions for name, functions in files.items()})
    kind, _ = LockEffects(KINDS, "a.c", tree).kinds(["f"])
    return "f" in kind.acquire, "f" in kind.release


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        (["take_a"], (True, False)),
        (["other", "drop_a"], (False, True)),
        (["take_a", "drop_a"], (False, False)),
        (["?take_a"], (True, False)),
        (["try_a"], (False, False)),
        (["take_c"], (False, False)),
    ],
)
@pytest.mark.parametrize("file", ["a_c", "b_h"])
def test_what_only_takes_or_only_drops_a_lock_counts_as_that(
    file: str, called: list[str], expected: tuple[bool, bool]
) -> None:
    assert effects(**{"a_c": {}, file: {"f": called}}) == expected


def test_callees_are_followed_in_the_file_and_two_definitions_deep_in_others() -> None:
    chain = {"f": ["f1"], "f1": ["f2"], "f2": ["f3"], "f3": ["take_a"]}
    assert effects(a_c=chain) == (True, False)
    assert effects(a_c={}, b_c={"f": ["f1"], "f1": ["take_a"]}) == (True, False)
    assert effects(a_c={}, b_c={"f": ["f1"]}, c_h={"f1": ["take_a"]}) == (True, False)
    assert effects(a_c={}, b_c=chain) == (False, False)


def test_a_callee_that_takes_and_drops_changes_nothing() -> None:
    assert effects(a_c={"f": ["take_a", "g"], "g": ["take_a", "drop_a"]}) == (True, False)
    assert effects(a_c={"f": ["g"], "g": ["take_a", "drop_a"]}) == (False, False)
    assert effects(a_c={"f": ["take_a", "g"], "g": ["drop_a"]}) == (False, False)


def test_a_function_with_many_calls_is_expected_to_drop_what_it_takes() -> None:
    many = [f"call_{number}" for number in range(12)]
    assert effects(a_c={"f": ["take_a", *many[:-1]]}) == (True, False)
    assert effects(a_c={"f": ["take_a", *many]}) == (False, False)
    assert effects(a_c={"f": ["take_a", "g"], "g": [*many, "take_a"]}) == (True, False)
    assert effects(a_c={"f": ["take_a", "g"], "g": [*many, "drop_a"]}) == (False, False)


def test_a_kind_that_only_says_what_is_held_is_taken_by_no_callee() -> None:
    kinds = (LockKind(name="said", acquire=("assert_a",), release=(), any_release=True),)
    tree = tree_of({"a.c": {"f": ["assert_a"]}})
    assert LockEffects(kinds, "a.c", tree).kinds(["f"]) == kinds


def test_a_chain_of_thousands_of_functions_ends() -> None:
    chain = {f"f{number}": [f"f{number + 1}"] for number in range(3000)}
    assert effects(a_c={"f": ["f0"], **chain, "f3000": ["take_a"]}) == (False, False)


def test_functions_that_call_each_other_end() -> None:
    assert effects(a_c={"f": ["g"], "g": ["f", "drop_a"]}) == (False, True)


def test_the_definition_in_the_file_hides_others() -> None:
    assert effects(a_c={"f": []}, b_c={"f": ["take_a"]}) == (False, False)


def test_variants_without_an_effect_do_not_matter_but_contradictions_do() -> None:
    assert effects(a_c={}, b_h={"f": ["take_a"]}, c_h={"f": []}) == (True, False)
    assert effects(a_c={}, b_h={"f": ["take_a"]}, c_h={"f": ["drop_a"]}) == (False, False)


def test_only_what_has_to_be_known_is_asked_for() -> None:
    tree = tree_of({"a.c": {"f": ["g", "take_a"], "g": ["f"]}})
    asked = LockEffects(KINDS, "a.c", tree).queries(["f", "take_b_irq"])
    assert {query.name for query in asked} == {"f", "g"}


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        (["take_a"], True),
        (["try_a"], True),
        (["f"], True),
        (["far"], True),
        (["take_a", "drop_a"], False),
        (["other"], False),
        (["take_a", "drop_b"], True),
        ([], False),
    ],
)
def test_a_class_holds_a_lock_if_its_constructor_takes_one(
    called: list[str], expected: bool
) -> None:
    files: dict[str, dict[str, list[str]]] = {
        "a.c": {"own": []},
        "b.h": {"class_x_constructor": called, "f": ["take_a"]},
        "c.c": {"far": ["farther"], "farther": ["take_b_now"]},
    }
    effects = LockEffects(KINDS, "a.c", tree_of(files))
    assert effects.is_lock_class("x") is expected
    assert not effects.is_lock_class("y")


def test_a_guard_in_a_function_ends_with_it() -> None:
    x = {"class_x_constructor": ["take_a"]}
    assert effects(a_c={"f": ["guard x"]}, b_h=x) == (False, False)
    assert effects(a_c={"f": ["guard x", "take_a"]}, b_h=x) == (True, False)


def test_what_constructors_call_is_asked_for() -> None:
    tree = tree_of({"a.c": {}, "b.h": {"class_x_constructor": ["take_a", "f"]}})
    asked = LockEffects(KINDS, "a.c", tree).class_queries("x")
    assert [query.name for query in asked] == ["class_x_constructor", "f"]
