"""What may sleep: by its name, by its arguments, by what it calls."""

from __future__ import annotations

import pytest

from klplint.facts.queries import Definition
from klplint.facts.statements import Call
from klplint.livepatch.sleeping_calls import SleepData, Sleepers, SleepKind
from tests.support.definitions import HERE, answering, tree_of

KINDS = (
    SleepKind(what="", calls=("msleep*", "down*"), but=("*_trylock",), source=""),
    SleepKind(what="", calls=("*",), arguments=("GFP_KERNEL",), source=""),
    SleepKind(what="", calls=("kmalloc",), arguments=("GFP_KERNEL",), source=""),
    SleepKind(what="", calls=("may_sleep_if",), near=True, source=""),
)
DATA = SleepData(KINDS, ("wake_*", "*_trylock"))


def sleepers(here: dict[str, list[str]] | None = None, **others: dict[str, list[str]]) -> Sleepers:
    """The sleepers of a.c, which defines functions by what they call; other files do, too."""
    files = {"a.c": here or {}, **{f"{name}.c": calls for name, calls in others.items()}}
    return Sleepers(DATA, "a.c", tree_of(files))


def way(asked: Sleepers, name: str, *arguments: str) -> list[str]:
    return [step.name for step in asked.way(name, HERE, arguments)]


def test_names_and_arguments_say() -> None:
    asked = sleepers()
    assert way(asked, "msleep_interruptible", "1") == ["msleep_interruptible"]
    assert way(asked, "down_trylock") == []
    assert way(asked, "kmalloc", "4", "GFP_KERNEL | __GFP_ZERO") == ["kmalloc"]
    assert way(asked, "kmalloc", "4", "GFP_ATOMIC") == []
    assert way(asked, "xa_store", "GFP_KERNEL") == ["xa_store"]
    assert way(asked, "other") == []


def test_functions_of_the_same_file_are_followed() -> None:
    asked = sleepers({"f": ["g", "?h"], "g": ["f"], "h": ["kmalloc GFP_KERNEL"], "i": ["j"]})
    assert way(asked, "f") == ["f", "h", "kmalloc"]
    assert way(asked, "g") == ["g", "f", "h", "kmalloc"]
    assert way(asked, "i") == []


@pytest.mark.parametrize(
    ("outside", "expected"),
    [
        ({"f": ["msleep"]}, ["f", "msleep"]),
        ({"f": ["?msleep"]}, ["f", "msleep"]),
        ({"f": ["g"], "g": ["msleep"]}, ["f", "g", "msleep"]),
        ({"f": ["g"], "g": ["?msleep"]}, []),
        ({"f": ["g"], "g": ["h"], "h": ["msleep"]}, []),
        ({"f": ["may_sleep_if"]}, []),
        ({"f": ["wake_all"], "wake_all": ["msleep"]}, []),
        ({"f": ["kmalloc flags"], "kmalloc": ["msleep"]}, []),
    ],
)
def test_functions_of_other_files_are_followed_two_definitions_deep(
    outside: dict[str, list[str]], expected: list[str]
) -> None:
    assert way(sleepers(b=outside), "f") == expected
    assert way(sleepers({"own": ["f"]}, b=outside), "own")[1:] == expected


def test_steps_name_the_files_of_the_calls() -> None:
    asked = sleepers(b={"f": ["msleep"]})
    assert [step.path for step in asked.way("f", HERE, ())] == ["a.c", "b.c"]


def test_what_depends_on_its_arguments_counts_in_the_file_itself() -> None:
    asked = sleepers({"f": ["may_sleep_if"]})
    assert way(asked, "may_sleep_if") == ["may_sleep_if"]
    assert way(asked, "f") == ["f", "may_sleep_if"]


def test_what_has_to_be_known_is_asked_for_once() -> None:
    asked = sleepers({"f": ["g", "h", "msleep"], "g": ["f"]})
    calls = [Call(name, (), HERE) for name in ("f", "down")]
    assert sorted({query.name for query in asked.queries(calls)}) == ["f", "g", "h"]


def test_a_macro_may_be_another_name_for_what_sleeps() -> None:
    calls = tree_of({"a.c": {"nap": ["msleep"]}}).answers
    macro = Definition(
        kind="macro",
        name="nap",
        path="a.c",
        region=HERE,
        calls=next(iter(calls.values()))[0].calls,
        text="(msleep)",
    )
    asked = Sleepers(DATA, "a.c", answering([macro], ["a.c"]))
    assert way(asked, "nap") == ["nap", "msleep"]


@pytest.mark.parametrize("made", ["guard x", "scoped_guard x d", "CLASS x v", "ACQUIRE x v"])
def test_what_makes_an_object_of_a_class_calls_its_constructor(made: str) -> None:
    macro, *arguments = made.split()
    constructors = {"class_x_constructor": ["down"], "class_y_constructor": ["wake_up"]}
    assert way(sleepers(b=constructors), macro, *arguments) == [macro, "down"]
    assert way(sleepers({"f": [made]}, b=constructors), "f") == ["f", macro, "down"]
    assert way(sleepers(b=constructors), macro, "y", *arguments[1:]) == []
    asked = list(sleepers().queries([Call(macro, tuple(arguments), HERE)]))
    assert [query.name for query in asked] == ["class_x_constructor"]
